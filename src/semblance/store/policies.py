"""The versions of the policy, oldest first; none is ever changed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.schema.policy import policy_version
from semblance.terms.ids import Sha256


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """One version of the policy file, with who brought it into force, when and why."""

    number: int
    at: datetime
    person: str
    authority: str
    reason: str
    digest: Sha256
    text: str


def read_number(tx: Transaction) -> int:
    """Return the number of the newest version; 0 before the first."""
    return tx.connection.scalar(sa.select(sa.func.max(policy_version.c.number))) or 0


def find_policy(tx: Transaction, number: int) -> StoredPolicy | None:
    """Return the version with that number."""
    row = tx.connection.execute(sa.select(policy_version).where(policy_version.c.number == number)).one_or_none()
    return None if row is None else _read(row)


def list_policies(tx: Transaction) -> tuple[StoredPolicy, ...]:
    """Return all versions, newest first."""
    rows = tx.connection.execute(sa.select(policy_version).order_by(policy_version.c.number.desc()))
    return tuple(_read(row) for row in rows)


def add_policy(tx: Transaction, stored: StoredPolicy) -> None:
    """Bring a version into force; its number must be the next."""
    tx.connection.execute(
        sa.insert(policy_version).values(
            number=stored.number,
            at=stored.at,
            person=stored.person,
            authority=stored.authority,
            reason=stored.reason,
            digest=stored.digest,
            text=stored.text,
        )
    )


def _read(row: sa.Row[tuple[object, ...]]) -> StoredPolicy:
    return StoredPolicy(row.number, row.at, row.person, row.authority, row.reason, Sha256(row.digest), row.text)
