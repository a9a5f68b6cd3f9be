"""The versions of the policy, oldest first; none is ever changed."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.powers.kinds import NODE, PowerKind
from semblance.store.powers.seals import find_stamp, require_sealed
from semblance.store.rows import add_row, find_first, read_values
from semblance.store.schema.node import policy_version
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


def read_stamp(tx: Transaction) -> bytes | None:
    """Return what changes with each version, None before the first; raises VerificationError where one was put back."""
    return find_stamp(tx, PowerKind.POLICY, NODE)


def find_newest(tx: Transaction) -> StoredPolicy | None:
    """Return the version in force, None before the first."""
    return find_first(list_policies(tx))


def find_policy(tx: Transaction, number: int) -> StoredPolicy | None:
    """Return the version with that number."""
    require_sealed(tx, PowerKind.POLICY, [NODE])
    asked = sa.select(policy_version).where(policy_version.c.number == number)
    return find_first(read_values(tx, StoredPolicy, asked))


def list_policies(tx: Transaction) -> tuple[StoredPolicy, ...]:
    """Return all versions, newest first."""
    require_sealed(tx, PowerKind.POLICY, [NODE])
    return read_values(tx, StoredPolicy, sa.select(policy_version).order_by(policy_version.c.number.desc()))


def add_policy(tx: Transaction, stored: StoredPolicy) -> None:
    """Bring a version into force; its number must be the next."""
    add_row(tx, policy_version, stored)
