"""What was found each time the whole ledger was verified."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.messages.message import Message
from semblance.store.engine import Transaction
from semblance.store.schema.request import verification


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification; ``fault`` says what is wrong, None where nothing is."""

    at: datetime
    person: str
    entries: int | None
    fault: Message | None


def add_verification(tx: Transaction, made: Verification) -> None:
    """Keep what was found."""
    tx.connection.execute(
        sa.insert(verification).values(at=made.at, person=made.person, entries=made.entries, fault=made.fault)
    )


def find_last(tx: Transaction) -> Verification | None:
    """Return what the last verification found, or None before the first."""
    row = tx.connection.execute(sa.select(verification).order_by(verification.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else Verification(row.at, row.person, row.entries, row.fault)
