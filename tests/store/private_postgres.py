"""A PostgreSQL of the tests' own, on a socket in a folder of its own; nothing outside is touched."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa


class Cluster:
    """A running server; each test asks it for a database of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

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
