"""Moments that are not believed, and how much each job ended on each day: what tells a wrong clock from a right one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from semblance.audit.entry import read_entry
from semblance.store.engine import Transaction
from semblance.store.rows import add_row, change_rows, count_rows, read_values
from semblance.store.schema.clock import clock_doubt, worked_off

JUMP: Final = timedelta(days=7)
"""A node that works has an entry in its ledger each day; so much later than the newest one nothing is believed."""


class DoubtKind(StrEnum):
    """What the clock is not believed for."""

    JUMP = "jump"
    """It is far ahead of the ledger's newest entry."""
    STEP = "step"
    """It was put forward while the node ran."""
    MANY = "many"
    """By it one job is to end far more at once than it ever did."""


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """What the clock said, and the moment that was known before; ``job`` and ``count`` are of one job, if of any."""

    kind: DoubtKind
    noticed_at: datetime
    trusted_at: datetime
    job: str = ""
    count: int = 0


def note_doubt(tx: Transaction, doubt: ClockDoubt) -> None:
    """Keep a doubt, once for each kind and job until it is settled."""
    if not count_rows(tx, clock_doubt, _is_open(doubt.kind, doubt.job)):
        add_row(tx, clock_doubt, doubt)


def note_jump(tx: Transaction, last: bytes, at: datetime) -> None:
    """Keep that an entry is about to be written long after the newest one, of which these are the bytes."""
    before = datetime.fromisoformat(read_entry(last)["at"])
    if at - before > JUMP:
        note_doubt(tx, ClockDoubt(DoubtKind.JUMP, at, before))


def list_doubts(tx: Transaction) -> tuple[ClockDoubt, ...]:
    """Return the doubts that nobody and nothing settled, oldest first."""
    asked = sa.select(clock_doubt).where(clock_doubt.c.settled_at.is_(None)).order_by(clock_doubt.c.number)
    return read_values(tx, ClockDoubt, asked)


def settle_doubt(tx: Transaction, doubt: ClockDoubt, at: datetime) -> None:
    """Note that there is no doubt any more: the clock was put right."""
    change_rows(tx, clock_doubt, _is_open(doubt.kind, doubt.job), settled_at=at, believed=False)


def believe_clock(tx: Transaction, at: datetime) -> int:
    """Note that people say that the clock is right, and return how many doubts that settles."""
    return change_rows(tx, clock_doubt, clock_doubt.c.settled_at.is_(None), settled_at=at, believed=True)


def find_believed(tx: Transaction) -> datetime | None:
    """Return when people said last that the clock is right, by that clock."""
    believed: datetime | None = tx.connection.scalar(
        sa.select(clock_doubt.c.settled_at)
        .where(clock_doubt.c.believed.is_(True))
        .order_by(clock_doubt.c.settled_at.desc())
        .limit(1)
    )
    return believed


def count_work(tx: Transaction, job: str, at: datetime, count: int) -> None:
    """Add to what the job ended on that day."""
    mine = (worked_off.c.day == at.date()) & (worked_off.c.job == job)
    if count and not change_rows(tx, worked_off, mine, count=worked_off.c.count + count):
        tx.connection.execute(sa.insert(worked_off).values(day=at.date(), job=job, count=count))


def find_busiest(tx: Transaction, job: str, *, since: date) -> int:
    """Return the most that the job ended on one day since then."""
    mine = (worked_off.c.job == job) & (worked_off.c.day >= since)
    return tx.connection.scalar(sa.select(sa.func.max(worked_off.c.count)).where(mine)) or 0


def _is_open(kind: DoubtKind, job: str) -> sa.ColumnElement[bool]:
    return (clock_doubt.c.kind == kind) & (clock_doubt.c.job == job) & clock_doubt.c.settled_at.is_(None)
