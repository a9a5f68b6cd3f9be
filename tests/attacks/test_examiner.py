"""An examiner tries to learn what a search found before giving an opinion, from the ledger or as an officer besides."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, BOB, CAROL, DORA, EMIL
from tests.workflows.record_acts import TERMS, enrol
from tests.workflows.searching import conclude, open_case, submit

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import read_entry
from semblance.cases.examination import ExaminationState
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import examinations, searches
from semblance.store import ledger as stored_ledger
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.schema.ledger import ledger_opening
from semblance.terms.permission import Action, Actor, Role
from semblance.terms.record import RecordKind
from semblance.workflows.cases.cases import close_case
from semblance.workflows.examination.comparison import read_found_face
from semblance.workflows.examination.make_report import make_report
from semblance.workflows.examination.read_outcome import read_outcome
from semblance.workflows.examination.reviews import begin_review
from semblance.workflows.oversight import ledger
from semblance.workflows.search.search_answer import SearchAnswer, read_search
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

PEOPLE = "ABCDEFGH"
BOTH = replace(ALICE, roles=ALICE.roles | {Role.DATA_PROTECTION_OFFICER})
"""An examiner who is an officer besides."""


@pytest.fixture
def found(node: Node, draw: Draw, item: MakeItem) -> SearchAnswer:
    """Return a search that found several, with a known non-mate among them, that Bob has begun to examine."""
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in PEOPLE])
    enrol(node, [item("S", "s.jpg", draw("S"))], replace(TERMS, kind=RecordKind.SAMPLE))
    open_case(node)
    answer = search_probe(node, ALICE, submit(node, draw("A", take=5)), reason="Found at the station", limit=6)
    assert isinstance(answer, SearchAnswer)
    assert answer.examination is not None
    begin_review(node, BOB, answer.examination.id)
    read_search(node, ALICE, answer.search)
    return answer


def list_entries(node: Node, *actions: str) -> list[int]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in stored_ledger.iterate_entries(tx)]
    return [entry["number"] for entry in entries if entry["action"] in actions]


def list_ids(node: Node, actor: Actor, number: int) -> set[str]:
    """Return every id that the ledger's page and the entry's receipt tell the actor."""
    told = {opening.text for opening in ledger.hand_out_receipt(node, actor, number).openings}
    if Role.DATA_PROTECTION_OFFICER in actor.roles:
        page = ledger.list_newest(node, actor, ledger.Filter(), before=number + 1, limit=1)
        told |= {name for _, name in page.entries[0].touched if name is not None}
    return told


def read_subjects(node: Node, found: SearchAnswer) -> set[str]:
    with node.store.reading() as tx:
        assert found.examination is not None
        return {candidate.subject for candidate in examinations.list_candidates(tx, found.examination.id)}


@pytest.mark.parametrize("actor", [ALICE, BOB, BOTH, DORA], ids=lambda actor: f"{actor.name}{len(actor.roles)}")
def test_the_ledger_tells_nobody_whom_a_search_found_while_it_is_examined(
    node: Node, found: SearchAnswer, actor: Actor
) -> None:
    subjects = read_subjects(node, found)
    assert len(subjects) == 6
    told = set[str]()
    for number in list_entries(node, "gallery.search", "case.read", "candidate.examine"):
        try:
            told |= list_ids(node, actor, number)
        except RefusedByPolicy:
            # no act of theirs, and no officer
            assert Role.DATA_PROTECTION_OFFICER not in actor.roles
    assert not told & subjects
    conclude(node, found.search)
    if actor is not BOB:
        assert subjects <= list_ids(node, actor, list_entries(node, "gallery.search")[0])


def test_the_order_of_what_an_entry_touched_tells_nothing(node: Node, found: SearchAnswer) -> None:
    """It is that of salted digests: nobody can choose it, and it is another one in every entry."""
    with node.store.reading() as tx:
        record = searches.find_search(tx, found.search)
        assert record is not None
        entries = [read_entry(data) for _, data in stored_ledger.iterate_entries(tx)]
    for entry in entries:
        commitments = [commitment for _, commitment in entry["touched"]]
        assert commitments == sorted(commitments)
    conclude(node, found.search)
    numbers = list_entries(node, "gallery.search", "candidate.examine")
    orders = set()
    for number in numbers:
        with node.store.reading() as tx:
            rows = tx.connection.execute(sa.select(ledger_opening.c.label).where(ledger_opening.c.number == number))
            labels = [row.label for row in rows if row.label.startswith("touched/")]
            told = {opening.label: opening.text for opening in stored_ledger.read_openings(tx, number)}
        places = {told[label]: int(label.removeprefix("touched/")) for label in labels}
        orders.add(tuple(places[subject] for subject in read_subjects(node, found)))
    assert len(orders) == len(numbers)


def test_closing_the_case_ends_the_examination_and_unmasks_nobody(node: Node, found: SearchAnswer) -> None:
    assert found.examination is not None
    which, subjects = found.examination.id, read_subjects(node, found)
    close_case(node, CAROL, found.record.case_id, reason="She was found")
    with node.store.reading() as tx:
        held = examinations.find_examination(tx, which)
        record = searches.find_search(tx, found.search)
    assert held is not None
    assert record is not None
    assert held.state is ExaminationState.LAPSED
    answer = read_search(node, ALICE, found.search)
    assert answer.masked
    assert {(shown.rank, shown.score, shown.subject) for shown in answer.candidates} == {(None, None, None)}
    assert answer.record.candidates == ()
    with pytest.raises(NotFound):
        read_found_face(node, ALICE, found.search, record.candidates[0].reference)
    for act in (read_outcome, make_report):
        with pytest.raises(Conflict, match="stay hidden"):
            act(node, CAROL, which)
    # what the ledger says of it opens again: the officer sees whom, in an order that tells nothing
    assert subjects <= list_ids(node, DORA, list_entries(node, "gallery.search")[0])


def test_a_receipt_of_one_s_own_asks_the_token(node: Node, found: SearchAnswer) -> None:
    (number,) = list_entries(node, "gallery.search")
    for scope in (frozenset({Action.CASE_READ}), frozenset(Action) - {Action.LEDGER_READ}):
        with pytest.raises(RefusedByPolicy) as refused:
            ledger.hand_out_receipt(node, replace(ALICE, scope=scope), number)
        assert refused.value.rule == "token.scope"
    allowed = replace(ALICE, scope=frozenset({Action.LEDGER_READ}))
    assert ledger.hand_out_receipt(node, allowed, number).number == number


def test_another_s_receipts_stay_another_s(node: Node, found: SearchAnswer) -> None:
    (number,) = list_entries(node, "gallery.search")
    for actor in (BOB, EMIL, replace(ALICE, authority=EMIL.authority)):
        with pytest.raises(RefusedByPolicy):
            ledger.hand_out_receipt(node, actor, number)
