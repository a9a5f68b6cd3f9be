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
            "store.store-cannot-used", "The store {place} cannot be used: {error}.", place=place, error=error
        ) from error


def _translate(error: DBAPIError, place: str) -> StoreError | Conflict:
    original = error.orig
    state = getattr(original, "sqlstate", None)
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        return _translate_sqlite(int(code), original, place)
    first_line = str(original).strip().split("\n", 1)[0]
    if state in _FULL_STATES:
        return StoreFull(_full_sentence(place, first_line))
    if state in _BUSY_STATES:
        return StoreError(
            "store.store-being-written-another-program",
            "The store {place} is being written by another program; try again in a moment.",
            place=place,
        )
    if state is None or state.startswith(_UNREACHABLE_CLASSES):
        return StoreError(
            "store.database-server-does-not-answer",
            "The database server of {place} does not answer ({why}); check that it runs.",
            place=place,
            why=first_line,
        )
    if state == "23505":
        return Conflict(
            "store.another-program-just-written-same",
            "Another program has just written the same to the store {place}; do it again.",
            place=place,
        )
    if state.startswith("28") or state == "3D000":
        return StoreError(
            "store.database-server-refuses-check-url",
            "The database server of {place} refuses ({first_line}); check the URL of the store.",
            place=place,
            first_line=first_line,
        )
    return StoreError(
        "store.store-failed-nothing-written",
        "The store {place} failed: {first_line}; nothing was written.",
        place=place,
        first_line=first_line,
    )


def _translate_sqlite(code: int, original: object, place: str) -> StoreError | Conflict:
    if code in _FULL:
        return StoreFull(_full_sentence(place, str(original)))
    primary = code & 0xFF
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreError(
            "store.store-being-written-another-program",
            "The store {place} is being written by another program; try again in a moment.",
            place=place,
        )
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreError(
            "store.store-cannot-opened-check-folder",
            "The store {place} cannot be opened; check that its folder exists and may be written.",
            place=place,
        )
    if primary in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StoreError(
            "store.store-may-not-written-check",
            "The store {place} may not be written; check the permissions of the file and its folder.",
            place=place,
        )
    if primary == sqlite3.SQLITE_NOTADB:
        return StoreError(
            "store.not-store-semblance-name-another",
            "{place} is not a store of Semblance; name another file, or restore it from a copy.",
            place=place,
        )
    if primary == sqlite3.SQLITE_CORRUPT:
        return StoreError(
            "store.store-damaged-restore-from-copy",
            "The store {place} is damaged; restore it from a copy.",
            place=place,
        )
    if primary == sqlite3.SQLITE_IOERR:
        return StoreError(
            "store.disk-store-failed-nothing-written",
            "The disk of the store {place} failed ({original}); nothing was written.",
            place=place,
            original=original,
        )
    if code == sqlite3.SQLITE_CONSTRAINT_UNIQUE:
        return Conflict(
            "store.another-program-just-written-same",
            "Another program has just written the same to the store {place}; do it again.",
            place=place,
        )
    return StoreError(
        "store.store-failed-nothing-written-2",
        "The store {place} failed: {original}; nothing was written.",
        place=place,
        original=original,
    )


def _full_sentence(place: str, detail: str) -> str:
    return (
        f"There is no room left for the store {place} ({detail}); nothing of the act in hand was written. "
        "Make room and do the same again: what is already stored is not done twice."
    )
