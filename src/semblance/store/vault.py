"""Sealing what is held of people: AES-256-GCM, one key for each subject and each case, bound to the place it stands in.

Functions of the store call ``make_key``, ``seal``, ``unseal``, ``blind`` and ``destroy_key`` with the transaction in
hand. A key made in a transaction is kept in the keyring just before its commit; a key doomed in one is destroyed just
after, and again at the next start where the program was killed between the two.
"""

import os
import secrets
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from semblance.errors import ConfigurationError, VerificationError
from semblance.store.engine import Transaction
from semblance.store.keyring import KEY_LENGTH, KeyId, Keyring
from semblance.store.schema_vault import doomed_key

_NONCE_LENGTH: Final = 12


def make_key(tx: Transaction, kind: str) -> KeyId:
    """Return the name of a new key; ``kind`` is "subject", "case" or "node"."""
    name, raw = KeyId(f"{kind}-{secrets.token_hex(16)}"), secrets.token_bytes(KEY_LENGTH)
    tx.fresh_keys[name] = raw
    keyring, fresh = _require_keyring(tx), tx.fresh_keys
    tx.before_commit["keyring"] = lambda: keyring.add(fresh)
    return name


def seal(tx: Transaction, key: KeyId, place: str, data: bytes) -> bytes:
    """Return the data encrypted, to be unsealed with the same key in the same place only.

    ``place`` says where it stands ("photo.data/ID"), so that nobody can move it from one row to another unnoticed.
    """
    nonce = os.urandom(_NONCE_LENGTH)
    return nonce + _find(tx, key).encrypt(nonce, data, place.encode())


def unseal(tx: Transaction, key: KeyId, place: str, data: bytes) -> bytes:
    """Return the data that was sealed; raises KeyDestroyed after its erasure, VerificationError if changed."""
    try:
        return _find(tx, key).decrypt(data[:_NONCE_LENGTH], data[_NONCE_LENGTH:], place.encode())
    except InvalidTag:
        raise VerificationError(
            f"What is held in {place.partition('/')[0]} was changed or moved by hand; restore it from a copy."
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
    return _require_keyring(tx).digest(b"".join(len(part).to_bytes(8, "big") + part for part in written))


def load_keys(tx: Transaction, wanted: Iterable[KeyId] | None = None) -> None:
    """Make these keys, or every key, ready at once, where thousands of rows are about to be unsealed."""
    if wanted is None:
        _require_keyring(tx).load_all()
    else:
        _require_keyring(tx).load(wanted)


def destroy_key(tx: Transaction, key: KeyId) -> None:
    """Destroy the key when this transaction is committed: whatever it sealed, in any copy, stays unreadable."""
    tx.connection.execute(sa.insert(doomed_key).values(id=key))
    keyring = _require_keyring(tx)
    tx.after_commit[f"destroy {key}"] = lambda: keyring.destroy([key])


def finish_destruction(tx: Transaction) -> int:
    """Destroy the keys that an earlier run doomed and did not live to destroy; return how many."""
    keyring = _require_keyring(tx)
    doomed = {KeyId(name) for name in tx.connection.scalars(sa.select(doomed_key.c.id))}
    waiting = doomed - keyring.list_destroyed()
    if waiting:
        keyring.destroy(sorted(waiting))
    return len(waiting)


def _find(tx: Transaction, key: KeyId) -> AESGCM:
    fresh = tx.fresh_keys.get(key)
    return AESGCM(fresh) if fresh is not None else _require_keyring(tx).find(key)


def _require_keyring(tx: Transaction) -> Keyring:
    if tx.keyring is None:
        raise ConfigurationError("This store was opened without its keyring; open the node instead.")
    return tx.keyring
