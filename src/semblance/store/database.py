"""Databases: what may stand in the URL of one, and how SQLite and PostgreSQL are opened, read and written alike."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from semblance.errors import DependencyMissing, StoreError
from semblance.store.failures import describe_full

BUSY_SECONDS: Final = 60
WRITING: Final = "semblance_writing"
"""The option of a connection whose next transaction writes."""

_DRIVER: Final = "postgresql+psycopg"
_PORT: Final = 5432
_CONNECTIONS: Final = 32


def parse_url(url: str, what: str) -> sa.URL:
    """Return the URL of an SQLite file or of a PostgreSQL database; ``what`` is what sentences call it ("the store").

    ``postgresql://`` is taken as the driver that Semblance uses. Raises StoreError where it is neither.
    """
    try:
        parsed = sa.make_url(url)
    except ArgumentError as error:
        raise StoreError(
            "operator.store.bad-url",
            "The URL of {what} is not one; write sqlite:///path/to/file or postgresql://user@host/database.",
            what=what,
        ) from error
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername=_DRIVER)
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed
    kind = url.split(":", 1)[0]
    raise StoreError(
        "operator.store.bad-kind",
        "{what} cannot be '{kind}': name an SQLite file or a PostgreSQL database.",
        what=_begin(what),
        kind=kind,
    )


def name_place(url: sa.URL) -> str:
    """Return what sentences call the database: its file, or its URL without the password."""
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()


def is_same_database(url: sa.URL, other: sa.URL) -> bool:
    """Return whether two URLs mean one database, however they are written."""
    return url.get_backend_name() == other.get_backend_name() and _locate(url) == _locate(other)


def describe_shared(url: sa.URL, other: sa.URL) -> str:
    """Return what two PostgreSQL databases share, so that who enters one enters the other; empty where nothing."""
    if {url.get_backend_name(), other.get_backend_name()} != {"postgresql"}:
        return ""
    server, role = _locate_server(url) == _locate_server(other), url.username == other.username
    return " and ".join(name for name, same in (("server", server), ("role", role)) if same)


def make_private_file(path: Path, what: str) -> None:
    """Create the file readable by its owner only; SQLite gives its companions the same permissions."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise describe_full(str(path), error.strerror or "") from error
        raise StoreError(
            "operator.store.folder",
            "{what} {path} cannot be opened ({strerror}); check that its folder exists and may be written.",
            what=_begin(what),
            path=path,
            strerror=error.strerror,
        ) from error


def open_engine(url: sa.URL, *, journal: str, kept: int) -> sa.Engine:
    """Return the engine; nothing is connected to yet.

    ``journal`` is SQLite's journal mode, ``kept`` how many connections to PostgreSQL stay open.
    """
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, pool_size=16, max_overflow=64)
        event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, journal))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    pool = {"pool_size": kept, "max_overflow": _CONNECTIONS - kept}
    try:
        return sa.create_engine(url, **pool, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise DependencyMissing(
            "operator.store.no-psycopg",
            "PostgreSQL needs the package psycopg: pip install 'semblance-faces[postgres]'.",
        ) from error


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that sees one unchanging state of the database."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: sa.Engine, lock: int) -> Iterator[sa.Connection]:
    """Give a transaction that no other program writes beside; ``lock`` is PostgreSQL's number for the database."""
    with engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
            yield connection


def vacuum(engine: sa.Engine, tables: Iterable[sa.Table]) -> None:
    """Make PostgreSQL's files forget what was deleted or overwritten in these tables; SQLite is left as it is."""
    if engine.dialect.name == "postgresql":
        # outside a transaction, where it must run
        with engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql(f"VACUUM {', '.join(table.name for table in tables)}")


def _prepare_sqlite(connection: Any, journal: str) -> None:
    # the module's own transaction control would begin too late and commit too early
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    for pragma in (f"journal_mode = {journal}", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin(what: str) -> str:
    return what[:1].upper() + what[1:]


def _locate(url: sa.URL) -> object:
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").resolve()
    return *_locate_server(url), url.database


def _locate_server(url: sa.URL) -> tuple[object, int]:
    return url.query.get("host", url.host or "localhost"), int(url.port or _PORT)
