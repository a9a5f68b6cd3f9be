"""What databases complain of, as errors of the hierarchy that say what to do."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from semblance.errors import Conflict, StoreError, StoreFull

_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE})
_ROOMLESS: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
_FULL_STATES: Final = frozenset({"53100"})
_BUSY_STATES: Final = frozenset({"55P03", "40P01", "40001"})
_LEAST_ROOM: Final = 4 * 1024 * 1024
_UNREACHABLE_CLASSES: Final = ("08", "57")


@contextmanager
def translate_failures(place: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises inside into a StoreError; ``place`` is what sentences call the store.

    The transaction around is rolled back as a whole by whoever opened it.
    """
    try:
        yield
    except DBAPIError as error:
        raise _translate(error, place) from error
    except SQLAlchemyError as error:
        # its own words may quote what was to be written
        kind = type(error).__name__
        raise StoreError(
            "store.unusable", "The store {place} cannot be used: {error}.", place=place, error=kind
        ) from error


def has_room(path: Path) -> bool:
    """Return whether the disk that a file lies on has more than a few megabytes left, or cannot be asked."""
    try:
        found = os.statvfs(path.parent)
    except OSError:
        return True
    return found.f_bavail * found.f_frsize > _LEAST_ROOM


def _translate(error: DBAPIError, place: str) -> StoreError | Conflict:
    original = error.orig
    state = getattr(original, "sqlstate", None)
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        return _translate_sqlite(int(code), str(original), place)
    # of data that a server refuses it quotes what was to be written
    why = f"SQLSTATE {state}" if str(state).startswith("22") else str(original).strip().split("\n", 1)[0]
    if state in _FULL_STATES:
        return describe_full(place, why)
    if state in _BUSY_STATES:
        return _busy(place)
    if state is None or state.startswith(_UNREACHABLE_CLASSES):
        return StoreError(
            "store.unreachable",
            "The database server of {place} does not answer ({why}); check that it runs.",
            place=place,
            why=why,
        )
    if state == "23505":
        return _written_twice()
    if state.startswith("28") or state == "3D000":
        return StoreError(
            "store.server-refuses",
            "The database server of {place} refuses ({why}); check the URL of the store.",
            place=place,
            why=why,
        )
    return _failed(place, why)


def _translate_sqlite(code: int, why: str, place: str) -> StoreError | Conflict:
    # a disk without room also fails where a file beside the store has to be made or to grow
    if code in _FULL or (code & 0xFF in _ROOMLESS and not has_room(Path(place))):
        return describe_full(place, why)
    if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
        return _written_twice()
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _busy(place)
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError(
                "store.cannot-open",
                "The store {place} cannot be opened; check that its folder exists and may be written.",
                place=place,
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreError(
                "store.read-only",
                "The store {place} may not be written; check the permissions of the file and its folder.",
                place=place,
            )
        case sqlite3.SQLITE_NOTADB:
            return StoreError(
                "store.no-store",
                "{place} is not a store of Semblance; name another file, or restore it from a copy.",
                place=place,
            )
        case sqlite3.SQLITE_CORRUPT:
            return StoreError("store.damaged", "The store {place} is damaged; restore it from a copy.", place=place)
        case sqlite3.SQLITE_IOERR:
            return StoreError(
                "store.disk-failed",
                "The disk of the store {place} failed ({why}); nothing was written.",
                place=place,
                why=why,
            )
        case _:
            return _failed(place, why)


def _busy(place: str) -> StoreError:
    return StoreError(
        "store.busy", "The store {place} is being written by another program; try again in a moment.", place=place
    )


def _written_twice() -> Conflict:
    return Conflict("store.written-twice", "Another program has just written the same to the store; do it again.")


def _failed(place: str, why: str) -> StoreError:
    return StoreError("store.failed", "The store {place} failed: {why}; nothing was written.", place=place, why=why)


def describe_full(place: str, why: str) -> StoreFull:
    """Return the error of a store that has no room left."""
    return StoreFull(
        "store.full",
        "There is no room left for the store {place} ({why}); nothing of the act in hand was written. Make room and do "
        "the same again: what is already stored is not done twice.",
        place=place,
        why=why,
    )
