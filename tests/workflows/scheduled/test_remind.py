"""Owners are reminded before a record ends, officers when a request should have been answered: once, and no others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.cast import ADA, ALICE, DORA, EMIL, FR, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, find_id

from semblance.audit.entry import read_entry
from semblance.errors import RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.permission import Actor
from semblance.workflows.data_subjects.answer_request import decline_request
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.records.write_record import extend_record, withdraw_record
from semblance.workflows.scheduled.remind import list_reminders, remind_officers, remind_owners

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

SOON = replace(TERMS, retain_until=date(2026, 4, 10))


def list_actions(node: Node) -> list[str]:
    with node.store.reading() as tx:
        return [read_entry(data)["action"] for _, data in ledger.iterate_entries(tx)]


def test_an_owner_is_reminded_once_before_each_last_day(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))], SOON)
    enrol(node, [item("C", "c.jpg", draw("C"))])
    assert sum(remind_owners(node)) == 0
    clock.now = datetime(2026, 3, 11, tzinfo=UTC)
    assert (sum(remind_owners(node)), sum(remind_owners(node))) == (2, 0)
    assert list_actions(node).count("record.remind") == 1
    shown = list_reminders(node, EMIL).ending
    assert [(one.number, one.last_day, one.days_left) for one in shown] == [
        ("A", date(2026, 4, 10), 30),
        ("B", date(2026, 4, 10), 30),
    ] or [one.number for one in shown] == ["B", "A"]
    extend_record(node, EMIL, find_id(node, "A"), retain_until=date(2026, 6, 1), reason="Still missing")
    withdraw_record(node, EMIL, find_id(node, "B"), reason="Found alive")
    assert list_reminders(node, EMIL).ending == ()
    # the new last day has a reminder of its own
    clock.now = datetime(2026, 5, 2, tzinfo=UTC)
    assert sum(remind_owners(node)) == 1
    assert [one.days_left for one in list_reminders(node, EMIL).ending] == [30]


def test_each_owner_sees_its_own_records_only(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], SOON)
    clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    assert sum(remind_owners(node)) == 1
    fritz = replace(EMIL, authority=FR, name="fritz")
    assert list_reminders(node, fritz).ending == ()
    assert list_reminders(node, DORA).ending == ()


@pytest.mark.parametrize("actor", [ALICE, ADA, MALLORY])
def test_who_has_nothing_to_do_with_them_is_refused(node: Node, actor: Actor) -> None:
    with pytest.raises(RefusedByPolicy):
        list_reminders(node, actor)
    assert list_actions(node) == ["record.extend"]


def test_officers_are_reminded_once_of_a_passed_deadline(node: Node, clock: Clock) -> None:
    asked = RequestDraft(RequestKind.ERASURE, "J. Doe, Lyon", date(2026, 2, 20), whom="myself")
    request = receive_request(node, DORA, asked).request
    assert request.due_on == date(2026, 3, 22)
    clock.now = datetime(2026, 3, 22, 12, tzinfo=UTC)
    assert sum(remind_officers(node)) == 0
    clock.now = datetime(2026, 3, 24, tzinfo=UTC)
    assert (sum(remind_officers(node)), sum(remind_officers(node))) == (1, 0)
    assert [(one.request, one.kind, one.days_over) for one in list_reminders(node, DORA).overdue] == [
        (request.id, "erasure", 2)
    ]
    assert list_reminders(node, EMIL).overdue == ()
    decline_request(node, DORA, request.id, reason="Nothing is held of them")
    assert list_reminders(node, DORA).overdue == ()
