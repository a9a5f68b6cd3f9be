"""The URLs of databases: what may stand in one, and whether two mean the same database."""

import os
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from semblance.errors import StoreError

_DRIVER: Final = "postgresql+psycopg"
_PORT: Final = 5432


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


def is_same_database(one: sa.URL, other: sa.URL) -> bool:
    """Return whether two URLs mean one database, however they are written."""
    if one.get_backend_name() != other.get_backend_name():
        return False
    if one.get_backend_name() == "sqlite":
        return Path(one.database or "").resolve() == Path(other.database or "").resolve()
    return _locate(one) == _locate(other)


def make_private_file(path: Path, what: str) -> None:
    """Create the file readable by its owner only; SQLite gives its companions the same permissions."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            "operator.store.folder",
            "{what} {path} cannot be opened ({strerror}); check that its folder exists and may be written.",
            what=_begin(what),
            path=path,
            strerror=error.strerror,
        ) from error


def _begin(what: str) -> str:
    return what[:1].upper() + what[1:]


def _locate(url: sa.URL) -> tuple[object, ...]:
    host = url.query.get("host", url.host or "localhost")
    return host, int(url.port or _PORT), url.database
