"""Records whose last day has passed: out of every search at once, erased with proof some time later."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from tests.cast import DORA, EMIL
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, find_id

from semblance.audit.entry import read_entry
from semblance.errors import NotFound, VerificationError
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.node.node import Node
from semblance.store import gallery, ledger, photos
from semblance.store.schema.record import record
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordState
from semblance.workflows.data_subjects.answer_request import decline_request
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.records.read_record import list_history, read_record
from semblance.workflows.records.write_record import withdraw_record
from semblance.workflows.scheduled import expire as expiring
from semblance.workflows.scheduled.expire import erase_expired_records, expire_records

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

SOON = replace(TERMS, retain_until=date(2026, 3, 10))


def read_acts(node: Node, action: str) -> list[tuple[str, str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [
        (entry["verb"], entry["person"], entry["authority"], entry["rule"])
        for entry in entries
        if entry["action"] == action
    ]


def search(node: Node, data: bytes) -> list[SubjectId]:
    template = node.extractor.extract(data, name="p").template
    assert template is not None
    found = node.index.search(template, limit=5, pack_name=node.extractor.name, allowed=lambda _: True)
    return [candidate.subject for candidate in found.candidates]


def test_a_record_ends_after_its_last_day(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], SOON)
    enrol(node, [item("B", "b.jpg", draw("B"))])
    ending, staying = find_id(node, "A"), find_id(node, "B")
    assert len(search(node, draw("A", take=3))) == 2
    clock.now = datetime(2026, 3, 10, 23, 0, tzinfo=UTC)
    assert sum(expire_records(node)) == 0
    clock.now = datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
    assert sum(expire_records(node)) == 1
    assert search(node, draw("A", take=3)) == [staying]
    assert node.index.size == 1
    detail = read_record(node, EMIL, ending)
    assert detail.record.state is RecordState.EXPIRED
    assert len(detail.photos) == 1
    newest = list_history(node, EMIL, ending)[0]
    assert (newest.person, str(newest.reason)) == ("semblance-worker", "its last day, 2026-03-10, has passed")
    assert read_acts(node, "record.expire") == [("alteration", "semblance-worker", "DE", "retention.record")]
    assert sum(expire_records(node)) == 0


def test_an_expired_record_is_erased_with_proof(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    report = enrol(node, [item("A", "a.jpg", draw("A"))], SOON)
    ending, photo = find_id(node, "A"), report.rows[0].photo
    assert photo is not None
    clock.now = datetime(2026, 4, 9, 9, 0, tzinfo=UTC)
    assert (sum(expire_records(node)), sum(erase_expired_records(node))) == (1, 0)
    clock.now = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
    assert sum(erase_expired_records(node)) == 1
    with pytest.raises(NotFound):
        read_record(node, EMIL, ending)
    with node.store.reading() as tx:
        assert photos.find_photo(tx, photo) is None
        last = ledger.read_size(tx) - 1
        openings = {opening.text for opening in ledger.read_openings(tx, last - 1)}
        openings |= {opening.text for opening in ledger.read_openings(tx, last)}
    assert ending in openings
    assert read_acts(node, "record.erase-expired") == [
        ("erasure", "semblance-worker", "DE", "retention.expired-record")
    ]


def test_a_withdrawn_record_ends_too(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], SOON)
    ending = find_id(node, "A")
    withdraw_record(node, EMIL, ending, reason="The child was found")
    clock.now = datetime(2026, 5, 1, tzinfo=UTC)
    assert (sum(expire_records(node)), sum(erase_expired_records(node))) == (1, 1)


def test_many_end_in_bounded_transactions(
    node: Node, draw: Draw, item: MakeItem, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "_BATCH", 3)
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(7)], SOON)
    clock.now = datetime(2026, 5, 1, tzinfo=UTC)
    assert list(expire_records(node)) == [3, 3, 1]
    assert list(erase_expired_records(node)) == [3, 3, 1]
    with node.store.reading() as tx:
        assert gallery.read_state(tx).references == 0


def test_what_somebody_asks_about_is_not_erased_under_their_hands(
    node: Node, draw: Draw, item: MakeItem, clock: Clock
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], SOON)
    asked = RequestDraft(RequestKind.ACCESS, "J. Doe, Lyon", date(2026, 3, 1), records=(find_id(node, "A"),))
    request = receive_request(node, DORA, asked).request
    clock.now = datetime(2026, 5, 1, tzinfo=UTC)
    assert (sum(expire_records(node)), sum(erase_expired_records(node))) == (1, 0)
    decline_request(node, DORA, request.id, reason="They are not the person in it")
    assert sum(erase_expired_records(node)) == 1


def test_a_record_changed_by_hand_keeps_no_other_from_its_end(
    node: Node, draw: Draw, item: MakeItem, clock: Clock
) -> None:
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(4)], SOON)
    with node.store.writing() as tx:
        tx.connection.execute(
            sa.update(record).where(record.c.subject_id == find_id(node, "S1")).values(sealed=b"x" * 60)
        )
    clock.now = datetime(2026, 5, 1, tzinfo=UTC)
    with pytest.raises(VerificationError, match="changed or moved by hand"):
        list(expire_records(node))
    assert len(read_acts(node, "record.expire")) == 3


def test_rows_of_an_erased_record_that_came_back_go_again(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], SOON)
    assert node.store.keyring is not None
    with node.store.reading() as tx:
        key = tx.connection.exec_driver_sql("SELECT key_id FROM subject").scalar_one()
    node.store.keyring.destroy([key])
    clock.now = datetime(2026, 3, 12, tzinfo=UTC)
    assert sum(expire_records(node)) == 1
    with node.store.reading() as tx:
        assert gallery.read_state(tx).references == 0
    assert read_acts(node, "record.erase-expired")[0][0] == "erasure"
