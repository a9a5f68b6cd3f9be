"""Authorisations: by another person of the right role, in time; refused or late, everything derived is erased."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.cast import ADA, ALICE, BOB, CAROL, DE, DORA, EMIL, FR, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol
from tests.workflows.searching import REASON, search, submit

from semblance.audit.entry import opens, read_entry
from semblance.cases.case import Authorisation, AuthorisationState
from semblance.errors import Conflict, NotFound, PolicyError, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import authorisations, ledger, probes, searches
from semblance.terms.ids import AuthorisationId, ProbeId
from semblance.terms.permission import Actor, Purpose, Role
from semblance.terms.record import RecordKind
from semblance.workflows.cases.authorise import (
    grant_authorisation,
    list_authorisations,
    refuse_authorisation,
    request_authorisation,
)
from semblance.workflows.cases.probes import UNSEARCHED_LIFE
from semblance.workflows.oversight.policy import replace_policy
from semblance.workflows.scheduled.expire import expire_authorisations
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

WANTED: dict[str, Any] = {"purpose": Purpose.WANTED_PERSON, "number": "FR-2"}
RED = replace(TERMS, kind=RecordKind.BLUE)


def find_waiting(node: Node) -> Authorisation:
    (row,) = list_authorisations(node, CAROL)
    return row.authorisation


def count_derived(node: Node, probe: ProbeId) -> tuple[int, int, int]:
    """Return how many probes, searches that say something, and candidates there are of the probe."""
    with node.store.reading() as tx:
        held = int(probes.find_probe(tx, probe, now=node.clock()) is not None)
        of_probe = [
            one.record
            for one in searches.list_searches(tx, ALICE.authority, before=None, limit=100)
            if one.record.probe == probe
        ]
    return held, sum(not one.erased for one in of_probe), sum(len(one.candidates) for one in of_probe)


def require_before(node: Node) -> None:
    """Bring a policy into force under which a wanted person's search is authorised before it."""
    text = node.policy.read().text.replace("authorisation-hours = 48", "authorisation-hours = 0")
    replace_policy(node, DORA, text, reason="The court wants it before")


@pytest.fixture
def answer(node: Node, draw: Draw, item: MakeItem) -> SearchAnswer:
    """Return a search for a wanted person that found two candidates and runs against its clock."""
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))], RED)
    found = search(node, draw("A", take=5), about=WANTED)
    assert len(found.candidates) == 2
    return found


def test_a_search_against_the_clock_is_granted(node: Node, answer: SearchAnswer) -> None:
    waiting = find_waiting(node)
    assert waiting.due_at is not None
    assert waiting.due_at - answer.record.when == timedelta(hours=48)
    assert (waiting.probe, waiting.requested_by) == (answer.record.probe, "alice")
    given = grant_authorisation(node, CAROL, waiting.id, reason="The suspicion is well founded")
    assert (given.state, given.decided_by) == (AuthorisationState.GRANTED, "carol")
    assert list_authorisations(node, CAROL) == ()
    (row,) = list_authorisations(node, CAROL, state=None)
    assert row.authorisation.reason == "The suspicion is well founded"
    assert expire_authorisations(replace(node, clock=lambda: node.clock() + timedelta(days=9))) == 0


def test_refused_everything_derived_is_erased_with_proof(node: Node, answer: SearchAnswer) -> None:
    waiting = find_waiting(node)
    assert count_derived(node, waiting.probe) == (1, 1, 2)
    refused = refuse_authorisation(node, CAROL, waiting.id, reason="Nothing points to him")
    assert (refused.erased.probes, refused.erased.searches, refused.erased.candidates) == (1, 1, 2)
    assert count_derived(node, waiting.probe) == (0, 0, 0)
    with node.store.reading() as tx:
        data, openings = (ledger.read_data(tx, refused.ledger_entry), ledger.read_openings(tx, refused.ledger_entry))
    assert data is not None
    entry = read_entry(data)
    assert (entry["verb"], entry["action"], entry["person"]) == ("erasure", "authorisation.refuse", "carol")
    assert any(opens(entry, opening) and opening.text == waiting.probe for opening in openings)
    with pytest.raises(NotFound):
        search_probe(node, ALICE, waiting.probe, reason=REASON)


def test_late_everything_derived_is_erased_by_itself(node: Node, answer: SearchAnswer, clock: Clock) -> None:
    waiting = find_waiting(node)
    clock.now = answer.record.when + timedelta(hours=47, minutes=59)
    assert expire_authorisations(node) == 0
    clock.now += timedelta(minutes=2)
    with pytest.raises(Conflict, match="is over"):
        grant_authorisation(node, CAROL, waiting.id, reason="The suspicion is well founded")
    with pytest.raises(RefusedByPolicy) as again:
        search_probe(node, ALICE, waiting.probe, reason=REASON)
    assert again.value.rule == "authorisation.late"
    assert expire_authorisations(node) == 1
    assert count_derived(node, waiting.probe) == (0, 0, 0)
    with node.store.reading() as tx:
        held = authorisations.find_authorisation(tx, waiting.id, FR)
        last = read_entry(ledger.read_data(tx, ledger.read_size(tx) - 1) or b"")
    assert held is not None
    assert (held.state, held.decided_by) == (AuthorisationState.LATE, "semblance-worker")
    assert (last["verb"], last["action"], last["case"]) == ("erasure", "authorisation.expire", "FR-2")
    assert expire_authorisations(node) == 0


def test_nothing_is_decided_twice(node: Node, answer: SearchAnswer) -> None:
    waiting = find_waiting(node)
    grant_authorisation(node, CAROL, waiting.id, reason="The suspicion is well founded")
    for act in (grant_authorisation, refuse_authorisation):
        with pytest.raises(Conflict, match="decided already: granted by carol"):
            act(node, CAROL, waiting.id, reason="Again, to be sure")
    assert count_derived(node, waiting.probe) == (1, 1, 2)


def test_nobody_authorises_their_own_search(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], RED)
    both = replace(ALICE, roles=frozenset({Role.EXAMINER, Role.SUPERVISOR}))
    search(node, draw("A", take=5), both, about=WANTED)
    with pytest.raises(RefusedByPolicy) as refused:
        grant_authorisation(node, both, find_waiting(node).id, reason="It is my own")
    assert refused.value.rule == "authorisation.same-person"


@pytest.mark.parametrize("actor", [ALICE, BOB, DORA, EMIL, ADA, MALLORY])
def test_only_a_supervisor_decides(node: Node, answer: SearchAnswer, actor: Actor) -> None:
    waiting = find_waiting(node)
    for act in (grant_authorisation, refuse_authorisation):
        with pytest.raises(RefusedByPolicy):
            act(node, actor, waiting.id, reason="The suspicion is well founded")
    assert find_waiting(node).state is AuthorisationState.WAITING


def test_another_authority_s_supervisor_does_not_know_of_it(node: Node, answer: SearchAnswer) -> None:
    foreign = replace(CAROL, authority=DE, name="karl")
    assert list_authorisations(node, foreign) == ()
    with pytest.raises(NotFound) as theirs:
        grant_authorisation(node, foreign, find_waiting(node).id, reason="The suspicion is well founded")
    with pytest.raises(NotFound) as nobodys:
        grant_authorisation(node, foreign, AuthorisationId("0" * 32), reason="The suspicion is well founded")
    assert str(theirs.value).replace(find_waiting(node).id, "X") == str(nobodys.value).replace("0" * 32, "X")


def test_a_decision_says_why(node: Node, answer: SearchAnswer) -> None:
    for act in (grant_authorisation, refuse_authorisation):
        with pytest.raises(PolicyError, match="Say why"):
            act(node, CAROL, find_waiting(node).id, reason=" ")


def test_where_the_policy_wants_it_before_no_search_comes_first(
    node: Node, draw: Draw, item: MakeItem, clock: Clock
) -> None:
    require_before(node)
    enrol(node, [item("A", "a.jpg", draw("A"))], RED)
    probe = submit(node, draw("A", take=5), **WANTED)
    with pytest.raises(RefusedByPolicy) as early:
        search_probe(node, ALICE, probe, reason=REASON)
    assert early.value.rule == "authorisation.needed"
    asked = request_authorisation(node, ALICE, probe)
    assert asked.due_at is None
    assert request_authorisation(node, ALICE, probe).id == asked.id
    # the answer may take longer than an unsearched probe would be held
    clock.now += 2 * UNSEARCHED_LIFE
    grant_authorisation(node, CAROL, asked.id, reason="The suspicion is well founded")
    assert isinstance(search_probe(node, ALICE, probe, reason=REASON), SearchAnswer)


def test_a_purpose_that_needs_none_asks_for_none(node: Node, draw: Draw) -> None:
    search(node, draw("A"))
    assert list_authorisations(node, CAROL, state=None) == ()
