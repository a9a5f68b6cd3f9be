"""Records whose last day is near or over: found without opening anything, in the order of their ids."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa

from semblance.gallery.request import RequestState
from semblance.store.engine import Transaction
from semblance.store.record_facts import read_facts_row
from semblance.store.reminders import RECORD_ENDS
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.store.schema.request import reminder, request, request_record
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.record import RecordFacts, RecordState

_LIVING: Final = tuple(state.value for state in RecordState if state is not RecordState.EXPIRED)
_OPEN: Final = tuple(state.value for state in (RecordState.DRAFT, RecordState.ACTIVE, RecordState.BLOCKED))


@dataclass(frozen=True, slots=True)
class Ending:
    """A record and its last day."""

    subject: SubjectId
    owner: AuthorityCode
    last_day: date


def find_ended(tx: Transaction, *, today: date, after: str, limit: int) -> tuple[SubjectId, ...]:
    """Return records that are not expired though their last day has passed, from the one after that id."""
    ended = (record.c.retain_until < today) & record.c.state.in_(_LIVING)
    return _list_ids(tx, ended, after, limit)


def find_erasable(tx: Transaction, *, ended_before: date, limit: int) -> tuple[SubjectId, ...]:
    """Return expired records whose last day lies before that day and about which no request waits for its answer."""
    waiting = (
        sa.select(request_record.c.subject_id)
        .join(request, request.c.id == request_record.c.request_id)
        .where(request.c.state == RequestState.RECEIVED.value)
    )
    ended = (record.c.retain_until < ended_before) & (record.c.state == RecordState.EXPIRED.value)
    return _list_ids(tx, ended & record.c.subject_id.not_in(waiting), "", limit)


def find_unreminded(tx: Transaction, *, today: date, last: date, limit: int) -> tuple[Ending, ...]:
    """Return records whose last day lies between both days and of which their owner was not reminded yet, by owner."""
    told = sa.exists().where(
        reminder.c.kind == RECORD_ENDS,
        reminder.c.about == record.c.subject_id,
        reminder.c.due_on == record.c.retain_until,
    )
    near = record.c.retain_until.between(today, last) & record.c.state.in_(_OPEN)
    rows = tx.connection.execute(
        sa.select(record.c.subject_id, audience.c.owner, record.c.retain_until)
        .join(audience)
        .where(near, ~told)
        .order_by(audience.c.owner, record.c.retain_until, record.c.subject_id)
        .limit(limit)
    )
    return tuple(Ending(SubjectId(row.subject_id), AuthorityCode(row.owner), row.retain_until) for row in rows)


def find_reminded(tx: Transaction, owner: AuthorityCode, *, limit: int) -> tuple[tuple[SubjectId, RecordFacts], ...]:
    """Return the owner's records of which it was reminded, and whose last day is still the one that it was told."""
    told = (reminder.c.kind == RECORD_ENDS) & (reminder.c.about == record.c.subject_id)
    rows = tx.connection.execute(
        sa.select(record.c.subject_id, *RECORD_FACTS)
        .join_from(record, audience)
        .join(reminder, told & (reminder.c.due_on == record.c.retain_until))
        .where(audience.c.owner == owner, record.c.state.in_(_OPEN))
        .order_by(record.c.retain_until, record.c.subject_id)
        .limit(limit)
    )
    return tuple((SubjectId(row.subject_id), read_facts_row(row)) for row in rows)


def _list_ids(tx: Transaction, which: sa.ColumnElement[bool], after: str, limit: int) -> tuple[SubjectId, ...]:
    asked = sa.select(record.c.subject_id).where(which, record.c.subject_id > after)
    return tuple(map(SubjectId, tx.connection.scalars(asked.order_by(record.c.subject_id).limit(limit))))
