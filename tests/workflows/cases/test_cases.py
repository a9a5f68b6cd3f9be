"""Cases: opened with what their purpose demands, seen by their own authority only, closed once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.cast import ADA, ALICE, BOB, CAROL, DE, DORA, EMIL, MALLORY
from tests.workflows.searching import open_case as open_short
from tests.workflows.searching import search, submit

from semblance.audit.entry import read_entry
from semblance.cases.case import CaseDraft, CaseState, Category
from semblance.errors import Conflict, NotFound, PolicyError, RefusedByPolicy
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.schema.case import case_file
from semblance.terms.permission import Actor, Purpose
from semblance.workflows.cases.cases import close_case, find_case_id, list_cases, open_case, read_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]

MISSING = CaseDraft("FR-1", Purpose.MISSING_PERSON, Category.MISSING, "to find the child", link="report 4711")
WANTED = CaseDraft("FR-2", Purpose.WANTED_PERSON, Category.SUSPECT, "to arrest him", offence="robbery")
HANS = replace(ALICE, authority=DE, name="hans")


def list_acts(node: Node) -> list[tuple[str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"]) for entry in entries]


def test_a_case_is_opened_read_and_closed(node: Node) -> None:
    made = open_case(node, ALICE, replace(MISSING, number=" FR-1 "))
    assert (made.number, made.state, made.authority, made.opened_by) == ("FR-1", CaseState.OPEN, "FR", "alice")
    assert read_case(node, CAROL, made.id).case == made
    closed = close_case(node, BOB, made.id, reason="The child is home again")
    assert closed.state is CaseState.CLOSED
    with pytest.raises(Conflict, match="not open any more"):
        close_case(node, BOB, made.id, reason="The child is home again")
    assert list_acts(node) == [("collection", "case.open"), ("consultation", "case.read"), ("alteration", "case.close")]


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        (replace(MISSING, number=" "), "case.number"),
        (replace(MISSING, number="F" * 201), "case.number"),
        (replace(MISSING, number="F\n1"), "case.number"),
        (replace(MISSING, aim="..."), "case.aim"),
        (replace(MISSING, aim="x" * 2001), "case.aim"),
        (replace(MISSING, link=""), "case.link"),
        (replace(WANTED, offence=" "), "case.offence"),
        (replace(WANTED, offence="\x1b[2J robbery"), "case.offence"),
        (CaseDraft("FR-3", Purpose.UNIDENTIFIED_BODY, Category.UNIDENTIFIED, "to name the dead"), "case.link"),
    ],
)
def test_a_case_that_does_not_say_what_it_must_is_refused(node: Node, draft: CaseDraft, rule: str) -> None:
    with pytest.raises(RefusedByPolicy) as answer:
        open_case(node, ALICE, draft)
    assert (answer.value.rule, answer.value.field) == (rule, rule.removeprefix("case."))
    assert list_acts(node) == [("refusal", "case.open")]
    assert list_cases(node, ALICE).cases == ()


def test_a_number_is_one_case_of_its_authority(node: Node) -> None:
    open_case(node, ALICE, MISSING)
    with pytest.raises(Conflict, match="'FR-1' already"):
        open_case(node, BOB, MISSING)
    theirs = open_case(node, HANS, MISSING)
    assert theirs.authority == DE


@pytest.mark.parametrize("actor", [DORA, EMIL, ADA, MALLORY])
def test_who_works_in_no_cases_opens_none(node: Node, actor: Actor) -> None:
    with pytest.raises(RefusedByPolicy):
        open_case(node, actor, MISSING)


def test_another_authority_learns_nothing(node: Node, draw: Draw) -> None:
    made = open_case(node, ALICE, MISSING)
    for act in (
        lambda: read_case(node, HANS, made.id),
        lambda: close_case(node, HANS, made.id, reason="It is not theirs"),
        lambda: submit_probe(node, HANS, made.id, draw("A"), name="a.jpg"),
        lambda: find_case_id(node, HANS, "FR-1"),
        lambda: find_case_id(node, HANS, made.id),
    ):
        with pytest.raises(NotFound) as theirs:
            act()
        with pytest.raises(NotFound) as nobodys:
            read_case(node, HANS, type(made.id)("0" * 32))
        assert str(theirs.value).replace(made.id, "X").replace("FR-1", "X") == str(nobodys.value).replace("0" * 32, "X")
    assert list_cases(node, HANS).cases == ()
    assert list_cases(node, DORA).cases == (made,)


def test_pages_of_cases_in_their_order(node: Node) -> None:
    made = [open_case(node, ALICE, replace(MISSING, number=f"FR-{n}")) for n in range(7)]
    close_case(node, ALICE, made[3].id, reason="The child is home again")
    seen, after = list[str](), None
    while True:
        page = list_cases(node, ALICE, after=after, limit=3)
        seen += [row.number for row in page.cases]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == [case.number for case in reversed(made)]
    assert [row.number for row in list_cases(node, ALICE, state=CaseState.CLOSED).cases] == ["FR-3"]


def test_a_case_shows_what_was_done_in_it(node: Node, draw: Draw) -> None:
    answer = search(node, draw("A"))
    waiting = submit(node, draw("B"))
    found = read_case(node, ALICE, answer.record.case_id)
    assert [probe.id for probe in found.probes] == [answer.record.probe, waiting]
    assert [record.search for record in found.searches] == [answer.search]
    assert found.authorisations == ()


def test_nothing_is_done_in_a_closed_case(node: Node, draw: Draw) -> None:
    probe = submit(node, draw("A"))
    case = open_short(node)
    close_case(node, ALICE, case.id, reason="The child is home again")
    with pytest.raises(Conflict, match="is closed"):
        submit_probe(node, ALICE, case.id, draw("B"), name="b.jpg")
    with pytest.raises(RefusedByPolicy) as answer:
        search_probe(node, ALICE, probe, reason="Found at the station without papers")
    assert answer.value.rule == "case.state"


def test_closing_says_why(node: Node) -> None:
    made = open_case(node, ALICE, MISSING)
    with pytest.raises(PolicyError, match="Say why"):
        close_case(node, ALICE, made.id, reason="")


def test_what_a_case_says_stands_nowhere_in_the_open(node: Node) -> None:
    open_case(node, ALICE, replace(WANTED, aim="to arrest Jean Valjean", number="SECRET-9"))
    with node.store.reading() as tx:
        rows = str([tuple(row) for row in tx.connection.execute(sa.select(case_file))])
    for word in ("Valjean", "robbery", "SECRET-9"):
        assert word not in rows
