"""Opening the store, and its transactions."""

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from semblance.audit.checkpoint import Checkpoint
from semblance.errors import SemblanceError, StoreError, StoreFull
from semblance.store import database
from semblance.store.database import BUSY_SECONDS, make_private_file, name_place, open_engine, parse_url, vacuum
from semblance.store.failures import describe_full, has_room, translate_failures
from semblance.store.keyring.anchors import Anchor
from semblance.store.keyring.keyring import KeyId, Keyring
from semblance.store.ledger_witness import ANCHOR_SECONDS, LedgerSeat
from semblance.store.migrate import migrate
from semblance.store.schema.gallery import PERSONAL_TABLES

_CUT_SECONDS: Final = 3
_UNWRITTEN_AT_MOST: Final = 2000
_REMEMBERED_AT_MOST: Final = 8192
_WRITERS_LOCK: Final = 0x53454D42
"""One number for all programs that write the same PostgreSQL database; the letters SEMB."""


class LedgerTail:
    """The end of the ledger as a writing transaction knows it: rows to write, its size and head, the latest hashes.

    ``newest`` are the bytes of the entry that was the last one before, empty where there was none or nobody asked.

    A transaction that appends a hundred entries asks the database for the ledger's size once and sends four statements,
    not hundreds. Writers wait for each other, so nobody else appends meanwhile.

    Whoever reads a table of the ledger, or deletes from one, in a transaction that may have appended, calls ``flush``
    before; the transaction does at its end.
    """

    def __init__(self) -> None:
        self.size: int | None = None
        self.head: Checkpoint | None = None
        self.newest = b""
        self._hashes: dict[tuple[int, int], bytes] = {}
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {}
        self._count = 0

    def add_rows(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Keep rows to be written; tables are written in the order in which they were named first."""
        self._rows.setdefault(table, []).extend(rows)
        self._count += len(rows)

    def remember_hash(self, level: int, position: int, found: bytes) -> None:
        """Keep a hash, so that the next entries need not ask the database for it."""
        if len(self._hashes) >= _REMEMBERED_AT_MOST and not self._count:
            self._hashes.clear()
        self._hashes[level, position] = found

    def find_hash(self, level: int, position: int) -> bytes | None:
        """Return a hash that this transaction added, or None where the database has to be asked."""
        return self._hashes.get((level, position))

    @property
    def is_long(self) -> bool:
        """Return whether so much is waiting that it is better written now."""
        return self._count >= _UNWRITTEN_AT_MOST

    def flush(self, connection: sa.Connection) -> None:
        """Write what is waiting."""
        waiting, self._rows, self._count = self._rows, {}, 0
        for table, rows in waiting.items():
            connection.execute(sa.insert(table), rows)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction in hand; the functions of this package take it as their first argument.

    ``before_commit`` and ``after_commit`` are what functions of this package want done once at the end of a writing
    transaction, each under a name, so that asking twice does it once. ``anchors`` are raised in the keyring after the
    commit, ``heads`` within a second of it, or with these. ``changed_powers`` are the sets of rows, by kind and id,
    that are sealed anew, with their version before.
    """

    connection: sa.Connection
    ledger: LedgerSeat | None = None
    keyring: Keyring | None = None
    fresh_keys: dict[KeyId, bytes] = field(default_factory=dict)
    doomed_keys: list[KeyId] = field(default_factory=list)
    before_commit: dict[str, Callable[[], None]] = field(default_factory=dict)
    after_commit: dict[str, Callable[[], None]] = field(default_factory=dict)
    anchors: dict[str, Anchor] = field(default_factory=dict)
    heads: dict[str, Anchor] = field(default_factory=dict)
    changed_powers: dict[tuple[str, str], int] = field(default_factory=dict)
    ledger_tail: LedgerTail = field(default_factory=LedgerTail)


class Store:
    """A node's database; thread-safe. ``made``: it was empty, and its tables were made when it was opened."""

    def __init__(
        self,
        engine: sa.Engine,
        place: str,
        *,
        made: bool = False,
        ledger: LedgerSeat | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        self.made = made
        self.ledger = ledger
        self.keyring = keyring
        self._engine = engine
        self._place = place
        # threads of one process stand in line: SQLite lets whoever asks at the right moment go first, and some never do
        self._writers = threading.RLock()
        self._waiting: dict[str, Anchor] = {}
        self._raised = -math.inf
        self._writing = threading.local()
        self._full: StoreFull | None = None

    @property
    def kind(self) -> str:
        """Return "SQLite" or "PostgreSQL"."""
        return "SQLite" if self._engine.dialect.name == "sqlite" else "PostgreSQL"

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give a transaction that sees one unchanging state of the store."""
        with translate_failures(self._place), database.reading(self._engine) as connection:
            yield Transaction(connection, self.ledger, self.keyring)

    @property
    def is_writing(self) -> bool:
        """Return whether the calling thread is inside a writing transaction."""
        return getattr(self._writing, "depth", 0) > 0

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a transaction that is committed as a whole at the end, or rolled back as a whole by any exception.

        Writers wait for each other, so that the order of changes is the order of commits in both databases.
        """
        with self._writers, self._noticing_room(), translate_failures(self._place):
            with database.writing(self._engine, _WRITERS_LOCK) as connection:
                tx = Transaction(connection, self.ledger, self.keyring)
                self._writing.depth = getattr(self._writing, "depth", 0) + 1
                try:
                    yield tx
                finally:
                    self._writing.depth -= 1
                tx.ledger_tail.flush(connection)
                for act in tx.before_commit.values():
                    act()
            self._raise_anchors(tx)
            _do_all(tx.after_commit.values())

    @contextmanager
    def _noticing_room(self) -> Iterator[None]:
        try:
            yield
        except StoreFull as error:
            self._full = error
            raise
        self._full = None

    def check_room(self) -> None:
        """Raise StoreFull where the last act found no room, or the disk of an SQLite file has next to none left."""
        if self._full is not None:
            raise StoreFull(self._full.message)
        if self._engine.dialect.name == "sqlite" and not has_room(Path(self._place)):
            raise describe_full(self._place, "the disk is full")

    def clear_deleted(self) -> bool:
        """Make the database's files forget deleted rows; return False where a reader elsewhere kept it from doing so.

        SQLite: the write-ahead log, which still holds old pages, is written back and cut to nothing (deleted content in
        the main file is overwritten by ``secure_delete``). PostgreSQL: the dead rows are vacuumed; what its own
        write-ahead log and the disk below keep is the administrator's to limit.
        """
        with translate_failures(self._place):
            vacuum(self._engine, PERSONAL_TABLES)
            if self._engine.dialect.name != "sqlite":
                return True
            with self._engine.connect() as connection:
                # outside a transaction, where the command must run
                return _cut_log(connection.connection.driver_connection)

    def raise_waiting(self) -> None:
        """Raise what waits, unless somebody writes, who will.

        An anchor that cannot be raised stays where it is until the next try, which is weaker but not wrong.
        """
        if not self._writers.acquire(blocking=False):
            return
        try:
            waiting, self._waiting = self._waiting, {}
            if waiting and self.keyring is not None:
                self._raised = time.monotonic()
                try:
                    self.keyring.raise_anchors(waiting)
                except StoreError:
                    self._waiting = {**waiting, **self._waiting}
        finally:
            self._writers.release()

    def _raise_anchors(self, tx: Transaction) -> None:
        self._waiting.update(tx.heads)
        if tx.anchors or time.monotonic() - self._raised >= ANCHOR_SECONDS:
            self._waiting.update(tx.anchors)
            self.raise_waiting()

    def close(self) -> None:
        """Let go of all connections."""
        self.raise_waiting()
        self._engine.dispose()
        if self.keyring is not None:
            self.keyring.close()


def open_store(url: str, ledger: LedgerSeat | None = None, keyring: Keyring | None = None) -> Store:
    """Open the database at an SQLAlchemy URL, and bring its schema up to date.

    ``sqlite:///path`` (the folder must exist) or ``postgresql+psycopg://…``; ``postgresql://`` is taken as the latter.
    Without ``ledger`` entries are appended to the ledger unsigned; without ``keyring`` nothing that is sealed can be
    read or written, and nothing can be appended to the ledger. Raises StoreError in a sentence: unreachable, no
    database, written by a newer Semblance.
    """
    parsed = parse_url(url, "the store")
    place = name_place(parsed)
    if parsed.get_backend_name() == "sqlite":
        make_private_file(Path(place), "the store")
    engine = open_engine(parsed, journal="WAL", kept=8)
    try:
        with translate_failures(place):
            made = migrate(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, place, made=made, ledger=ledger, keyring=keyring)


def _do_all(acts: Iterable[Callable[[], None]]) -> None:
    """Do every act; what was committed stays committed, so that one that fails must not keep the others from theirs."""
    failed: SemblanceError | None = None
    for act in acts:
        try:
            act()
        except SemblanceError as error:
            failed = failed or error
    if failed is not None:
        raise failed


def _cut_log(connection: Any) -> bool:
    """Write the log back and cut it to nothing, unless somebody reads from it for longer than a few seconds."""
    connection.execute(f"PRAGMA busy_timeout = {_CUT_SECONDS * 1000}")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    return not busy
