"""The policy: read by everybody, replaced by version, and in force at once for every program."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from tests.cast import ADA, ALICE, CAROL, DE, DORA, EMIL, MALLORY
from tests.workflows.searching import open_case, search, submit

from semblance.audit.entry import opens, read_entry
from semblance.cases.policy import read_default_policy
from semblance.errors import Conflict, PolicyError, PolicyInvalid, RefusedByPolicy
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.permission import Actor, Purpose
from semblance.workflows.cases.authorise import list_authorisations
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.oversight.oversight import RuleCount, read_oversight
from semblance.workflows.oversight.policy import list_policies, read_policy, replace_policy
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeNode = Callable[..., Node]

SHIPPED = read_default_policy().text
WAIVER = """
[[waivers]]
rule = "authorisation"
authorities = ["FR"]
law = "article 706 of the code of criminal procedure"
"""


def change(old: str, new: str) -> str:
    assert old in SHIPPED
    return SHIPPED.replace(old, new, 1)


def test_before_the_first_version_the_shipped_one_is_in_force(node: Node) -> None:
    found = read_policy(node, ALICE)
    assert (found.number, found.since, found.policy.text) == (0, None, SHIPPED)
    assert list_policies(node, ALICE) == ()


def test_a_version_is_in_force_at_once_also_elsewhere(make_node: MakeNode, draw: Draw) -> None:
    here, there = make_node(), make_node()
    assert read_policy(there, ALICE).number == 0
    made = replace_policy(here, DORA, change("candidates = 50", "candidates = 1"), reason="Fewer are enough")
    assert (made.number, made.person) == (1, "dora")
    assert read_policy(there, ALICE).number == 1
    assert search(there, draw("A"), limit=50).record.limit == 1


def test_every_version_is_kept_with_who_and_why(node: Node) -> None:
    first = change("record = 1826", "record = 1000")
    replace_policy(node, DORA, first, reason="A shorter time is enough")
    replace_policy(node, DORA, SHIPPED, reason="It was too short")
    versions = list_policies(node, ADA)
    assert [(one.number, one.person, one.reason) for one in versions] == [
        (2, "dora", "It was too short"),
        (1, "dora", "A shorter time is enough"),
    ]
    assert [one.text for one in versions] == [SHIPPED, first]
    with node.store.reading() as tx:
        number = ledger.read_size(tx) - 1
        data, openings = ledger.read_data(tx, number), ledger.read_openings(tx, number)
    assert data is not None
    assert read_entry(data)["action"] == "policy.replace"
    # the ledger says which file came into force
    assert any(opens(read_entry(data), one) and one.text == f"2 {versions[0].digest}" for one in openings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not = [toml", "is not valid TOML"),
        (change('"blue"', '"purple"'), "purposes.wanted-person.kinds"),
        (change("[purposes.wanted-person]", "[purposes.fishing]"), "purposes.fishing"),
        (change('roles = ["records-officer"]', 'roles = ["king"]'), "roles"),
        (change('[actions."record.create"]', '[actions."record.steal"]'), "record.steal"),
        (change("record = 1826", "record = 0"), "retention.record"),
        (change("record = 1826", 'record = "long"'), "retention.record"),
        (change("record = 1826", ""), "retention.record"),
        (change("candidates = 20", "candidates = 51"), "candidates"),
        (change("searches-per-day = 500", "searches-per-day = -1"), "searches-per-day"),
        (change("expired-record = 30", "expired-record = 30\nforever = 1"), "forever"),
        (SHIPPED + '\n[[waivers]]\nrule = "authorisation"\nauthorities = ["FR"]\nlaw = "short"\n', "law"),
        (
            SHIPPED + '\n[[waivers]]\nrule = "authorisation"\nauthorities = []\nlaw = "article 14(5) of a law"\n',
            "authorities",
        ),
        (SHIPPED + '\n[[waivers]]\nrule = "role"\nauthorities = ["FR"]\nlaw = "article 14(5) of a law"\n', "rule"),
        (SHIPPED + WAIVER.replace('"FR"', '"France"'), "authorities"),
        ("", "title"),
    ],
)
def test_a_faulty_file_changes_nothing(node: Node, text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid, match=said) as caught:
        replace_policy(node, DORA, text, reason="It is better so")
    assert "nothing was changed" in str(caught.value)
    assert read_policy(node, DORA).number == 0


def test_the_same_policy_again_is_no_version(node: Node) -> None:
    with pytest.raises(Conflict, match="in force already"):
        replace_policy(node, DORA, SHIPPED, reason="It is better so")
    with pytest.raises(PolicyError, match="Say why"):
        replace_policy(node, DORA, change("record = 1826", "record = 1"), reason="?")


@pytest.mark.parametrize("actor", [ALICE, CAROL, EMIL, ADA, MALLORY])
def test_only_the_data_protection_officer_replaces_it(node: Node, actor: Actor) -> None:
    with pytest.raises(RefusedByPolicy):
        replace_policy(node, actor, change("record = 1826", "record = 1"), reason="It is better so")
    with pytest.raises(RefusedByPolicy):
        read_policy(node, MALLORY)


def test_a_waiver_frees_its_authorities_and_is_recorded(node: Node, draw: Draw) -> None:
    replace_policy(node, DORA, SHIPPED + WAIVER, reason="Our law allows it")
    wanted = {"purpose": Purpose.WANTED_PERSON, "number": "FR-2"}
    assert search(node, draw("A"), about=wanted).record.rule == "waivers.authorisation"
    assert list_authorisations(node, CAROL, state=None) == ()
    assert read_oversight(node, DORA).ledger.waivers == (RuleCount("authorisation", 1),)
    hans = replace(ALICE, authority=DE, name="hans")
    assert search(node, draw("A"), hans, about=wanted).record.rule == "purposes.wanted-person"
    karl = replace(CAROL, authority=DE, name="karl")
    assert len(list_authorisations(node, karl, state=None)) == 1


def test_a_quota_of_searches_is_each_authority_s_day(node: Node, draw: Draw) -> None:
    replace_policy(node, DORA, change("searches-per-day = 1000", "searches-per-day = 2"), reason="A trial")
    for take in range(2):
        search(node, draw("A", take=take))
    probe = submit(node, draw("A", take=9))
    with pytest.raises(RefusedByPolicy) as refused:
        search_probe(node, ALICE, probe, reason="Found at the station")
    assert refused.value.rule == "policy.searches-per-day"


def test_a_purpose_that_is_taken_out_searches_nothing_more(node: Node, draw: Draw) -> None:
    probe = submit(node, draw("A"))
    begin = SHIPPED.index("[purposes.missing-person]")
    end = SHIPPED.index("[purposes.unidentified-person]")
    replace_policy(node, DORA, SHIPPED[:begin] + SHIPPED[end:], reason="No such cases here")
    with pytest.raises(RefusedByPolicy):
        search_probe(node, ALICE, probe, reason="Found at the station without papers")
    assert open_case(node).number == "FR-2026-17"


def test_the_deadline_of_requests_is_the_policy_s(node: Node) -> None:
    replace_policy(node, DORA, change("request-deadline = 30", "request-deadline = 10"), reason="Our law")
    asked = RequestDraft(RequestKind.ACCESS, "J. Doe, Lyon", date(2026, 3, 1), whom="myself")
    assert receive_request(node, DORA, asked).request.due_on == date(2026, 3, 11)
