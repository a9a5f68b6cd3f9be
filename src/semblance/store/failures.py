"""What databases complain of, as errors of the hierarchy that say what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from semblance.errors import Conflict, StoreError, StoreFull

_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE})
_FULL_STATES: Final = frozenset({"53100"})
_BUSY_STATES: Final = frozenset({"55P03", "40P01", "40001"})
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
        raise StoreError(
            "store.unusable", "The store {place} cannot be used: {error}.", place=place, error=error
        ) from error


def _translate(error: DBAPIError, place: str) -> StoreError | Conflict:
    original = error.orig
    state = getattr(original, "sqlstate", None)
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        return _translate_sqlite(int(code), str(original), place)
    why = str(original).strip().split("\n", 1)[0]
    if state in _FULL_STATES:
        return _full(place, why)
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
        return _written_twice(place)
    if state.startswith("28") or state == "3D000":
        return StoreError(
            "store.server-refuses",
            "The database server of {place} refuses ({why}); check the URL of the store.",
            place=place,
            why=why,
        )
    return _failed(place, why)


def _translate_sqlite(code: int, why: str, place: str) -> StoreError | Conflict:
    if code in _FULL:
        return _full(place, why)
    if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
        return _written_twice(place)
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


def _written_twice(place: str) -> Conflict:
    return Conflict(
        "store.written-twice",
        "Another program has just written the same to the store {place}; do it again.",
        place=place,
    )


def _failed(place: str, why: str) -> StoreError:
    return StoreError("store.failed", "The store {place} failed: {why}; nothing was written.", place=place, why=why)


def _full(place: str, why: str) -> StoreFull:
    return StoreFull(
        "store.full",
        "There is no room left for the store {place} ({why}); nothing of the act in hand was written. Make room and do "
        "the same again: what is already stored is not done twice.",
        place=place,
        why=why,
    )
