"""What the worker reminded of, each thing once for each day that it is about."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from semblance.gallery.request import RequestState
from semblance.store.engine import Transaction
from semblance.store.schema.request import reminder, request
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


def add_reminders(tx: Transaction, given: Iterable[Reminder], *, at: datetime, entry: int) -> None:
    """Note that these reminders were given, and the entry of the ledger that says so."""
    rows = [asdict(reminded) | {"at": at, "entry": entry} for reminded in given]
    tx.connection.execute(sa.insert(reminder), rows)


def find_overdue(tx: Transaction, *, today: date, limit: int) -> tuple[Reminder, ...]:
    """Return the reminders that are still to be given of requests whose deadline passed."""
    told = sa.exists().where(
        reminder.c.kind == REQUEST_OVERDUE, reminder.c.about == request.c.id, reminder.c.due_on == request.c.due_on
    )
    overdue = (request.c.state == RequestState.RECEIVED.value) & (request.c.due_on < today)
    rows = tx.connection.execute(
        sa.select(request.c.id, request.c.due_on, request.c.authority)
        .where(overdue, ~told)
        .order_by(request.c.due_on, request.c.id)
        .limit(limit)
    )
    return tuple(Reminder(REQUEST_OVERDUE, row.id, row.due_on, AuthorityCode(row.authority)) for row in rows)


def list_overdue(tx: Transaction, *, limit: int) -> tuple[RequestId, ...]:
    """Return the requests of whose passed deadline the officers were reminded and that still wait, oldest day first."""
    told = (reminder.c.kind == REQUEST_OVERDUE) & (reminder.c.about == request.c.id)
    asked = (
        sa.select(request.c.id)
        .join(reminder, told)
        .where(request.c.state == RequestState.RECEIVED.value)
        .order_by(request.c.due_on, request.c.id)
        .limit(limit)
    )
    return tuple(map(RequestId, tx.connection.scalars(asked)))
