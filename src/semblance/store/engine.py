"""Opening the store, and its transactions."""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import NoSuchModuleError

from semblance.errors import DependencyMissing, SemblanceError
from semblance.store.failures import translate_failures
from semblance.store.keyring.keyring import KeyId, Keyring
from semblance.store.ledger_tail import LedgerTail
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.migrate import migrate
from semblance.store.schema.gallery import PERSONAL_TABLES
from semblance.store.url import make_private_file, name_place, parse_url

_BUSY_SECONDS: Final = 60
_CUT_SECONDS: Final = 3
_WRITING: Final = "semblance_writing"
_WRITERS_LOCK: Final = 0x53454D42
"""One number for all programs that write the same PostgreSQL database; the letters SEMB."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction in hand; the functions of this package take it as their first argument.

    ``before_commit`` and ``after_commit`` are what functions of this package want done once at the end of a writing
    transaction, each under a name, so that asking twice does it once.
    """

    connection: sa.Connection
    ledger: LedgerSeat | None = None
    keyring: Keyring | None = None
    fresh_keys: dict[KeyId, bytes] = field(default_factory=dict)
    doomed_keys: list[KeyId] = field(default_factory=list)
    before_commit: dict[str, Callable[[], None]] = field(default_factory=dict)
    after_commit: dict[str, Callable[[], None]] = field(default_factory=dict)
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
        self._writing = threading.local()

    @property
    def kind(self) -> str:
        """Return "SQLite" or "PostgreSQL"."""
        return "SQLite" if self._engine.dialect.name == "sqlite" else "PostgreSQL"

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Give a transaction that sees one unchanging state of the store."""
        with translate_failures(self._place), self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
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
        with self._writers, translate_failures(self._place), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITING: True})
            with connection.begin():
                if self._engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
                tx = Transaction(connection, self.ledger, self.keyring)
                self._writing.depth = getattr(self._writing, "depth", 0) + 1
                try:
                    yield tx
                finally:
                    self._writing.depth -= 1
                tx.ledger_tail.flush(connection)
                for act in tx.before_commit.values():
                    act()
            _do_all(tx.after_commit.values())

    def clear_deleted(self) -> bool:
        """Make the database's files forget deleted rows; return False where a reader elsewhere kept it from doing so.

        SQLite: the write-ahead log, which still holds old pages, is written back and cut to nothing (deleted content in
        the main file is overwritten by ``secure_delete``). PostgreSQL: the dead rows are vacuumed; what its own
        write-ahead log and the disk below keep is the administrator's to limit.
        """
        with translate_failures(self._place), self._engine.connect() as connection:
            # outside a transaction, where both commands must run
            raw = connection.connection.driver_connection
            assert raw is not None
            if self._engine.dialect.name == "sqlite":
                return _cut_log(raw)
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql(f"VACUUM {', '.join(table.name for table in PERSONAL_TABLES)}")
            return True

    def close(self) -> None:
        """Let go of all connections."""
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
    engine = _make_engine(parsed)
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


def _make_engine(url: sa.URL) -> sa.Engine:
    try:
        if url.get_backend_name() == "sqlite":
            engine = sa.create_engine(url, pool_size=16, max_overflow=64)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = sa.create_engine(
                url, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args={"connect_timeout": 10}
            )
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise DependencyMissing(
            "operator.store.no-psycopg",
            "PostgreSQL needs the package psycopg: pip install 'semblance-faces[postgres]'.",
        ) from error
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # the module's own transaction control would begin too late and commit too early
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _cut_log(connection: Any) -> bool:
    """Write the log back and cut it to nothing, unless somebody reads from it for longer than a few seconds."""
    connection.execute(f"PRAGMA busy_timeout = {_CUT_SECONDS * 1000}")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    return not busy
