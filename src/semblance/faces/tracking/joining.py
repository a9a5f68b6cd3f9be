"""Pieces of one person made one track, by template; where it might be somebody else, they stay apart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semblance.faces.packs.manifest import TrackingPart
from semblance.faces.tracking.likeness import average, score_rows
from semblance.faces.tracking.piece import Piece
from semblance.terms.samples import Metric


def join_pieces(pieces: Sequence[Piece], metric: Metric, limits: TrackingPart | None) -> list[list[Piece]]:
    """Return the pieces of each track, the most alike joined first.

    Two pieces that were seen at the same time are of two people. A piece that is nearly as much like somebody who was
    seen beside the one it would be joined with stays on its own.
    """
    known = [piece for piece in pieces if piece.glimpses]
    groups = [[piece] for piece in pieces if not piece.glimpses]
    if limits is None or len(known) < 2:
        return groups + [[piece] for piece in known]
    return groups + _Joining(known, metric, limits).run()


class _Joining:
    def __init__(self, pieces: Sequence[Piece], metric: Metric, limits: TrackingPart) -> None:
        self._metric, self._limits = metric, limits
        self._margin = (limits.same - limits.other) / 4
        self._groups = [[piece] for piece in pieces]
        self._alive = np.ones(len(pieces), dtype=np.bool_)
        self._means = np.stack([average(piece.glimpses, metric) for piece in pieces])
        self._scores = score_rows(self._means, self._means, metric)
        first, last = (np.array([piece.looks[end] for piece in pieces]) for end in (0, -1))
        self._apart = (first[:, None] <= last[None]) & (first[None] <= last[:, None])
        self._open = np.where(self._apart, -np.inf, self._scores)

    def run(self) -> list[list[Piece]]:
        best = self._open.max(axis=1)
        while True:
            one = int(best.argmax())
            other = int(self._open[one].argmax())
            score = float(self._open[one, other])
            if score < self._limits.same:
                break
            if self._has_rival(one, other, score) or self._has_rival(other, one, score):
                self._open[one, other] = self._open[other, one] = -np.inf
                stale = np.array([one, other])
            else:
                stale = np.flatnonzero((self._open[:, one] >= best) | (self._open[:, other] >= best))
                self._merge(one, other)
                np.maximum(best, self._open[one], out=best)
                stale = np.union1d(stale, [one, other])
            best[stale] = self._open[stale].max(axis=1)
        return [group for group, alive in zip(self._groups, self._alive, strict=True) if alive]

    def _has_rival(self, one: int, other: int, score: float) -> bool:
        rivals = self._alive & self._apart[other] & ~self._apart[one]
        rivals[[one, other]] = False
        return bool((self._scores[one, rivals] > score - self._margin).any())

    def _merge(self, one: int, other: int) -> None:
        self._groups[one] += self._groups[other]
        glimpses = [glimpse for piece in self._groups[one] for glimpse in piece.glimpses]
        self._means[one] = average(glimpses, self._metric)
        self._alive[other] = False
        self._apart[one] |= self._apart[other]
        self._apart[:, one] = self._apart[one]
        self._scores[one] = self._scores[:, one] = self._score(one)
        shut: NDArray[np.bool_] = self._apart[one] | ~self._alive
        self._open[other] = self._open[:, other] = -np.inf
        self._open[one] = self._open[:, one] = np.where(shut, -np.inf, self._scores[one])

    def _score(self, one: int) -> NDArray[np.float32]:
        return np.asarray(score_rows(self._means[one][None], self._means, self._metric)[0], dtype=np.float32)
