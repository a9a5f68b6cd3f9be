"""A PostgreSQL of the tests' own, on a socket in a folder of its own; nothing outside is touched."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

_TABLES = sa.text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
_SEQUENCES = sa.text("SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace")
_SHAPE = sa.text(
    "SELECT attrelid::regclass::text, attname, attnotnull::text, atttypid::regtype::text FROM pg_attribute"
    " JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0"
    " UNION ALL SELECT tgrelid::regclass::text, tgname, tgenabled::text, '' FROM pg_trigger WHERE NOT tgisinternal"
    " ORDER BY 1, 2, 3, 4"
)


@dataclass(frozen=True)
class Contents:
    """What a database held: its tables and triggers, its rows, and how far its sequences had come."""

    shape: Sequence[sa.Row[Any]]
    clear: str
    rows: dict[str, list[dict[str, Any]]]

    @classmethod
    def read(cls, url: str) -> "Contents":
        with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
            tables = connection.scalars(_TABLES).all()
            every = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").mappings().all() for name in tables}
            reached = {
                name: connection.exec_driver_sql(f"SELECT last_value, is_called FROM {name}").one()
                for name in connection.scalars(_SEQUENCES).all()
            }
            # neither the ledger's guards nor the order of the tables is in the way
            clear = [
                "SET session_replication_role = replica",
                *(f"DELETE FROM {name}" for name in tables),
                *(f"SELECT setval('{name}', {value}, {called})" for name, (value, called) in reached.items()),
            ]
            rows = {name: [dict(row) for row in found] for name, found in every.items() if found}
            return cls(connection.execute(_SHAPE).all(), "; ".join(clear), rows)

    def restore(self, url: str) -> bool:
        """Give a database these contents in the place of its own, or return False: its tables or triggers differ."""
        with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
            if connection.execute(_SHAPE).all() != self.shape:
                return False
            connection.exec_driver_sql(self.clear)
            for name, rows in self.rows.items():
                connection.execute(sa.table(name, *map(sa.column, rows[0])).insert(), rows)
        return True


class Cluster:
    """A running server; each test asks it for a database of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        self._originals: dict[str, Contents] = {}
        self._idle: dict[str, list[str]] = {}

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self._socket}"

    def fresh_database(self) -> AbstractContextManager[str]:
        """Give the URL of an empty database."""
        return self._make_database("template1")

    def copy_of(self, url: str) -> AbstractContextManager[str]:
        """Give the URL of a copy of a database that nobody is connected to, as a backup of it would be restored."""
        return self._make_database(str(sa.make_url(url).database))

    @contextmanager
    def _make_database(self, template: str) -> Iterator[str]:
        name = f"t{uuid4().hex}"
        with self._engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def lend_copy(self, url: str) -> Iterator[str]:
        """Give the URL of a database as this one is; the next to ask may get the same one, with the rows put back.

        A new copy takes the server longer than most tests. A database whose tables or triggers a test changed is not
        lent again. The original must stay as it is.
        """
        if url not in self._originals:
            self._originals[url], self._idle[url] = Contents.read(url), []
        original, idle = self._originals[url], self._idle[url]
        if not idle:
            name = f"l{uuid4().hex}"
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {sa.make_url(url).database}")
            idle.append(name)
        lent = idle.pop()
        yield self.url(lent)
        leave = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        with self._engine.connect() as connection:
            connection.execute(leave, {"name": lent})
        if original.restore(self.url(lent)):
            idle.append(lent)

    def list_files(self) -> list[Path]:
        """Return every file of the server, its write-ahead log too, after it has written what it holds in memory."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
        return [path for path in (self._socket / "data").rglob("*") if path.is_file()]

    def keep_database(self, name: str) -> str:
        """Return the URL of a database that lives as long as the server, made where it is not there yet."""
        with self._engine.connect() as connection:
            known = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
            if connection.scalar(known, {"name": name}) is None:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def close(self) -> None:
        self._engine.dispose()


def _find_program(name: str) -> str:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next((str(folder / name) for folder in folders if (folder / name).is_file()), None) or shutil.which(name)
    if found is None:
        pytest.skip(f"PostgreSQL's {name} is not installed here")
    return found


@contextmanager
def run_cluster() -> Iterator[Cluster]:
    """Start a server, or skip the test with the reason."""
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    initdb, control = _find_program("initdb"), _find_program("pg_ctl")
    become: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="semblance-pg-"))
    if os.geteuid() == 0:
        # initdb refuses to run as root
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("tests run as root and there is no user postgres to run PostgreSQL as")
        if shutil.which("setpriv") is None:
            pytest.skip("tests run as root and setpriv is not installed")
        become = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "data"

    def call(*command: str) -> None:
        done = subprocess.run([*become, *command], capture_output=True, text=True, timeout=120, cwd=folder)
        if done.returncode:
            pytest.skip(f"PostgreSQL does not start here: {done.stderr.strip()[-300:]}")

    try:
        call(initdb, "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        call(control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.close()
            subprocess.run(
                [*become, control, "-D", str(data), "-m", "immediate", "stop"], capture_output=True, cwd=folder
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
