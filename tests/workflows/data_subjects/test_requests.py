"""What people ask about themselves: taken in, found, answered or declined, each kind with its own consequence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.cast import ADA, ALICE, CAROL, DE, DORA, EMIL, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, find_id

from semblance.audit.entry import opens, read_entry
from semblance.errors import Conflict, NotFound, PolicyError, RefusedByPolicy, RequestInvalid
from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances
from semblance.gallery.request import Request, RequestDraft, RequestKind, RequestState
from semblance.node.node import Node
from semblance.store import ledger, requests
from semblance.store.schema.request import request as table
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import answer_request, decline_request
from semblance.workflows.data_subjects.requests import (
    Received,
    link_records,
    list_requests,
    read_request,
    receive_request,
)
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import edit_record, extend_record, withdraw_record

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

GRETA = replace(DORA, authority=DE, name="greta")
FOUND = replace(TERMS, kind=RecordKind.UNIDENTIFIED, circumstances=Circumstances(summary="found in Lyon"))


def draft(kind: RequestKind, *records: SubjectId, **fields: object) -> RequestDraft:
    plain = RequestDraft(kind, "Jeanne Doe, 1 rue X, Lyon", date(2026, 2, 27), "myself", "it is not me", records)
    return replace(plain, **fields)  # type: ignore[arg-type]


def receive(node: Node, kind: RequestKind, *records: SubjectId, actor: Actor = GRETA, **fields: object) -> Request:
    return receive_request(node, actor, draft(kind, *records, **fields)).request


def read_state(node: Node, subject: SubjectId) -> RecordState:
    return read_record(node, EMIL, subject).record.state


def list_acts(node: Node) -> list[tuple[str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"]) for entry in entries]


@pytest.fixture
def subject(node: Node, draw: Draw, item: MakeItem) -> SubjectId:
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))], FOUND)
    return find_id(node, "A")


def test_a_request_is_taken_in_with_its_deadline(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.ACCESS, subject, actor=DORA)
    assert (taken.state, taken.due_on, taken.taken_by) == (RequestState.RECEIVED, date(2026, 3, 29), "dora")
    page = list_requests(node, DORA)
    assert [(row.request.id, row.days_left) for row in page.rows] == [(taken.id, 28)]
    shown = read_request(node, DORA, taken.id)
    assert (shown.row.request, shown.numbers) == (taken, {subject: "A"})
    assert list_acts(node)[-3:] == [
        ("collection", "request.receive"),
        ("consultation", "request.list"),
        ("consultation", "request.read"),
    ]


def test_who_asks_stands_nowhere_in_the_open(node: Node, subject: SubjectId) -> None:
    receive(node, RequestKind.DISPUTE, subject, what="that is my cousin")
    with node.store.reading() as tx:
        rows = [str(tuple(row)) for row in tx.connection.execute(table.select())]
        entries = b" ".join(data for _, data in ledger.iterate_entries(tx))
    for word in ("Jeanne", "myself", "cousin"):
        assert not any(word in row for row in rows)
        assert word.encode() not in entries


def test_faults_are_said_and_nothing_is_taken(node: Node) -> None:
    with pytest.raises(RequestInvalid, match=r"who asks; .*names neither") as caught:
        receive(node, RequestKind.ACCESS, asker="", whom=" ")
    assert len(caught.value.problems) == 2
    with pytest.raises(RequestInvalid, match="lies in the future"):
        receive(node, RequestKind.ACCESS, received_on=date(2026, 3, 2))
    with pytest.raises(NotFound):
        receive(node, RequestKind.ACCESS, SubjectId("f" * 32))
    assert list_requests(node, DORA).rows == ()


@pytest.mark.parametrize("actor", [ALICE, CAROL, EMIL, ADA, MALLORY])
def test_only_data_protection_officers_deal_with_them(node: Node, subject: SubjectId, actor: Actor) -> None:
    taken = receive(node, RequestKind.ACCESS, subject)
    acts: tuple[Callable[[], object], ...] = (
        lambda: receive_request(node, actor, draft(RequestKind.ACCESS)),
        lambda: list_requests(node, actor),
        lambda: read_request(node, actor, taken.id),
        lambda: link_records(node, actor, taken.id, add=[subject]),
        lambda: answer_request(node, actor, taken.id, reason="It is answered"),
        lambda: decline_request(node, actor, taken.id, reason="It is declined"),
        lambda: make_access_file(node, actor, taken.id),
    )
    for act in acts:
        with pytest.raises(RefusedByPolicy):
            act()
    assert list_acts(node)[-len(acts) :] == [("refusal", "subject.access")] * len(acts)


def test_one_that_is_not_held_is_not_found(node: Node) -> None:
    missing = RequestId("0" * 32)
    for act in (
        lambda: read_request(node, DORA, missing),
        lambda: answer_request(node, DORA, missing, reason="It is answered"),
        lambda: decline_request(node, DORA, missing, reason="It is declined"),
        lambda: make_access_file(node, DORA, missing),
        lambda: link_records(node, DORA, missing),
        lambda: list_requests(node, DORA, after=missing),
    ):
        with pytest.raises(NotFound, match="semblance request list"):
            act()


def test_pages_come_by_deadline(node: Node) -> None:
    days = [date(2026, 2, day) for day in (20, 10, 15, 10, 5)]
    for day in days:
        receive(node, RequestKind.ERASURE, received_on=day)
    seen, after = list[date](), None
    while True:
        page = list_requests(node, GRETA, after=after, limit=2)
        seen += [row.request.draft.received_on for row in page.rows]
        if page.next_after is None:
            break
        after = page.next_after
    assert seen == sorted(days)


def test_a_dispute_blocks_the_record_and_the_answer_withdraws_it(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.DISPUTE, subject)
    assert taken.about[0].blocked
    assert read_state(node, subject) is RecordState.BLOCKED
    answered = answer_request(node, GRETA, taken.id, reason="It is another person")
    assert answered.request.state is RequestState.ANSWERED
    assert read_state(node, subject) is RecordState.WITHDRAWN


def test_a_declined_dispute_gives_the_record_back(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.DISPUTE, subject)
    declined = decline_request(node, GRETA, taken.id, reason="The papers show that it is them").request
    assert (declined.state, declined.decided_by) == (RequestState.DECLINED, "greta")
    assert read_state(node, subject) is RecordState.ACTIVE


def test_a_second_dispute_keeps_the_record_blocked(node: Node, subject: SubjectId) -> None:
    first, second = receive(node, RequestKind.DISPUTE, subject), receive(node, RequestKind.DISPUTE, subject)
    decline_request(node, GRETA, first.id, reason="The papers show that it is them")
    assert read_state(node, subject) is RecordState.BLOCKED
    decline_request(node, GRETA, second.id, reason="The papers show that it is them")
    assert read_state(node, subject) is RecordState.ACTIVE


def test_a_dispute_of_a_withdrawn_record_needs_no_block(node: Node, subject: SubjectId) -> None:
    withdraw_record(node, EMIL, subject, reason="Found alive")
    received = receive_request(node, GRETA, draft(RequestKind.DISPUTE, subject))
    assert isinstance(received, Received)
    assert (received.refused, received.request.about[0].blocked) == ((), False)
    answer_request(node, GRETA, received.request.id, reason="It is another person")
    assert read_state(node, subject) is RecordState.WITHDRAWN


def test_records_are_found_later_and_linked(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.DISPUTE)
    with pytest.raises(Conflict, match="names no record"):
        answer_request(node, GRETA, taken.id, reason="It is another person")
    linked = link_records(node, GRETA, taken.id, add=[subject, subject]).request
    assert [about.subject for about in linked.about] == [subject]
    assert read_state(node, subject) is RecordState.BLOCKED
    with pytest.raises(Conflict, match="blocked because of this dispute"):
        link_records(node, GRETA, taken.id, remove=[subject])
    other = receive(node, RequestKind.ERASURE, subject, find_id(node, "B"))
    left = link_records(node, GRETA, other.id, remove=[subject]).request
    assert [about.subject for about in left.about] == [find_id(node, "B")]
    with pytest.raises(NotFound):
        link_records(node, GRETA, other.id, add=[SubjectId("f" * 32)])


def test_a_rectification_is_answered_by_an_edit(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.RECTIFICATION, subject, what="I was found in Nice")
    with pytest.raises(Conflict, match="was not changed since"):
        answer_request(node, GRETA, taken.id, reason="The place was put right")
    # a longer time is no correction either
    extend_record(node, EMIL, subject, retain_until=date(2028, 1, 1), reason="Still unknown")
    before = read_record(node, EMIL, subject).record
    right = replace(before.draft, circumstances=Circumstances(summary="found in Nice"))
    edited = edit_record(node, EMIL, subject, right, version=before.version, reason="Rectified")
    answered = answer_request(node, GRETA, taken.id, reason="The place was put right").request
    assert answered.about[0].corrected == edited.version
    assert read_request(node, GRETA, taken.id).row.request.about[0].corrected == edited.version


def test_an_erasure_leaves_receipts_that_the_ledger_proves(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.ERASURE, subject, find_id(node, "B"))
    answered = answer_request(node, GRETA, taken.id, reason="There is no basis any more")
    assert {receipt.subject for receipt in answered.receipts} == {about.subject for about in taken.about}
    for about in answered.request.about:
        assert about.erased_in is not None
        with node.store.reading() as tx:
            data, openings = ledger.read_data(tx, about.erased_in), ledger.read_openings(tx, about.erased_in)
        assert data is not None
        entry = read_entry(data)
        assert (entry["verb"], entry["person"]) == ("erasure", "greta")
        assert any(opens(entry, opening) and opening.text == about.subject for opening in openings)
    with pytest.raises(NotFound):
        read_record(node, EMIL, subject)
    shown = read_request(node, GRETA, taken.id)
    assert (shown.row.days_left, shown.numbers) == (None, {})


def test_another_authority_s_record_is_erased_by_its_own_officer_only(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.ERASURE, subject, actor=DORA)
    with pytest.raises(RefusedByPolicy) as refused:
        answer_request(node, DORA, taken.id, reason="There is no basis any more")
    assert refused.value.rule == "policy.owner"
    assert read_state(node, subject) is RecordState.ACTIVE
    assert read_request(node, DORA, taken.id).row.request.state is RequestState.RECEIVED


def test_nothing_is_decided_twice(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.ERASURE, subject)
    decline_request(node, GRETA, taken.id, reason="The investigation goes on")
    for act in (
        lambda: answer_request(node, GRETA, taken.id, reason="It is answered"),
        lambda: decline_request(node, GRETA, taken.id, reason="It is declined"),
        lambda: link_records(node, GRETA, taken.id, add=[subject]),
    ):
        with pytest.raises(Conflict, match="decided already: declined by greta"):
            act()
    assert read_state(node, subject) is RecordState.ACTIVE


def test_an_answer_says_something(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.ERASURE, subject)
    for act in (answer_request, decline_request):
        with pytest.raises(PolicyError, match="Say"):
            act(node, GRETA, taken.id, reason=" - ")


def test_an_access_request_about_nothing_held_is_answered_at_once(node: Node) -> None:
    taken = receive(node, RequestKind.ACCESS)
    answered = answer_request(node, GRETA, taken.id, reason="Nothing is held of them").request
    assert (answered.state, answered.told_in) == (RequestState.ANSWERED, None)


def test_an_access_request_is_answered_after_its_file(node: Node, subject: SubjectId) -> None:
    taken = receive(node, RequestKind.ACCESS, subject)
    with pytest.raises(Conflict, match="semblance request access-file"):
        answer_request(node, GRETA, taken.id, reason="Everything was told")
    made = make_access_file(node, GRETA, taken.id)
    answered = answer_request(node, GRETA, taken.id, reason="Everything was told").request
    assert answered.told_in == made.ledger_entry


def test_overdue_requests_are_counted(node: Node, clock: Clock) -> None:
    receive(node, RequestKind.ACCESS)
    with node.store.reading() as tx:
        assert requests.count_open(tx, DE, today=date(2026, 3, 29)) == (1, 0)
        assert requests.count_open(tx, DE, today=date(2026, 3, 30)) == (1, 1)
    clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    assert [row.days_left for row in list_requests(node, GRETA).rows] == [-3]
