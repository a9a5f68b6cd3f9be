"""Sealing what is held of people: AES-256-GCM, a key for each subject, case, probe and search, bound to its place.

Functions of the store call ``make_key``, ``seal``, ``unseal``, ``blind`` and ``destroy_key`` with the transaction in
hand. A key made in a transaction is kept in the keyring just before its commit; a key doomed in one is destroyed just
after, and again at the next start where the program was killed between the two.
"""

import os
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from semblance.errors import ConfigurationError, LedgerBroken, StoreError, VerificationError
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId, Keyring
from semblance.store.keyring.wrapping import KEY_LENGTH, NONCE_LENGTH
from semblance.store.schema.base import metadata
from semblance.store.schema.case import case_file
from semblance.store.schema.clip import covered_clip
from semblance.store.schema.gallery import probe, search, subject, subject_seal
from semblance.store.schema.job import job
from semblance.store.schema.ledger import ledger_opening
from semblance.store.schema.node import doomed_key
from semblance.store.schema.reconciliation import found_pair
from semblance.store.schema.request import request
from semblance.store.schema.submission import submission, submission_file

_KEY_COLUMN: Final = "key_id"
_NEWEST: Final = 20
_SEALED: Final[dict[str, sa.Select[Any]]] = {
    "subject": sa.select(subject.c.id, subject.c.key_id),
    # keyed digests of numbers under which only refused photos were remembered
    "intake": sa.select(subject_seal.c.blind, subject_seal.c.key_id).where(
        ~sa.exists().where(subject.c.blind == subject_seal.c.blind)
    ),
    "case": sa.select(case_file.c.id, case_file.c.key_id).where(case_file.c.sealed.is_not(None)),
    "search": sa.select(search.c.id, search.c.key_id).where(search.c.sealed.is_not(None)),
    "probe": sa.select(probe.c.id, probe.c.key_id),
    "pair": sa.select(found_pair.c.id, found_pair.c.key_id).where(found_pair.c.key_id.is_not(None)),
    "request": sa.select(request.c.id, request.c.key_id).where(request.c.sealed.is_not(None)),
    "submission": sa.select(submission.c.id, submission.c.key_id),
    "submission-file": sa.select(submission_file.c.id, submission_file.c.key_id),
    "clip": sa.select(covered_clip.c.id, covered_clip.c.key_id),
    "job": sa.select(job.c.id, job.c.key_id).where(job.c.arguments.is_not(None)),
}
"""What has a key of its own, as long as something sealed is held of it."""


def make_key(tx: Transaction, kind: str) -> KeyId:
    """Return the name of a new key; ``kind`` says what it seals: "subject", "case", "probe", "submission"."""
    name, raw = KeyId(f"{kind}-{secrets.token_hex(16)}"), secrets.token_bytes(KEY_LENGTH)
    tx.fresh_keys[name] = raw
    keyring, fresh = require_keyring(tx), tx.fresh_keys
    tx.before_commit["keyring"] = lambda: keyring.add(fresh)
    return name


def seal(tx: Transaction, key: KeyId, place: str, data: bytes) -> bytes:
    """Return the data encrypted, to be unsealed with the same key in the same place only.

    ``place`` says where it stands ("photo.data/ID"), so that nobody can move it from one row to another unnoticed.
    """
    nonce = os.urandom(NONCE_LENGTH)
    return nonce + _find(tx, key).encrypt(nonce, data, place.encode())


def unseal(tx: Transaction, key: KeyId, place: str, data: bytes) -> bytes:
    """Return the data that was sealed; raises KeyDestroyed after its erasure, VerificationError if changed."""
    try:
        return _find(tx, key).decrypt(data[:NONCE_LENGTH], data[NONCE_LENGTH:], place.encode())
    except InvalidTag:
        raise VerificationError(
            "store.changed-by-hand",
            "What is held in {place} was changed or moved by hand; restore it from a copy.",
            place=place.partition("/")[0],
        ) from None


def seal_text(tx: Transaction, key: KeyId, place: str, text: str) -> bytes:
    """Seal a text as UTF-8."""
    return seal(tx, key, place, text.encode("utf-8", "surrogatepass"))


def unseal_text(tx: Transaction, key: KeyId, place: str, data: bytes) -> str:
    """Return the text that was sealed."""
    return unseal(tx, key, place, bytes(data)).decode("utf-8", "surrogatepass")


def blind(tx: Transaction, *parts: str) -> str:
    """Return a keyed digest of the texts: equal texts are found by it, and without the keyring none can be guessed."""
    written = [part.encode("utf-8", "backslashreplace") for part in parts]
    return require_keyring(tx).digest(b"".join(len(part).to_bytes(8, "big") + part for part in written))


def load_keys(tx: Transaction, wanted: Iterable[KeyId] | None = None) -> None:
    """Make these keys, or every key, ready at once, where thousands of rows are about to be unsealed."""
    if wanted is None:
        require_keyring(tx).load_all()
    else:
        require_keyring(tx).load(wanted)


def destroy_key(tx: Transaction, key: KeyId) -> None:
    """Destroy the key when this transaction is committed: whatever it sealed, in any copy, stays unreadable.

    The openings of the ledger that it sealed are deleted. One that is doomed already is destroyed once.
    """
    if not _is_doomed(tx, key):
        tx.connection.execute(sa.insert(doomed_key).values(id=key, proof=_prove(tx, key)))
    tx.ledger_tail.flush(tx.connection)
    tx.connection.execute(sa.delete(ledger_opening).where(ledger_opening.c.key_id == key))
    keyring, doomed = require_keyring(tx), tx.doomed_keys
    doomed.append(key)
    tx.after_commit["destroy keys"] = lambda: _destroy(keyring, doomed)


def finish_destruction(tx: Transaction) -> int:
    """Destroy the keys that an earlier run doomed and did not live to destroy; return how many.

    Raises VerificationError where somebody without the keyring wrote into the list of doomed keys.
    """
    keyring, destroyed = require_keyring(tx), require_keyring(tx).list_destroyed()
    waiting = [row for row in tx.connection.execute(sa.select(doomed_key)) if KeyId(row.id) not in destroyed]
    for row in waiting:
        if row.proof != _prove(tx, KeyId(row.id)):
            raise VerificationError(
                "store.doomed-keys-changed",
                "The list of keys to be destroyed was changed by hand; nothing was destroyed. Restore the database "
                "from a copy.",
            )
    if waiting:
        keyring.destroy(sorted(KeyId(row.id) for row in waiting))
    return len(waiting)


def list_destroyed(tx: Transaction) -> frozenset[KeyId]:
    """Return the names of all keys that were destroyed; a row that names one is of an older copy of the database."""
    return require_keyring(tx).list_destroyed()


def find_unreadable(tx: Transaction, kind: str) -> tuple[Any, ...]:
    """Return the ids of what an older copy of the database holds again although its key is destroyed.

    It is to be erased once more.
    """
    destroyed = list_destroyed(tx)
    return tuple(sorted(row[0] for row in tx.connection.execute(_SEALED[kind]) if row.key_id in destroyed))


def require_nothing_revived(tx: Transaction) -> None:
    """Raise LedgerBroken where rows name keys that were destroyed by no erasure of this database: it is an older copy.

    To be asked first in its transaction: what another program erases meanwhile is no difference.
    """
    destroyed = require_keyring(tx).list_destroyed()
    elsewhere = destroyed.difference(tx.connection.scalars(sa.select(doomed_key.c.id)))
    if not elsewhere:
        return
    n = sum(row.key_id in elsewhere for asked in _SEALED.values() for row in tx.connection.execute(asked))
    if n:
        raise LedgerBroken(
            "store.erased-came-back",
            "The store holds {n} subjects, cases, searches, probes or requests again whose keys were destroyed: an "
            "older copy of the database was restored. Put the newest back; if the older copy is meant, `semblance "
            "ledger accept-restored` erases them again, and that is recorded.",
            n=n,
        )


def require_keyring_of(tx: Transaction) -> None:
    """Raise ConfigurationError where the keyring does not know the newest keys that the database names."""
    newest = (
        sa.select(subject.c.key_id).order_by(subject.c.created_at.desc()).limit(1),
        sa.select(case_file.c.key_id).order_by(case_file.c.opened_at.desc()).limit(1),
        sa.select(ledger_opening.c.key_id).order_by(ledger_opening.c.number.desc()).limit(_NEWEST),
    )
    keyring = require_keyring(tx)
    for name in {KeyId(name) for asked in newest for name in tx.connection.scalars(asked)}:
        if not keyring.holds(name):
            raise ConfigurationError(
                "operator.keyring.older-than-store",
                "The keyring is older than the store, or another node's: it never held keys that the store names. "
                "Put the newest copy of the keyring back; nothing was started or changed.",
            )


def list_unnamed(tx: Transaction, *, made_before: datetime) -> tuple[KeyId, ...]:
    """Return the keys made before that moment that no row names: their transaction was never committed."""
    waiting = set(require_keyring(tx).list_older(made_before))
    for table in metadata.tables.values():
        if not waiting:
            break
        if _KEY_COLUMN in table.c:
            named = tx.connection.scalars(sa.select(table.c[_KEY_COLUMN]).distinct())
            waiting.difference_update(KeyId(name) for name in named)
    return tuple(sorted(waiting))


def count_doomed_keys(tx: Transaction) -> int:
    """Return how many keys were ever doomed to destruction: subjects', cases' and requests'."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(doomed_key)) or 0


def _is_doomed(tx: Transaction, key: KeyId) -> bool:
    return bool(tx.connection.scalar(sa.select(sa.func.count()).where(doomed_key.c.id == key)))


def _prove(tx: Transaction, key: KeyId) -> str:
    """Return what only a program with the keyring can write beside a doomed key."""
    return blind(tx, "doomed", key)


def _destroy(keyring: Keyring, keys: Sequence[KeyId]) -> None:
    try:
        keyring.destroy(keys)
    except StoreError as error:
        raise StoreError(
            "store.key-not-destroyed",
            "What was to be erased is deleted, but its key could not be destroyed yet: {why} It is "
            "destroyed at the next start, or by the worker; until then copies made before can be read.",
            why=error.message,
        ) from error


def _find(tx: Transaction, key: KeyId) -> AESGCM:
    fresh = tx.fresh_keys.get(key)
    return AESGCM(fresh) if fresh is not None else require_keyring(tx).find(key)


def require_keyring(tx: Transaction) -> Keyring:
    """Return the keyring; raises ConfigurationError where the store was opened without one."""
    if tx.keyring is None:
        raise ConfigurationError(
            "operator.store.no-keyring", "This store was opened without its keyring; open the node instead."
        )
    return tx.keyring
