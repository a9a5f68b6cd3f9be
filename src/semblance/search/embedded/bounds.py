"""What the rounded forms of rows say of one probe's true scores: an interval each, that widens by what rounding took.

Everything is about the lifted inner product (``quantizer``), in float64. Of two directions it is |a·b| <= |a||b| that
bounds what is not known (Cauchy and Schwarz).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.planes import Planes
from semblance.search.embedded.quantizer import decode_fine, lift_probe
from semblance.terms.samples import Metric

_SLACK: Final = 1e-11
"""A hundred times what float64 can lose in sums of a few thousand products, relative to the lengths of both."""

_ROUNDING: Final = 2.0**-22
"""Scores are rounded to float32 at the end, half a unit in the last place: two that close may be equal then."""

_TINY: Final = 2.0**-100
_HUGE: Final = 1e30
"""Beyond it float32 scores may be infinite, and infinite ones are equal; nothing is proven there."""

_CODES: Final = 127


class ProbeBounds:
    """One probe against the planes of an index, as they are now."""

    def __init__(self, planes: Planes, probe: NDArray[np.float32]) -> None:
        grid = planes.quantizer
        lifted = lift_probe(grid, probe)
        turned = _combine(grid.rotation.T, lifted)
        self._planes = planes
        self._lead = grid.lead
        self._weights = grid.steps * turned
        self._leading = self._weights[: grid.lead]
        self._tail = grid.tail_step * float(np.linalg.norm(turned[grid.lead :]))
        self._base = float(grid.mean @ turned)
        length = float(np.linalg.norm(lifted))
        mean, centre = float(np.linalg.norm(grid.mean)), float(np.linalg.norm(grid.centre))
        # of numbers far from zero the difference to their mean has lost as much as they had
        lengths = (planes.norm + mean + centre) * (length + centre)
        self.provable = bool(lengths < _HUGE)
        self._slack = _SLACK * lengths + _TINY
        self._apart = _ROUNDING * (planes.norm + length) ** 2 if grid.metric is Metric.EUCLIDEAN else 0.0
        self._scale = max(float(np.abs(self._leading).max(initial=0.0)) / _CODES, self._tail / (_CODES - 1), 1e-300)
        self.codes = np.rint(self._leading / self._scale).astype(np.int8)
        missed = float(np.linalg.norm(self._leading - self._scale * self.codes))
        if grid.has_tail:
            self.codes = np.append(self.codes, np.int8(np.ceil(self._tail / self._scale)))
        self.coarse_radius = planes.coarse_error * float(np.linalg.norm(self._leading)) + self._slack
        self.scan_radius = self.coarse_radius + planes.length * missed
        self.fine_radius = planes.fine_error * float(np.linalg.norm(self._leading)) / 256 + self._slack
        self.fine_radius += planes.rest_error * float(np.linalg.norm(self._weights[grid.lead :]))

    @property
    def base(self) -> float:
        """Return what is added to every product."""
        return self._base

    def find_least(self, bar: float) -> int:
        """Return the least product of a coarse row whose true value may reach the bar."""
        least = np.floor((bar - self.scan_radius - self._base) / self._scale)
        return int(np.clip(least, np.iinfo(np.int32).min + 1, np.iinfo(np.int32).max))

    def bound_coarse(self, coarse: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return the upper ends of the intervals that hold the true values, from coarse rows alone."""
        values = self._base + _combine(coarse[:, : self._lead].astype(np.float64), self._leading) + self.coarse_radius
        if self._planes.quantizer.has_tail:
            values += coarse[:, -1] * self._tail
        return values

    def measure_fine(self, coarse: NDArray[np.int8], rest: NDArray[np.int8]) -> NDArray[np.float64]:
        """Return the middles of the intervals that hold the true values; ``fine_radius`` is their half width."""
        return self._base + _combine(decode_fine(self._planes.quantizer, coarse, rest), self._weights / 256)

    def lower(self, bar: float) -> float:
        """Return the bar, lowered by what may be equal to it once scores are rounded."""
        return float(self._lower_all(np.asarray(bar, dtype=np.float64)))

    def find_best_rows(self, middles: NDArray[np.float64], owners: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which rows may be their owner's best one, from the middles of their fine intervals."""
        _, whose = np.unique(owners, return_inverse=True)
        best = np.full(int(whose.max(initial=-1)) + 1, -np.inf)
        np.maximum.at(best, whose, middles - self.fine_radius)
        rows: NDArray[np.bool_] = middles + self.fine_radius >= self._lower_all(best)[whose]
        return rows

    def _lower_all(self, bars: NDArray[np.float64]) -> NDArray[np.float64]:
        return bars - self._apart - _ROUNDING * np.abs(bars) - _TINY


def _combine(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the product of rows and weights, without BLAS: its threads wait busily, and hold up the next pass."""
    sums: NDArray[np.float64] = np.einsum("ij,j->i", rows, weights)
    return sums


@dataclass(frozen=True, slots=True)
class Plan:
    """A probe against an index as it is now.

    ``values``: the probe's numbers. ``wanted``: how many subjects the answer has at most. ``lets``: which compartments
    are open; ``chosen``: which owners count (None: all). ``subjects`` and ``references``: how many those are.
    """

    values: NDArray[np.float32]
    bounds: ProbeBounds
    wanted: int
    lets: NDArray[np.bool_]
    chosen: NDArray[np.bool_] | None
    subjects: int
    references: int
