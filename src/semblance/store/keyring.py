"""The keys that seal what is held of people, kept apart from the database, so that a copy of it cannot bring one back.

A keyring is a small database of its own. Every key in it is wrapped by the node key; a key that was destroyed leaves
its name behind and nothing else, so that an older database that still names it is recognised.
"""

import os
import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NewType

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import event

from semblance.errors import ConfigurationError, KeyDestroyed
from semblance.store.failures import translate_failures

KeyId = NewType("KeyId", str)
KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_INDEX_KEY: Final = KeyId("index")
_MANY: Final = 200

_metadata: Final = sa.MetaData()
_key: Final = sa.Table(
    "key",
    _metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("destroyed_at", sa.Text),
)


class Keyring:
    """Named keys of 256 bits; thread-safe. ``node_key`` wraps them all (AES-256-GCM, bound to the key's name)."""

    def __init__(self, url: str, node_key: bytes) -> None:
        self._place = sa.make_url(url).render_as_string()
        self._engine = _open_engine(url)
        self._wrapping = AESGCM(node_key)
        self._lock = threading.Lock()
        self._held: dict[KeyId, AESGCM] = {}
        with translate_failures(self._place), self._engine.begin() as connection:
            _metadata.create_all(connection)
        self._index = self._open_index()

    def add(self, keys: Mapping[KeyId, bytes]) -> None:
        """Keep these new keys."""
        rows = [{"id": name, "wrapped": self._wrap(name, raw), "destroyed_at": None} for name, raw in keys.items()]
        with translate_failures(self._place), self._engine.begin() as connection:
            connection.execute(sa.insert(_key), rows)

    def find(self, name: KeyId) -> AESGCM:
        """Return the key ready for use; raises KeyDestroyed where it is not held any more."""
        with self._lock:
            held = self._held.get(name)
        if held is not None:
            return held
        with translate_failures(self._place), self._engine.connect() as connection:
            wrapped = connection.scalar(sa.select(_key.c.wrapped).where(_key.c.id == name))
        if wrapped is None:
            raise KeyDestroyed("What is asked for was erased: its key was destroyed, and no copy of it can be read.")
        found = AESGCM(self._unwrap(name, bytes(wrapped)))
        with self._lock:
            self._held[name] = found
        return found

    def load(self, wanted: Iterable[KeyId]) -> None:
        """Make these keys ready; where many of them are not yet, every key is unwrapped at once."""
        with self._lock:
            missing = sum(name not in self._held for name in wanted)
        if missing >= _MANY:
            self.load_all()

    def load_all(self) -> None:
        """Unwrap every key once, where thousands are about to be asked for."""
        with translate_failures(self._place), self._engine.connect() as connection:
            rows = connection.execute(sa.select(_key.c.id, _key.c.wrapped).where(_key.c.wrapped.is_not(None))).all()
        fresh = {KeyId(row.id): AESGCM(self._unwrap(KeyId(row.id), bytes(row.wrapped))) for row in rows}
        with self._lock:
            self._held.update(fresh)

    def destroy(self, names: Iterable[KeyId]) -> None:
        """Overwrite these keys and keep only that they were destroyed; unknown ones are noted as destroyed, too."""
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        with translate_failures(self._place), self._engine.begin() as connection:
            for name in names:
                gone = sa.update(_key).where(_key.c.id == name).values(wrapped=None, destroyed_at=moment)
                if not connection.execute(gone).rowcount:
                    connection.execute(sa.insert(_key).values(id=name, wrapped=None, destroyed_at=moment))
                with self._lock:
                    self._held.pop(name, None)

    def list_destroyed(self) -> frozenset[KeyId]:
        """Return the names of all keys that were destroyed."""
        with translate_failures(self._place), self._engine.connect() as connection:
            return frozenset(
                KeyId(name) for name in connection.scalars(sa.select(_key.c.id).where(_key.c.wrapped.is_(None)))
            )

    def digest(self, text: bytes) -> str:
        """Return HMAC-SHA-256 of the text under the keyring's index key, in hexadecimal: equal texts, equal digests."""
        mac = HMAC(self._index, hashes.SHA256())
        mac.update(text)
        return mac.finalize().hex()

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _open_index(self) -> bytes:
        with translate_failures(self._place), self._engine.connect() as connection:
            wrapped = connection.scalar(sa.select(_key.c.wrapped).where(_key.c.id == _INDEX_KEY))
        if wrapped is not None:
            return _derive(self._unwrap(_INDEX_KEY, bytes(wrapped)))
        raw = secrets.token_bytes(KEY_LENGTH)
        self.add({_INDEX_KEY: raw})
        return _derive(raw)

    def _wrap(self, name: KeyId, raw: bytes) -> bytes:
        nonce = os.urandom(_NONCE_LENGTH)
        return nonce + self._wrapping.encrypt(nonce, raw, name.encode())

    def _unwrap(self, name: KeyId, wrapped: bytes) -> bytes:
        try:
            return self._wrapping.decrypt(wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], name.encode())
        except InvalidTag:
            raise ConfigurationError(
                "The node key is not the one that this keyring was made with, or the keyring was changed by hand. Put "
                "the right node key back from where it is kept safe; nothing was started or changed."
            ) from None


def _derive(raw: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_LENGTH, None, b"semblance index").derive(raw)


def _open_engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url)
    if url == "sqlite://":
        return sa.create_engine(url, poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    path = sa.make_url(url).database or ""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = sa.create_engine(url)

    @event.listens_for(engine, "connect")
    def prepare(connection: object, _record: object) -> None:
        # no write-ahead log: a destroyed key must be gone from every file when the transaction ends
        for pragma in ("busy_timeout = 60000", "journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined]

    return engine
