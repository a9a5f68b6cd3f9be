"""The snapshot of an index: files with a sealed table and chunks of rows, and the key that the store names for it.

The table lists the chunks' keys and is sealed by a key of the keyring. So one chunk is written anew, with a new key,
without touching the others; and when the table's key is destroyed, none of them can be read. Whatever removes a
reference destroys the keys of all tables in the same transaction, so that no copy of a snapshot gives a removed
template back. Whoever holds the index writes the snapshot anew.
"""

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from semblance.errors import KeyDestroyed, StoreError, VerificationError
from semblance.search.embedded.saving import SavedChunk
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.keyring.wrapping import KEY_LENGTH, NONCE_LENGTH
from semblance.store.rows import add_row, delete_rows
from semblance.store.schema.node import index_snapshot
from semblance.store.vault import destroy_key, make_key, seal, unseal
from semblance.terms.ids import PackDigest

_MAGIC: Final = b"semblance index 1\n"
_TAG: Final = 16
_ROWS: Final = ".rows-"
_PLACE: Final = "place"
_POLL: Final = 0.02


@dataclass(frozen=True, slots=True)
class Table:
    """What a snapshot is besides its rows.

    ``checkpoint``: the version of the gallery that it was brought to. ``frame``: what ``search.saved_frame`` writes.
    ``rows``: the name of the file with the rows; ``who`` and ``what``: how many bytes the parts of a chunk have.
    """

    key: KeyId
    checkpoint: int
    frame: bytes
    rows: str
    who: int
    what: int
    keys: tuple[bytes, ...]


class SnapshotFiles:
    """The snapshot of the index of one pack, in a folder that is made when it is first written."""

    def __init__(self, folder: Path, pack: PackDigest) -> None:
        self._folder = folder
        self._pack = pack
        self._table = folder / f"{pack[:16]}.table"

    @property
    def exists(self) -> bool:
        """Return whether there is a file that may be a snapshot."""
        return self._table.exists()

    def read_key(self) -> KeyId | None:
        """Return by which key the table is sealed, be that destroyed or not; None where there is no table."""
        try:
            head, name, _ = self._table.read_bytes().split(b"\n", 2)
            return KeyId(name.decode("ascii")) if head + b"\n" == _MAGIC else None
        except (OSError, ValueError):
            return None

    @contextlib.contextmanager
    def lock(self, *, shared: bool, wait: float) -> Iterator[bool]:
        """Give whether nobody else writes it for the length of a ``with`` block, or, if not ``shared``, reads it.

        After ``wait`` seconds it is given up.
        """
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            file = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            yield False
            return
        try:
            yield _lock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait)
        finally:
            # closing lets go of the lock
            os.close(file)

    def read_table(self, tx: Transaction) -> Table | None:
        """Return the table, or None where there is none, it is torn, or its key is not the one the store names."""
        key = self.read_key()
        if key is None or not is_current(tx, key, self._pack, self._read_place()):
            return None
        try:
            sealed = self._table.read_bytes().split(b"\n", 2)[2]
            facts_text, frame = unseal(tx, key, self._place, sealed).split(b"\n", 1)
        except (OSError, KeyDestroyed, VerificationError):
            return None
        facts = json.loads(facts_text)
        keys, rest = frame[: facts["keys"] * KEY_LENGTH], frame[facts["keys"] * KEY_LENGTH :]
        cut = tuple(keys[at : at + KEY_LENGTH] for at in range(0, len(keys), KEY_LENGTH))
        return Table(key, facts["checkpoint"], rest, facts["rows"], facts["who"], facts["what"], cut)

    def read_chunks(self, table: Table) -> Iterator[SavedChunk]:
        """Give the chunks that can be read; what is torn or was changed is left out."""
        for number, who in self.read_who(table):
            what = self._read_part(table, number, table.who + NONCE_LENGTH + _TAG, table.what, b"what")
            if what is not None:
                yield SavedChunk(number, who, what)

    def read_who(self, table: Table) -> Iterator[tuple[int, bytes]]:
        """Give whose the rows of the chunks are, of those that can be read."""
        for number in range(len(table.keys)):
            who = self._read_part(table, number, 0, table.who, b"who")
            if who is not None:
                yield number, who

    def read_chunk(self, table: Table, number: int) -> SavedChunk | None:
        """Return a chunk, or None where it is torn or was changed."""
        who = self._read_part(table, number, 0, table.who, b"who")
        what = self._read_part(table, number, table.who + NONCE_LENGTH + _TAG, table.what, b"what")
        return None if who is None or what is None else SavedChunk(number, who, what)

    def write_rows(self, chunks: Iterable[SavedChunk], *, base: Table | None, who: int, what: int) -> Table:
        """Write these chunks, each under a new key, into the rows of ``base`` or a new file, and return the new table.

        Nobody reads them before the table is written (``write_table``). Raises StoreError where the disk is full.
        """
        name = f"{self._pack[:16]}{_ROWS}{secrets.token_hex(8)}" if base is None else base.rows
        keys = {} if base is None else dict(enumerate(base.keys))
        length = who + what + 2 * (NONCE_LENGTH + _TAG)
        with _say(self._folder), open(self._folder / name, "r+b" if base else "xb", opener=_open_private) as file:
            for chunk in chunks:
                key = keys[chunk.number] = secrets.token_bytes(KEY_LENGTH)
                cipher = AESGCM(key)
                file.seek(chunk.number * length)
                for part, data in ((b"who", chunk.who), (b"what", chunk.what)):
                    nonce = os.urandom(NONCE_LENGTH)
                    file.write(nonce + cipher.encrypt(nonce, data, _bind(name, chunk.number, part)))
            file.flush()
            os.fsync(file.fileno())
        return Table(KeyId(""), 0, b"", name, who, what, tuple(keys[number] for number in range(len(keys))))

    def seal_table(self, tx: Transaction, table: Table, *, checkpoint: int, frame: bytes) -> tuple[Table, bytes]:
        """Return the table with a new key, which the transaction in hand makes the only one, and its sealed bytes."""
        key = replace_key(tx, self._pack, self._name_place())
        facts = {"checkpoint": checkpoint, "rows": table.rows, "who": table.who, "what": table.what}
        facts_text = json.dumps(facts | {"keys": len(table.keys)}).encode()
        text = b"\n".join([facts_text, b"".join(table.keys) + frame])
        sealed = _MAGIC + key.encode("ascii") + b"\n" + seal(tx, key, self._place, text)
        return replace(table, key=key, checkpoint=checkpoint, frame=frame), sealed

    def keep_table(self, table: Table, sealed: bytes) -> None:
        """Put the sealed table in place of the one before, and delete rows that no table names any more."""
        with _say(self._folder):
            draft = self._table.with_suffix(".new")
            with open(draft, "wb", opener=_open_private) as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._table)
            self._delete_rows(but=table.rows)

    def _read_place(self) -> str:
        """Return the random name of this folder; empty where it has none yet."""
        try:
            return (self._folder / _PLACE).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return ""

    def _name_place(self) -> str:
        held = self._read_place()
        if held:
            return held
        made = secrets.token_hex(16)
        with _say(self._folder), open(self._folder / _PLACE, "w", encoding="ascii", opener=_open_private) as file:
            file.write(made)
        return made

    def delete(self) -> None:
        """Delete the files."""
        with _say(self._folder):
            self._table.unlink(missing_ok=True)
            self._delete_rows(but=None)

    def _delete_rows(self, *, but: str | None) -> None:
        for path in self._folder.glob(f"{self._pack[:16]}{_ROWS}*"):
            if path.name != but:
                path.unlink(missing_ok=True)

    def _read_part(self, table: Table, number: int, at: int, size: int, part: bytes) -> bytes | None:
        length = table.who + table.what + 2 * (NONCE_LENGTH + _TAG)
        try:
            with (self._folder / table.rows).open("rb", buffering=0) as file:
                data = os.pread(file.fileno(), size + NONCE_LENGTH + _TAG, number * length + at)
            nonce, sealed = data[:NONCE_LENGTH], data[NONCE_LENGTH:]
            return AESGCM(table.keys[number]).decrypt(nonce, sealed, _bind(table.rows, number, part))
        except (OSError, InvalidTag, ValueError):
            return None

    @property
    def _place(self) -> str:
        return f"index snapshot/{self._pack}"


def replace_key(tx: Transaction, pack: PackDigest, place: str) -> KeyId:
    """Return a new key for the snapshot of a pack's index in a place; the one before is destroyed with the commit."""
    _destroy(tx, (index_snapshot.c.pack == pack) & (index_snapshot.c.place == place))
    made = make_key(tx, "index")
    add_row(tx, index_snapshot, key_id=made, pack=pack, place=place)
    return made


def is_current(tx: Transaction, key: KeyId, pack: PackDigest, place: str) -> bool:
    """Return whether this is the key of the snapshot of that pack's index in that place."""
    mine = (index_snapshot.c.pack == pack) & (index_snapshot.c.place == place)
    return tx.connection.scalar(sa.select(index_snapshot.c.key_id).where(mine)) == key


def retire_all(tx: Transaction) -> None:
    """Destroy the keys of all snapshots when this transaction is committed."""
    _destroy(tx, sa.true())


@contextlib.contextmanager
def _say(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            "operator.index.snapshot-not-written",
            "The snapshot of the index in {folder} could not be written ({strerror}); searches go on, and the "
            "next start takes longer. Make room, or give the program the right to write there.",
            folder=folder,
            strerror=error.strerror,
        ) from error


def _lock(file: int, kind: int, wait: float) -> bool:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL)
        except OSError:
            # file systems that know no locks: two programs may then spoil each other's snapshot, which both notice
            return True
        else:
            return True


def _bind(rows: str, number: int, part: bytes) -> bytes:
    return b"%s %d %s" % (rows.encode("ascii"), number, part)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _destroy(tx: Transaction, which: sa.ColumnElement[bool]) -> None:
    for name in tx.connection.scalars(sa.select(index_snapshot.c.key_id).where(which)).all():
        destroy_key(tx, name)
    delete_rows(tx, index_snapshot, which)
