"""All seals at once: what was changed or hidden by hand is found, and a store that had no seals is given them once."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from semblance.errors import VerificationError
from semblance.store import ledger, proposals, sessions
from semblance.store.engine import Transaction
from semblance.store.keyring.anchors import Anchor
from semblance.store.powers.kinds import NODE, PARTS, PowerKind, write_holder
from semblance.store.powers.seals import find_damaged, name_anchor, name_place, reading_newest, seal_all
from semblance.store.schema.node import policy_version
from semblance.store.schema.power import power_seal
from semblance.store.vault import require_keyring
from semblance.terms.ids import digest_bytes

SEALED: Final = "power"
"""The anchor that says that the store was given its seals: whoever deletes them all is not given new ones."""

_CHUNK: Final = 2000
_REPLACED: Final = b'"action":"policy.replace"'


def find_all_damaged(tx: Transaction) -> Iterator[str]:
    """Give the place of everything that was changed, hidden, deleted or put back by hand, also what nobody asks for."""
    for kind in PowerKind:
        for ids in _iterate_sealed(tx, kind):
            yield from (name_place(kind, held) for held in sorted(find_damaged(tx, kind, ids)))
        hidden = {held for ids in _iterate_unsealed(tx, kind) for held in ids} | set(_find_deleted(tx, kind))
        yield from (name_place(kind, held) for held in sorted(hidden))
    yield from (f"session/{person}" for person in sessions.find_forged_sessions(tx))


def seal_unsealed(tx: Transaction) -> int:
    """Seal whatever has no seal, as it stands, and return how much that was."""
    size, count = ledger.read_size(tx), 0
    for kind in PowerKind:
        for ids in _iterate_unsealed(tx, kind):
            seal_all(tx, kind, ids, [size] * len(ids))
            count += len(ids)
    return count


def has_seals(tx: Transaction) -> bool:
    """Return whether anything is sealed."""
    return tx.connection.scalar(sa.select(power_seal.c.id).limit(1)) is not None


def collect_anchors(tx: Transaction) -> dict[str, Anchor]:
    """Return the anchors that the store as it stands would have: a person said that this copy is the right one."""
    keyring, asked = require_keyring(tx), sa.select(power_seal.c.kind, power_seal.c.id, power_seal.c.version)
    found = {name_anchor(PowerKind(row.kind), row.id): Anchor(row.version) for row in tx.connection.execute(asked)}
    ended = {name: anchor for some in keyring.iterate_anchors(sessions.ENDED) for name, anchor in some.items()}
    return found | ended | proposals.list_upgraded(tx) | {SEALED: Anchor(1)}


def require_policies_logged(tx: Transaction) -> None:
    """Raise VerificationError where the versions of the policy are not those that the ledger says came into force."""
    logged = [
        opening.text
        for number, data in ledger.iterate_entries(tx)
        if _REPLACED in data and b'"verb":"refusal"' not in data
        for opening in ledger.read_openings(tx, number)
        if opening.label == "touched/0"
    ]
    rows = tx.connection.execute(sa.select(policy_version).order_by(policy_version.c.number)).all()
    if [f"{row.number} {digest_bytes(row.text.encode())}" for row in rows] != logged:
        raise VerificationError(
            "power.policy-not-logged",
            "The policies in the database are not those that the ledger says were brought into force: somebody "
            "changed, added or removed one by hand. Restore the database from a copy.",
        )


def _iterate_sealed(tx: Transaction, kind: PowerKind) -> Iterator[list[str]]:
    asked = sa.select(power_seal.c.id).where(power_seal.c.kind == kind)
    yield from _iterate(tx, asked, power_seal.c.id)


def _iterate_unsealed(tx: Transaction, kind: PowerKind) -> Iterator[list[str]]:
    """Give what has rows and no seal; some of it again for each part of its rows."""
    for part in PARTS[kind]:
        holder = write_holder(part.holder)
        sealed = sa.exists().where(power_seal.c.kind == kind, power_seal.c.id == holder)
        asked = sa.select(holder).select_from(part.source).where(~sealed)
        if part.holder is not None:
            yield from _iterate(tx, asked.distinct(), holder)
        elif tx.connection.scalar(asked.limit(1)) is not None:
            yield [NODE]


def _iterate(tx: Transaction, asked: sa.Select[Any], order: sa.ColumnElement[Any]) -> Iterator[list[str]]:
    last = ""
    while ids := list(tx.connection.scalars(asked.where(order > last).order_by(order).limit(_CHUNK))):
        yield ids
        if len(ids) < _CHUNK:
            return
        last = ids[-1]


def _find_deleted(tx: Transaction, kind: PowerKind) -> Iterator[str]:
    """Give what the keyring knows and the store has no seal of any more."""
    prefix = name_anchor(kind, "")
    for some in require_keyring(tx).iterate_anchors(prefix):
        ids = [name.removeprefix(prefix) for name in some]
        if missing := _leave_unsealed(tx, kind, ids):
            # what was made since this transaction began to read is in the keyring already
            with reading_newest(tx) as newest:
                yield from _leave_unsealed(newest, kind, missing)


def _leave_unsealed(tx: Transaction, kind: PowerKind, ids: Sequence[str]) -> list[str]:
    asked = sa.select(power_seal.c.id).where(power_seal.c.kind == kind, power_seal.c.id.in_(ids))
    sealed = set(tx.connection.scalars(asked))
    return [held for held in ids if held not in sealed]
