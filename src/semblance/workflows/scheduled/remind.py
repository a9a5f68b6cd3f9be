"""Remind owners of records that end soon, and data-protection officers of requests that should have been answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import check_action
from semblance.gallery.request import RequestKind
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import records, requests, worker_notes
from semblance.store.engine import Transaction
from semblance.store.records import Ending
from semblance.store.worker_notes import RECORD_ENDS, Reminder
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Action, Actor, Permit, Refusal
from semblance.terms.record import RecordKind, RecordState
from semblance.workflows.permission import Permitted, note_reading, record_refusal
from semblance.workflows.worker_acts import log_due, work_off

_BATCH: Final = 500
_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class EndingRecord:
    """A record of the reader's authority that ends soon: extend it where it is still needed, else let it end."""

    subject: SubjectId
    number: str
    name: str
    kind: RecordKind
    state: RecordState
    last_day: date
    days_left: int


@dataclass(frozen=True, slots=True)
class OverdueRequest:
    """A request that should have been answered; the page of requests shows who asked."""

    request: RequestId
    kind: RequestKind
    due_on: date
    days_over: int


@dataclass(frozen=True, slots=True)
class Reminders:
    """What the reader is reminded of; each list is empty for who has nothing to do with it."""

    ending: tuple[EndingRecord, ...]
    overdue: tuple[OverdueRequest, ...]


def remind_owners(node: Node) -> Iterator[int]:
    """Remind each owner of its records that end soon, once for each last day; give how many records each time."""

    def find_last(now: datetime) -> date:
        return now.astimezone(UTC).date() + timedelta(days=node.policy.read().retention.reminder)

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[Ending, ...]:
        return records.find_unreminded(tx, today=now.astimezone(UTC).date(), last=find_last(now), limit=limit)

    def remind(tx: Transaction, found: Sequence[Ending], now: datetime) -> None:
        for owner, ends in groupby(found, lambda end: end.owner):
            ending = tuple(ends)
            reason = Message(
                "records.owner-reminded",
                "{authority} is reminded of {n} records that end until {day}",
                authority=owner,
                n=len(ending),
                day=find_last(now),
            )
            touched, rule = tuple(Touched("subject", end.subject) for end in ending), "retention.reminder"
            verb, action = Verb.CONSULTATION, "record.remind"
            entry = log_due(tx, node, verb, action, rule=rule, reason=reason, touched=touched, whose=owner, at=now)
            given = [Reminder(RECORD_ENDS, end.subject, end.last_day, owner) for end in ending]
            worker_notes.add_reminders(tx, given, at=now, entry=entry)

    return work_off(node, find, remind, at_most=_BATCH)


def remind_officers(node: Node) -> Iterator[int]:
    """Remind the data-protection officers of requests whose deadline passed, once each; give how many each time."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[Reminder, ...]:
        return worker_notes.find_overdue(tx, today=now.astimezone(UTC).date(), limit=limit)

    def remind(tx: Transaction, late: Sequence[Reminder], now: datetime) -> None:
        for whose, overdue in groupby(late, lambda reminder: reminder.owner):
            given = tuple(overdue)
            reason = Message("requests.deadline-passed", "the deadline of {n} requests has passed", n=len(given))
            touched, rule = tuple(Touched("request", told.about) for told in given), "retention.request-deadline"
            verb, action = Verb.CONSULTATION, "request.remind"
            entry = log_due(tx, node, verb, action, rule=rule, reason=reason, touched=touched, whose=whose, at=now)
            worker_notes.add_reminders(tx, given, at=now, entry=entry)

    return work_off(node, find, remind, at_most=_BATCH)


def list_reminders(node: Node, actor: Actor) -> Reminders:
    """Return what the actor is reminded of: records of their authority that end soon, requests that are overdue.

    Whoever may neither extend records nor answer requests is refused.
    """
    policy = node.policy.read()
    extends = check_action(policy, actor, Action.RECORD_EXTEND, owner=actor.authority)
    answers = check_action(policy, actor, Action.SUBJECT_ACCESS)
    if isinstance(extends, Refusal) and isinstance(answers, Refusal):
        raise record_refusal(node, actor, Action.RECORD_EXTEND, extends)
    today = node.clock().astimezone(UTC).date()
    ending: tuple[EndingRecord, ...] = ()
    overdue: tuple[OverdueRequest, ...] = ()
    with node.store.reading() as tx:
        if isinstance(extends, Permit):
            told = records.find_reminded(tx, actor.authority, limit=_SHOWN)
            names = records.read_headings(tx, [subject for subject, _ in told])
            ending = tuple(
                EndingRecord(
                    subject,
                    names[subject].number,
                    names[subject].name,
                    facts.kind,
                    facts.state,
                    facts.retain_until,
                    (facts.retain_until - today).days,
                )
                for subject, facts in told
            )
        if isinstance(answers, Permit):
            overdue_ids = worker_notes.list_overdue(tx, actor.authority, limit=_SHOWN)
            late = [requests.find_request(tx, request_id, actor.authority) for request_id in overdue_ids]
            overdue = tuple(
                OverdueRequest(request.id, request.kind, request.due_on, (today - request.due_on).days)
                for request in late
                if request is not None
            )
    permit = extends if isinstance(extends, Permit) else answers
    assert isinstance(permit, Permit)
    touched = (
        *(Touched("subject", record.subject) for record in ending),
        *(Touched("request", late_request.request) for late_request in overdue),
    )
    note_reading(node, Permitted(permit.rule, actor, Action.RECORD_EXTEND), *touched, action="reminder.list")
    return Reminders(ending, overdue)
