"""The keys that seal what is held of people, kept apart from the database, so that a copy of it cannot bring one back.

A keyring is a small database of its own. Every key in it is wrapped by the node key; a key that was destroyed leaves
its name behind and nothing else, so that an older database that still names it is recognised.
"""

import hmac
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NewType

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from semblance.errors import ConfigurationError, KeyDestroyed, VerificationError
from semblance.store.database import make_private_file, name_place, open_engine, parse_url, reading, vacuum, writing
from semblance.store.failures import translate_failures
from semblance.store.keyring.anchors import Anchor, anchor, find_anchors, iterate_anchors, write_anchors
from semblance.store.keyring.wrapping import KEY_LENGTH as KEY_LENGTH
from semblance.store.keyring.wrapping import Wrapping, key, metadata, state

KeyId = NewType("KeyId", str)

NODE_KEY: Final = KeyId("node")
"""Seals what belongs to no subject and no case: it is never destroyed."""

_INDEX_KEY: Final = KeyId("index")
_CHUNK: Final = 5000
_FIND: Final = sa.select(state.c.fingerprint, key.c.id, key.c.wrapped).select_from(
    state.outerjoin(key, key.c.id == sa.bindparam("name", type_=sa.Text))
)
"""One key with the fingerprint of what wraps it, asked for in one statement."""
_MANY: Final = 5000
_WRITERS_LOCK: Final = 0x4B455953
"""One number for all programs that write the same keyring in PostgreSQL; the letters KEYS."""
_ASKED: Final = 500


@dataclass(frozen=True, slots=True)
class KeyringFacts:
    """What can be said of a keyring without opening a key; ``node_key`` is a fingerprint of the key that wraps."""

    keys: int
    destroyed: int
    node_key: str
    made_at: datetime
    rotated_at: datetime | None
    swept_at: datetime | None


class Keyring:
    """Named keys of 256 bits; thread-safe. ``node_key`` wraps them all (AES-256-GCM, bound to the key's name).

    ``reread`` gives the node keys that may be meant now, for a program that runs while another one rotates it.
    ``make=False`` opens only what is there. Raises ConfigurationError where the keyring is missing or empty, or the
    node key is another one; then nothing was made or changed.
    """

    def __init__(
        self, url: str, node_key: bytes, *, reread: Callable[[], Iterable[bytes]] | None = None, make: bool = True
    ) -> None:
        parsed = parse_url(url, "the keyring")
        self._place = name_place(parsed)
        if parsed.get_backend_name() == "sqlite":
            _prepare_file(Path(self._place), make=make)
        # no write-ahead log: a destroyed key must be gone from every file when the transaction ends
        self._engine = open_engine(parsed, journal="DELETE", kept=4)
        self._wrapping = Wrapping(node_key)
        self._reread = reread
        self._lock = threading.Lock()
        self._held: dict[KeyId, AESGCM] = {}
        try:
            self._open(make=make)
            root = self._read(_INDEX_KEY)
            self._index = HKDF(hashes.SHA256(), KEY_LENGTH, None, b"semblance index").derive(root)
            self._powers = HKDF(hashes.SHA256(), KEY_LENGTH, None, b"semblance powers").derive(root)
        except BaseException:
            self._engine.dispose()
            raise

    def add(self, keys: Mapping[KeyId, bytes]) -> None:
        """Keep these new keys."""
        with self._writing() as connection:
            self._insert(connection, self._require_current(connection), keys)

    def find(self, name: KeyId) -> AESGCM:
        """Return the key ready for use.

        Raises KeyDestroyed where it was destroyed, ConfigurationError where this keyring never held it.
        """
        with self._lock:
            held = self._held.get(name)
        if held is not None:
            return held
        found = AESGCM(self._read(name))
        with self._lock:
            self._held[name] = found
        return found

    def load(self, wanted: Iterable[KeyId]) -> None:
        """Make these keys ready, all at once; where very many are not yet, every key is unwrapped."""
        with self._lock:
            missing = sorted({name for name in wanted if name not in self._held})
        if len(missing) >= _MANY:
            self.load_all()
            return
        for start in range(0, len(missing), _ASKED):
            self._hold(key.c.id.in_(missing[start : start + _ASKED]))

    def load_all(self) -> None:
        """Unwrap every key once, where thousands are about to be asked for."""
        self._hold(sa.true())

    def _hold(self, which: sa.ColumnElement[bool]) -> None:
        """Unwrap these keys, those left out that were destroyed."""
        asked = sa.select(key.c.id, key.c.wrapped).where(which, key.c.wrapped.is_not(None))
        with self._reading() as connection:
            held = self._require_current(connection)
            rows = connection.execute(asked).all()
        fresh = {KeyId(row.id): AESGCM(self._unwrap(held, row.id, bytes(row.wrapped))) for row in rows}
        with self._lock:
            self._held.update(fresh)

    def holds(self, name: KeyId) -> bool:
        """Return whether the keyring knows the name, be its key destroyed or not."""
        with self._reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).where(key.c.id == name)) == 1

    def destroy(self, names: Iterable[KeyId]) -> None:
        """Overwrite these keys and keep only that they were destroyed; unknown ones are noted as destroyed, too."""
        moment, gone = datetime.now(UTC), list(names)
        with self._writing() as connection:
            for name in gone:
                void = sa.update(key).where(key.c.id == name, key.c.wrapped.is_not(None))
                if connection.execute(void.values(wrapped=None, destroyed_at=moment)).rowcount:
                    continue
                if not connection.scalar(sa.select(sa.func.count()).where(key.c.id == name)):
                    connection.execute(sa.insert(key).values(id=name, made_at=moment, destroyed_at=moment))
        self._forget(gone)
        vacuum(self._engine, [key])

    def list_destroyed(self) -> frozenset[KeyId]:
        """Return the names of all keys that were destroyed, by whichever program."""
        with self._reading() as connection:
            names = connection.scalars(sa.select(key.c.id).where(key.c.wrapped.is_(None)))
            found = frozenset(KeyId(name) for name in names)
        self._forget(found)
        return found

    def list_older(self, moment: datetime) -> frozenset[KeyId]:
        """Return the names of the keys of subjects and cases that were made before that moment and are held still."""
        old = key.c.wrapped.is_not(None) & (key.c.made_at < moment) & key.c.id.not_in([NODE_KEY, _INDEX_KEY])
        with self._reading() as connection:
            return frozenset(KeyId(name) for name in connection.scalars(sa.select(key.c.id).where(old)))

    def sweep(self, names: Iterable[KeyId], *, at: datetime) -> None:
        """Remove keys that nothing was ever sealed with, and note when; of them nothing is kept, not even the name."""
        gone = list(names)
        with self._writing() as connection:
            for name in gone:
                connection.execute(sa.delete(key).where(key.c.id == name, key.c.wrapped.is_not(None)))
            connection.execute(sa.update(state).values(swept_at=at))
        self._forget(gone)
        vacuum(self._engine, [key])

    def raise_anchors(self, raised: Mapping[str, Anchor]) -> None:
        """Keep these anchors, all at once; one that is not higher than what is kept under its name changes nothing."""
        with self._writing() as connection:
            write_anchors(connection, raised)

    def replace_anchors(self, kept: Mapping[str, Anchor]) -> None:
        """Keep these anchors and no others, be they lower: a person said that an older copy of the store is meant."""
        with self._writing() as connection:
            connection.execute(sa.delete(anchor))
            write_anchors(connection, kept)

    def read_anchors(self, names: Iterable[str]) -> dict[str, Anchor]:
        """Return the anchors of these names, those left out that were never raised."""
        with self._reading() as connection:
            return find_anchors(connection, names)

    def iterate_anchors(self, prefix: str) -> Iterator[dict[str, Anchor]]:
        """Give the anchors whose names begin so, some thousand at a time; the prefix ends in a slash."""
        with self._reading() as connection:
            yield from iterate_anchors(connection, prefix)

    def forget_anchors(self, prefix: str, *, below: int) -> None:
        """Forget the anchors of such names whose number is lower: what they were about is over."""
        with self._writing() as connection:
            connection.execute(sa.delete(anchor).where(anchor.c.name.startswith(prefix), anchor.c.number < below))

    def rotate(self, node_key: bytes, *, on_progress: Callable[[int], None] | None = None) -> int:
        """Wrap every key by another node key, all or none, and return how many; other programs wait meanwhile.

        ``on_progress`` is told how many are done. A node key that wraps them already changes nothing.
        """
        fresh, done = Wrapping(node_key), 0
        with self._writing() as connection:
            if self._read_fingerprint(connection) == fresh.fingerprint:
                self._wrapping = fresh
                return 0
            held = self._require_current(connection)
            for chunk in _iterate_wrapped(connection):
                rewrapped = [
                    {"name": name, "now": fresh.wrap(name, self._unwrap(held, name, data))} for name, data in chunk
                ]
                connection.execute(
                    sa.update(key).where(key.c.id == sa.bindparam("name")).values(wrapped=sa.bindparam("now")),
                    rewrapped,
                )
                done += len(chunk)
                if on_progress is not None:
                    on_progress(done)
            connection.execute(sa.update(state).values(fingerprint=fresh.fingerprint, rotated_at=datetime.now(UTC)))
        self._wrapping = fresh
        vacuum(self._engine, [key])
        return done

    def describe(self) -> KeyringFacts:
        """Return how many keys are held, how many were destroyed, and by which node key they are wrapped since when."""
        with self._reading() as connection:
            held, whole = connection.execute(sa.select(sa.func.count(key.c.wrapped), sa.func.count())).one()
            row = connection.execute(sa.select(state)).one()
        return KeyringFacts(held, whole - held, row.fingerprint, row.made_at, row.rotated_at, row.swept_at)

    def digest(self, text: bytes) -> str:
        """Return HMAC-SHA-256 of the text under the keyring's index key, in hexadecimal: equal texts, equal digests."""
        mac = HMAC(self._index, hashes.SHA256())
        mac.update(text)
        return mac.finalize().hex()

    def authenticate(self, text: bytes) -> bytes:
        """Return the MAC by which what gives powers is told from what somebody wrote into the store by hand."""
        return hmac.digest(self._powers, text, "sha256")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _open(self, *, make: bool) -> None:
        with self._writing() if make else self._reading() as connection:
            tables = set(sa.inspect(connection).get_table_names())
            if make:
                metadata.create_all(connection)
                if self._read_fingerprint(connection) is None:
                    self._fill(connection)
            elif state.name not in tables or self._read_fingerprint(connection) is None:
                raise ConfigurationError(
                    "operator.keyring.empty",
                    "The keyring {place} is empty, and everything that the store holds is sealed with the keys that "
                    "should be in it. Put its newest copy back; nothing was started or changed.",
                    place=self._place,
                )
            self._require_current(connection)
        if not make and anchor.name not in tables:
            # a keyring made before there were anchors
            with self._writing() as connection:
                anchor.create(connection, checkfirst=True)

    def _fill(self, connection: sa.Connection) -> None:
        if connection.scalar(sa.select(sa.func.count()).select_from(key)):
            raise ConfigurationError(
                "operator.keyring.no-node-key",
                "The keyring {place} does not say which node key wraps it; it was changed by hand. Put its newest "
                "copy back; nothing was started or changed.",
                place=self._place,
            )
        connection.execute(
            sa.insert(state).values(id=1, fingerprint=self._wrapping.fingerprint, made_at=datetime.now(UTC))
        )
        first = {name: secrets.token_bytes(KEY_LENGTH) for name in (_INDEX_KEY, NODE_KEY)}
        self._insert(connection, self._wrapping, first)

    def _insert(self, connection: sa.Connection, held: Wrapping, keys: Mapping[KeyId, bytes]) -> None:
        moment = datetime.now(UTC)
        rows = [{"id": name, "wrapped": held.wrap(name, raw), "made_at": moment} for name, raw in keys.items()]
        if rows:
            connection.execute(sa.insert(key), rows)

    def _read(self, name: KeyId) -> bytes:
        with self._reading() as connection:
            row = connection.execute(_FIND, {"name": name}).one_or_none()
            held = self._wrapping
            if row is None or row.fingerprint != held.fingerprint:
                held = self._require_current(connection)
        if row is None or row.id is None:
            raise ConfigurationError(
                "operator.keyring.older",
                "The keyring {place} is older than the store, or another one: it never held a key that the store "
                "names. Put its newest copy back.",
                place=self._place,
            )
        if row.wrapped is None:
            raise KeyDestroyed(
                "keyring.destroyed",
                "What is asked for was erased: its key was destroyed, and no copy of it can be read.",
            )
        return self._unwrap(held, name, bytes(row.wrapped))

    def _unwrap(self, held: Wrapping, name: str, wrapped: bytes) -> bytes:
        raw = held.unwrap(name, wrapped)
        if raw is None:
            raise VerificationError(
                "keyring.key-damaged",
                "A key in the keyring {place} was changed by hand or damaged; put the newest copy back.",
                place=self._place,
            )
        return raw

    def _require_current(self, connection: sa.Connection) -> Wrapping:
        """Return the node key that wraps now: another program may have rotated it."""
        held, current = self._wrapping, self._read_fingerprint(connection)
        if current == held.fingerprint:
            return held
        for node_key in () if self._reread is None else self._reread():
            fresh = Wrapping(node_key)
            if fresh.fingerprint == current:
                self._wrapping = fresh
                return fresh
        raise ConfigurationError(
            "operator.keyring.other-node-key",
            "The node key is not the one that wraps the keyring {place}. Put the right node key back from "
            "where it is kept safe; nothing was started or changed.",
            place=self._place,
        )

    def _read_fingerprint(self, connection: sa.Connection) -> str | None:
        return connection.scalar(sa.select(state.c.fingerprint))

    def _forget(self, names: Iterable[KeyId]) -> None:
        with self._lock:
            for name in names:
                self._held.pop(name, None)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with translate_failures(self._place), reading(self._engine) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with translate_failures(self._place), writing(self._engine, _WRITERS_LOCK) as connection:
            yield connection


def _iterate_wrapped(connection: sa.Connection) -> Iterator[list[tuple[KeyId, bytes]]]:
    last = ""
    while True:
        rows: list[Any] = list(
            connection.execute(
                sa.select(key.c.id, key.c.wrapped)
                .where(key.c.wrapped.is_not(None), key.c.id > last)
                .order_by(key.c.id)
                .limit(_CHUNK)
            )
        )
        if not rows:
            return
        yield [(KeyId(row.id), bytes(row.wrapped)) for row in rows]
        last = rows[-1].id


def _prepare_file(path: Path, *, make: bool) -> None:
    if make:
        make_private_file(path, "the keyring")
    elif not path.is_file():
        raise ConfigurationError(
            "operator.keyring.missing",
            "The keyring {path} is missing, and everything that the store holds is sealed with the keys in it. "
            "Put its newest copy back; nothing was started or changed.",
            path=path,
        )
