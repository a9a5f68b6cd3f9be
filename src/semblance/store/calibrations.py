"""Calibrations: the highest scores of searches for people who were not there. Nothing in them names anybody."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from semblance.errors import Conflict
from semblance.search.index import Allowed
from semblance.store import gallery
from semblance.store.engine import Transaction
from semblance.store.rows import add_row, change_rows, delete_rows, read_row
from semblance.store.schema.workbench import calibration
from semblance.terms.ids import AuthorityCode, CalibrationId, PackDigest
from semblance.terms.permission import Purpose

MOST_CHANGE: Final = 0.10
"""A calibration holds while fewer references than this share of its own came to what was open, or went from it."""

_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Calibration:
    """One calibration of what a purpose opens to an authority.

    ``scores`` are those of the trials done so far, little-endian float32; ``finished_at`` is None until all are done.
    ``subjects`` and ``references`` are what was open when it began, at ``gallery_version``.
    """

    id: CalibrationId
    started_at: datetime
    finished_at: datetime | None
    person: str
    authority: AuthorityCode
    pack: PackDigest
    purpose: Purpose
    gallery_version: int
    subjects: int
    references: int
    asked: int
    seed: int
    scores: bytes = b""

    @property
    def trials(self) -> int:
        return len(self.scores) // _BYTES

    def outlasts(self, changes: int) -> bool:
        """Return whether it still holds after so many references came or went."""
        return changes < MOST_CHANGE * self.references


@dataclass(frozen=True, slots=True)
class OpenGallery:
    """What was open to a search: how many references, in which version of the gallery, and which records these are."""

    version: int
    references: int
    allowed: Allowed


def count_changes(tx: Transaction, held: Calibration, searched: OpenGallery) -> int:
    """Return how many references came or went between a calibration and a search, among those that are open to it.

    What is not open to the search counts nowhere: whatever happens there, the calibration holds as long, and nobody
    learns of it. Those that came and are held no more are counted in what both counts differ by.
    """
    earlier, later = sorted([(held.gallery_version, held.references), (searched.version, searched.references)])
    came = gallery.count_added(tx, after=earlier[0], until=later[0], allowed=searched.allowed)
    return came + abs(earlier[1] + came - later[1])


def add_calibration(tx: Transaction, made: Calibration) -> None:
    """Keep a calibration that begins."""
    add_row(tx, calibration, made, reference_count=made.references)


def keep_scores(tx: Transaction, held: Calibration, scores: bytes) -> Calibration:
    """Keep the scores done so far in the place of the earlier ones; return the calibration with them.

    Raises Conflict where another run has finished this calibration meanwhile, or begun another in its place.
    """
    _update(tx, held.id, scores=scores)
    return replace(held, scores=scores)


def finish_calibration(tx: Transaction, held: Calibration, now: datetime) -> Calibration:
    """Note that all trials are done; raises Conflict as ``keep_scores`` does."""
    _update(tx, held.id, finished_at=now)
    return replace(held, finished_at=now)


def find_unfinished(
    tx: Transaction, authority: AuthorityCode, pack: PackDigest, purpose: Purpose
) -> tuple[Calibration, ...]:
    """Return the calibrations that were begun and not finished, newest first."""
    return _list(tx, _made_with(authority, pack, purpose) & calibration.c.finished_at.is_(None))


def remove_calibration(tx: Transaction, which: CalibrationId) -> None:
    """Delete a calibration; unknown ones are passed over."""
    delete_rows(tx, calibration, calibration.c.id == which)


def find_calibration(
    tx: Transaction, authority: AuthorityCode, pack: PackDigest, purpose: Purpose, *, searched: OpenGallery
) -> Calibration | None:
    """Return the newest finished calibration that holds for what was open to a search."""
    finished = _list(tx, _made_with(authority, pack, purpose) & calibration.c.finished_at.is_not(None))
    return next((made for made in finished if made.outlasts(count_changes(tx, made, searched))), None)


def has_calibration(tx: Transaction, authority: AuthorityCode, pack: PackDigest, purpose: Purpose) -> bool:
    """Return whether any calibration was finished, also one that holds no more."""
    return bool(_list(tx, _made_with(authority, pack, purpose) & calibration.c.finished_at.is_not(None)))


def list_calibrations(tx: Transaction, authority: AuthorityCode) -> tuple[Calibration, ...]:
    """Return an authority's calibrations, newest first."""
    return _list(tx, calibration.c.authority == authority)


def _made_with(authority: AuthorityCode, pack: PackDigest, purpose: Purpose) -> sa.ColumnElement[bool]:
    mine = (calibration.c.authority == authority) & (calibration.c.pack == pack)
    return mine & (calibration.c.purpose == purpose)


def _list(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[Calibration, ...]:
    asked = sa.select(calibration).where(which).order_by(calibration.c.started_at.desc(), calibration.c.id)
    return tuple(read_row(Calibration, row, references=row.reference_count) for row in tx.connection.execute(asked))


def _update(tx: Transaction, which: CalibrationId, **values: object) -> None:
    unfinished = (calibration.c.id == which) & calibration.c.finished_at.is_(None)
    if not change_rows(tx, calibration, unfinished, **values):
        raise Conflict(
            "calibration.run-elsewhere",
            "Another run calibrated the same gallery at the same time, and finished this calibration or began "
            "another in its place; `semblance calibrate list` shows what there is. This run stored nothing "
            "more.",
        )
