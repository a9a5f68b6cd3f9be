"""The owner's check: who may answer, what is released to whom, what happens when nobody answers; and the board."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.accounts import add_cast
from tests.cast import ALICE, BOB, CAROL, DE, DORA, EMIL, FR, MALLORY
from tests.workflows import stand_in
from tests.workflows.record_acts import TERMS, enrol, erase, find_id
from tests.workflows.searching import conclude, find_pseudonym, review_candidates, search

from semblance.audit.entry import read_entry
from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import Field, HeldLead, LeadState, OwnerAnswer
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Personal
from semblance.node.node import Node
from semblance.store import examinations, leads, ledger, notifications, people
from semblance.terms.ids import AuthorityCode, LeadId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind
from semblance.workflows.examination.owner_check import answer_lead, list_leads, read_lead, read_lead_side
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.examination.supervisor_board import read_board, suspend_examiner
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import edit_record
from semblance.workflows.scheduled.worker import run_round
from semblance.workflows.search.search_answer import SearchAnswer

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

NAMES = frozenset({Field.NUMBER, Field.NAMES})
CONFIRM = OwnerAnswer(True, "The scar on the chin is hers", NAMES, frozenset({FR}))
REFUTE = OwnerAnswer(False, "Our subject is in custody since May")


def find_lead(node: Node) -> SearchAnswer:
    enrol(node, [IntakeItem(name, f"{name}.jpg", partial(stand_in.draw, name)) for name in ("A", "B")])
    sample = IntakeItem("S", "s.jpg", partial(stand_in.draw, "S"))
    enrol(node, [sample], replace(TERMS, kind=RecordKind.SAMPLE))
    record = read_record(node, EMIL, find_id(node, "A")).record
    named = replace(record.draft, personal=Personal(family_name="Muster", given_names="Erika"))
    edit_record(node, EMIL, record.subject, named, version=record.version, reason="Her name was told")
    answer = search(node, stand_in.draw("A", take=9))
    conclude(node, answer.search, potential=[find_pseudonym(node, answer.search, "A")])
    return answer


@pytest.fixture
def searched(fill_once: Callable[..., tuple[Node, SearchAnswer]]) -> tuple[Node, SearchAnswer]:
    return fill_once(find_lead)


@pytest.fixture
def node(searched: tuple[Node, SearchAnswer]) -> Node:
    """Return a node in which two people came to a lead."""
    return searched[0]


@pytest.fixture
def found(searched: tuple[Node, SearchAnswer]) -> SearchAnswer:
    """Return a search whose candidate A two people took for a potential one; A's record has a name."""
    return searched[1]


def find(node: Node, found: SearchAnswer) -> HeldLead:
    with node.store.reading() as tx:
        held = examinations.find_of_search(tx, found.search)
        assert held is not None
        (lead,) = leads.list_of_examination(tx, held.id)
    return lead


def last_act(node: Node) -> tuple[str, str, str]:
    with node.store.reading() as tx:
        entry = read_entry([data for _, data in ledger.iterate_entries(tx)][-1])
    return entry["verb"], entry["action"], entry["person"]


def released(node: Node, found: SearchAnswer, reader: Actor = ALICE) -> dict[str, str] | None:
    lead = find(node, found)
    outcome = read_outcome(node, reader, lead.examination)
    (told,) = [candidate.released for candidate in outcome.candidates if candidate.lead is not None]
    return told


def test_the_owner_sees_what_is_asked_and_not_the_case(node: Node, found: SearchAnswer) -> None:
    (listed,) = list_leads(node, EMIL)
    assert listed.number == "A"
    detail = read_lead(node, EMIL, listed.lead.id)
    assert (detail.purpose, detail.category, detail.lead.authority) == ("missing-person", "missing", FR)
    assert detail.fields[Field.NAMES] == "Muster, Erika"
    assert detail.probe is not None
    assert detail.reference is not None
    assert found.record.reason not in str(detail)
    assert found.record.case not in str(detail)
    sides = [read_lead_side(node, EMIL, listed.lead.id, probe=probe).data for probe in (True, False)]
    assert sides[0] != sides[1]


def test_only_what_its_owner_releases_moves_and_only_to_whom(node: Node, found: SearchAnswer) -> None:
    assert released(node, found) is None
    moved = answer_lead(node, EMIL, find(node, found).id, CONFIRM)
    assert (moved.state, moved.decided_by, moved.reason) == (LeadState.CONFIRMED, "emil", CONFIRM.reason)
    assert last_act(node) == ("disclosure", "lead.answer", "emil")
    assert released(node, found) == {"number": "DE:A", "names": "Muster, Erika"}
    assert list_leads(node, EMIL) == ()
    assert [listed.lead.state for listed in list_leads(node, EMIL, waiting=False)] == [LeadState.CONFIRMED]


def test_released_to_another_is_not_released_to_who_searched(node: Node, found: SearchAnswer) -> None:
    elsewhere = replace(CONFIRM, recipients=frozenset({AuthorityCode("BE")}))
    answer_lead(node, EMIL, find(node, found).id, elsewhere)
    assert released(node, found) is None


@pytest.mark.parametrize("answer", [REFUTE, OwnerAnswer(True, "It is her; nothing is released")])
def test_nothing_moves_where_nothing_is_released(node: Node, found: SearchAnswer, answer: OwnerAnswer) -> None:
    moved = answer_lead(node, EMIL, find(node, found).id, answer)
    assert moved.state is (LeadState.CONFIRMED if answer.confirmed else LeadState.REFUTED)
    assert released(node, found) is None
    assert last_act(node)[1] != "lead.answer"


@pytest.mark.parametrize(
    ("actor", "rule"), [(ALICE, "policy.role"), (DORA, "policy.role"), (MALLORY, "authority.not-admitted")]
)
def test_an_owner_without_authority_is_refused(node: Node, found: SearchAnswer, actor: Actor, rule: str) -> None:
    lead = find(node, found)
    for act in (
        lambda: list_leads(node, actor),
        lambda: read_lead(node, actor, lead.id),
        lambda: read_lead_side(node, actor, lead.id, probe=True),
        lambda: answer_lead(node, actor, lead.id, CONFIRM),
    ):
        with pytest.raises(RefusedByPolicy) as refused:
            act()
        assert refused.value.rule == rule
        assert last_act(node)[0] == "refusal"
    assert find(node, found).state is LeadState.WAITING


def test_another_authoritys_lead_is_answered_like_none(node: Node, found: SearchAnswer) -> None:
    french, lead = replace(EMIL, name="fritz", authority=FR), find(node, found)
    said = []
    for which in (lead.id, LeadId("0" * 32)):
        with pytest.raises(NotFound) as raised:
            answer_lead(node, french, which, CONFIRM)
        said.append(str(raised.value).replace(which, "ID"))
    assert said[0] == said[1]
    assert list_leads(node, french) == ()


def test_who_gave_an_opinion_does_not_check_it(node: Node, found: SearchAnswer) -> None:
    both = replace(EMIL, name="alice")
    with pytest.raises(RefusedByPolicy) as refused:
        answer_lead(node, both, find(node, found).id, CONFIRM)
    assert (refused.value.rule, refused.value.field) == ("lead.same-person", "answer")
    assert last_act(node) == ("refusal", "lead.verify", "alice")


def test_of_two_answers_the_second_is_told(node: Node, found: SearchAnswer) -> None:
    lead = find(node, found)
    answer_lead(node, EMIL, lead.id, REFUTE)
    with pytest.raises(Conflict, match="refuted already"):
        answer_lead(node, EMIL, lead.id, CONFIRM)
    assert released(node, found) is None


def test_with_the_record_what_was_released_of_it_is_erased(node: Node, found: SearchAnswer) -> None:
    answer_lead(node, EMIL, find(node, found).id, CONFIRM)
    erase(node, "A")
    assert released(node, found) is None
    assert find(node, found).state is LeadState.CONFIRMED


def test_a_record_erased_before_the_answer(node: Node, found: SearchAnswer) -> None:
    erase(node, "A")
    assert find(node, found).state is LeadState.ERASED
    with pytest.raises(Conflict, match="erased"):
        answer_lead(node, EMIL, find(node, found).id, CONFIRM)


def test_time_reminds_and_then_says_that_nobody_answered(node: Node, found: SearchAnswer, clock: Any) -> None:
    lead = find(node, found)
    run_round(node)
    assert find(node, found) == lead
    clock.now = lead.due_at - timedelta(days=6)
    run_round(node)
    run_round(node)
    clock.now = lead.due_at + timedelta(minutes=1)
    run_round(node)
    run_round(node)
    assert find(node, found).state is LeadState.UNANSWERED
    with node.store.reading() as tx:
        actions = [read_entry(data)["action"] for _, data in ledger.iterate_entries(tx)]
    assert (actions.count("lead.remind"), actions.count("lead.expire")) == (1, 1)
    # late is better than never
    answer_lead(node, EMIL, lead.id, CONFIRM)
    assert released(node, found) == {"number": "DE:A", "names": "Muster, Erika"}


def test_authorities_that_can_be_told_are_told(make_node: Callable[..., Node], draw: Draw, item: MakeItem) -> None:
    node = make_node()
    add_cast(node)
    enrol(node, [item("A", "a.jpg", draw("A"))])
    answer = search(node, draw("A", take=9))
    conclude(node, answer.search, potential=[find_pseudonym(node, answer.search, "A")])
    lead = find(node, answer)
    answer_lead(node, EMIL, lead.id, REFUTE)
    with node.store.reading() as tx:
        queued = notifications.list_about(tx, [lead.id])
    assert {(notification.kind, notification.authority) for notification in queued} == {
        ("lead-waits", DE),
        ("lead-decided", FR),
    }


def test_the_board_shows_what_waits_and_who_errs(node: Node, found: SearchAnswer, draw: Draw) -> None:
    other = search(node, draw("B", take=9))
    review_candidates(node, ALICE, other.search, potential=[find_pseudonym(node, other.search, "S")])
    board = read_board(node, CAROL)
    assert [(line.examination.state, len(line.reviews)) for line in board.waiting] == [(ExaminationState.SECOND, 1)]
    assert [lead.state for lead in board.leads] == [LeadState.WAITING]
    assert board.ended == ((ExaminationState.LEAD, 1),)
    assert board.outcomes == ((LeadState.WAITING, 1),)
    errors = {
        error.tally.person: (error.tally.shown, error.tally.potential, error.rate.value) for error in board.errors
    }
    assert errors == {"alice": (2, 1, 0.5), "bob": (1, 0, 0.0)}
    for actor in (ALICE, DORA, EMIL, MALLORY):
        with pytest.raises(RefusedByPolicy):
            read_board(node, actor)
    # another authority's supervisor sees nothing of it
    elsewhere = read_board(node, replace(CAROL, authority=DE))
    assert (elsewhere.waiting, elsewhere.leads, elsewhere.errors, elsewhere.cases) == ((), (), (), ())


def test_a_supervisor_suspends_an_examiner_and_nobody_else(make_node: Callable[..., Node]) -> None:
    node = make_node()
    add_cast(node)
    suspend_examiner(node, CAROL, "bob", reason="Took three known non-mates for potential candidates")
    with node.store.reading() as tx:
        person = people.find_person_named(tx, "bob")
    assert person is not None
    assert all(grant.until < node.clock().date() for grant in person.grants)
    with pytest.raises(Conflict, match="no examiner now"):
        suspend_examiner(node, CAROL, "bob", reason="Once more")
    for name in ("emil", "nobody"):
        with pytest.raises(NotFound):
            suspend_examiner(node, CAROL, name, reason="Not ours")
    with pytest.raises(RefusedByPolicy) as own:
        suspend_examiner(node, CAROL, "carol", reason="Tired")
    assert own.value.rule == "examiner.same-person"
    for actor in (ALICE, BOB, DORA):
        with pytest.raises(RefusedByPolicy):
            suspend_examiner(node, actor, "alice", reason="Envy")
