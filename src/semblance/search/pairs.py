"""Every reference of one set against every reference of another: the pairs of subjects that are most alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.index import IndexRow
from semblance.search.templates import score_matrix
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts

_AT_ONCE: Final = 128
"""So many subjects of the first set are compared with the whole second set at once."""


@dataclass(frozen=True, slots=True)
class RankedPair:
    """Two subjects by the references of them that are most alike; ``newest`` is the place of the newest of all."""

    missing: IndexRow
    found: IndexRow
    score: float
    newest: int


@dataclass(frozen=True, slots=True)
class _Subject:
    rows: tuple[IndexRow, ...]

    @property
    def facts(self) -> RecordFacts:
        return self.rows[0].facts


def rank_pairs(
    missing: Sequence[IndexRow],
    found: Sequence[IndexRow],
    *,
    most: int,
    may_pair: Callable[[RecordFacts, RecordFacts], bool],
    threshold: float | None = None,
) -> tuple[RankedPair, ...]:
    """Return the pairs that are among the ``most`` best of either subject and may be paired, the best first.

    Scores are exact; equal ones are ordered by enrolment. ``threshold`` leaves out what is below.
    """
    rows, columns = _group(missing), _group(found)
    if not rows or not columns:
        return ()
    chosen: dict[tuple[int, int], float] = {}
    best = np.empty((0, len(columns)), dtype=np.float32)
    whose = np.empty((0, len(columns)), dtype=np.int64)
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        scores = _score_subjects(some, columns)
        scores[~_allow(some, columns, may_pair)] = -np.inf
        if threshold is not None:
            scores[scores < np.float32(threshold)] = -np.inf
        for row, ranked in enumerate(np.argsort(-scores, axis=1, kind="stable")[:, :most]):
            chosen |= {(start + row, int(column)): float(scores[row, column]) for column in ranked}
        best = np.vstack([best, scores])
        numbers = np.repeat(np.arange(start, start + len(some))[:, None], len(columns), axis=1)
        whose = np.vstack([whose, numbers])
        kept = np.argsort(-best, axis=0, kind="stable")[:most]
        best, whose = np.take_along_axis(best, kept, axis=0), np.take_along_axis(whose, kept, axis=0)
    chosen |= {
        (int(whose[rank, column]), column): float(best[rank, column])
        for column in range(len(columns))
        for rank in range(len(best))
    }
    finite = sorted((-score, row, column) for (row, column), score in chosen.items() if np.isfinite(score))
    return tuple(_find_nearest(rows[row], columns[column], -score) for score, row, column in finite)


def _group(rows: Sequence[IndexRow]) -> list[_Subject]:
    held: dict[SubjectId, list[IndexRow]] = {}
    for row in sorted(rows, key=lambda row: row.sequence):
        held.setdefault(row.subject, []).append(row)
    return [_Subject(tuple(mine)) for mine in held.values()]


def _score_subjects(rows: Sequence[_Subject], columns: Sequence[_Subject]) -> NDArray[np.float32]:
    left = [row.template for subject in rows for row in subject.rows]
    right = [row.template for subject in columns for row in subject.rows]
    by_column = np.maximum.reduceat(score_matrix(left, right), _find_starts(columns), axis=1)
    return np.maximum.reduceat(by_column, _find_starts(rows), axis=0)


def _find_starts(subjects: Sequence[_Subject]) -> NDArray[np.int64]:
    return np.cumsum([0, *(len(subject.rows) for subject in subjects[:-1])])


def _allow(
    rows: Sequence[_Subject], columns: Sequence[_Subject], may_pair: Callable[[RecordFacts, RecordFacts], bool]
) -> NDArray[np.bool_]:
    answers: dict[tuple[RecordFacts, RecordFacts], bool] = {}
    allowed = np.empty((len(rows), len(columns)), dtype=np.bool_)
    for row, one in enumerate(rows):
        for column, other in enumerate(columns):
            asked = (one.facts, other.facts)
            if asked not in answers:
                answers[asked] = may_pair(*asked)
            allowed[row, column] = answers[asked]
    return allowed


def _find_nearest(missing: _Subject, found: _Subject, score: float) -> RankedPair:
    scores = score_matrix([row.template for row in missing.rows], [row.template for row in found.rows])
    row, column = np.unravel_index(int(np.argmax(scores)), scores.shape)
    newest = max(reference.sequence for reference in (*missing.rows, *found.rows))
    return RankedPair(missing.rows[row], found.rows[column], score, newest)
