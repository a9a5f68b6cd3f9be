"""What the worker reminded of, once for each day that it is about, and what it found when it verified the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from semblance.gallery.request import RequestState
from semblance.messages.message import Message
from semblance.store.engine import Transaction
from semblance.store.rows import add_row, add_rows, find_first, read_values
from semblance.store.schema.request import reminder, request, verification
from semblance.terms.ids import AuthorityCode, RequestId

RECORD_ENDS: Final = "record-ends"
"""A record's last day is near."""

REQUEST_OVERDUE: Final = "request-overdue"
"""The last day on which a request should have been answered has passed."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """What was reminded of: the kind, the id of the record or request, the day that it is about, and who is told."""

    kind: str
    about: str
    due_on: date
    owner: AuthorityCode


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification of the whole ledger; ``fault`` says what is wrong, None where nothing is."""

    at: datetime
    person: str
    entries: int | None
    fault: Message | None


def add_reminders(tx: Transaction, given: Iterable[Reminder], *, at: datetime, entry: int) -> None:
    """Note that these reminders were given, and the entry of the ledger that says so."""
    add_rows(tx, reminder, given, at=at, entry=entry)


def find_overdue(tx: Transaction, *, today: date, limit: int) -> tuple[Reminder, ...]:
    """Return the reminders that are still to be given of requests whose deadline passed, by authority."""
    told = sa.exists().where(
        reminder.c.kind == REQUEST_OVERDUE, reminder.c.about == request.c.id, reminder.c.due_on == request.c.due_on
    )
    overdue = (request.c.state == RequestState.RECEIVED) & (request.c.due_on < today)
    rows = tx.connection.execute(
        sa.select(request.c.id, request.c.due_on, request.c.authority)
        .where(overdue, ~told)
        .order_by(request.c.authority, request.c.due_on, request.c.id)
        .limit(limit)
    )
    return tuple(Reminder(REQUEST_OVERDUE, row.id, row.due_on, AuthorityCode(row.authority)) for row in rows)


def list_overdue(tx: Transaction, authority: AuthorityCode, *, limit: int) -> tuple[RequestId, ...]:
    """Return the authority's requests of whose passed deadline it was reminded and that wait, oldest day first."""
    told = (reminder.c.kind == REQUEST_OVERDUE) & (reminder.c.about == request.c.id)
    asked = (
        sa.select(request.c.id)
        .join(reminder, told)
        .where(request.c.state == RequestState.RECEIVED, request.c.authority == authority)
        .order_by(request.c.due_on, request.c.id)
        .limit(limit)
    )
    return tuple(tx.connection.scalars(asked))


def add_verification(tx: Transaction, made: Verification) -> None:
    """Keep what was found."""
    add_row(tx, verification, made)


def find_last_verification(tx: Transaction) -> Verification | None:
    """Return what the last verification found, or None before the first."""
    newest = sa.select(verification).order_by(verification.c.number.desc()).limit(1)
    return find_first(read_values(tx, Verification, newest))
