"""The small database that a keyring is: its tables, and how it is opened and written so that nothing old stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import NoSuchModuleError

from semblance.errors import DependencyMissing
from semblance.store.schema.column_types import Moment

_WRITING: Final = "semblance_writing"
_BUSY_SECONDS: Final = 60
_WRITERS_LOCK: Final = 0x4B455953
"""One number for all programs that write the same keyring in PostgreSQL; the letters KEYS."""

_metadata: Final = sa.MetaData()

key: Final = sa.Table(
    "key",
    _metadata,
    sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
    # empty once it was destroyed
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("made_at", Moment("seconds"), nullable=False),
    sa.Column("destroyed_at", Moment("seconds")),
)

# one row: which node key wraps the keys
state: Final = sa.Table(
    "keyring",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("made_at", Moment("seconds"), nullable=False),
    sa.Column("rotated_at", Moment("seconds")),
    sa.Column("swept_at", Moment("seconds")),
)


def open_engine(url: sa.URL) -> sa.Engine:
    """Return the engine; nothing is connected to yet."""
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, pool_size=16, max_overflow=64)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return sa.create_engine(url, pool_size=4, max_overflow=28, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise DependencyMissing(
            "operator.store.no-psycopg",
            "PostgreSQL needs the package psycopg: pip install 'semblance-faces[postgres]'.",
        ) from error


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that sees one unchanging state of the keyring."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that no other program writes beside."""
    with engine.connect() as connection:
        connection = connection.execution_options(**{_WRITING: True})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
            yield connection


def make_tables(connection: sa.Connection) -> None:
    """Make the tables where they are not there yet."""
    _metadata.create_all(connection)


def vacuum(engine: sa.Engine) -> None:
    """Make PostgreSQL's files forget what was overwritten; SQLite does so in the transaction itself."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(f"VACUUM {key.name}")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    # no write-ahead log: a destroyed key must be gone from every file when the transaction ends
    for pragma in ("busy_timeout = 60000", "journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
