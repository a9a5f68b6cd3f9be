"""The floor of one search: what rows must reach by the bounds, which rises the more rows were looked at.

The fine form of the best rows seen says how good the answer is at least. What reaches that in its coarse form is looked
at in its fine form, too; what still does then is what the index compares as it is stored.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.bounds import Plan
from semblance.search.embedded.planes import Planes

_LEAST: Final = int(np.iinfo(np.int32).min)


class Floor:
    """What a product must reach so that its row may belong to one probe's answer."""

    def __init__(self, planes: Planes, plan: Plan) -> None:
        self._planes, self._bounds, self._wanted = planes, plan.bounds, plan.wanted
        self._bar = -np.inf
        self.least: int = _LEAST

    def rise(self, slots: NDArray[np.int64], products: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Learn from the best of these rows, and return which of them may belong to the answer still, no odd ones."""
        near: NDArray[np.bool_] = ~self._planes.odd[slots]
        regular = np.flatnonzero(near)
        taken = 4 * self._wanted
        while self._bounds.provable and len(regular) > self._wanted:
            taken = min(len(regular), taken)
            best = slots[regular[np.argpartition(products[regular], len(regular) - taken)[len(regular) - taken :]]]
            bar = self._find_bar(best, self._planes.read_coarse(best))[0]
            if np.isfinite(bar):
                self._bar = max(self._bar, bar)
                self.least = max(self.least, self._bounds.find_least(self._bounds.lower(self._bar)))
            if np.isfinite(bar) or taken == len(regular):
                break
            # the best were several of the same few subjects
            taken *= 8
        return near & (products >= self.least)

    def settle(self, slots: NDArray[np.int64], products: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return which of these rows may belong to the answer, no odd ones, by their fine forms."""
        slots = slots[self.rise(slots, products)]
        if not self._bounds.provable:
            return slots
        coarse = self._planes.read_coarse(slots)
        if np.isfinite(self._bar):
            near = self._bounds.bound_coarse(coarse) >= self._bounds.lower(self._bar)
            slots, coarse = slots[near], coarse[near]
        bar, middles = self._find_bar(slots, coarse)
        if np.isfinite(bar):
            reaches = middles + self._bounds.fine_radius >= self._bounds.lower(bar)
            slots, middles = slots[reaches], middles[reaches]
            slots = slots[self._bounds.find_best_rows(middles, self._planes.owners[slots])]
        return slots

    def _find_bar(self, slots: NDArray[np.int64], coarse: NDArray[np.int8]) -> tuple[float, NDArray[np.float64]]:
        middles = self._bounds.measure_fine(coarse, self._planes.read_rest(slots))
        return find_bar(middles - self._bounds.fine_radius, self._planes.owners[slots], self._wanted), middles


def find_bar(lows: NDArray[np.float64], owners: NDArray[np.int32], wanted: int) -> float:
    """Return a value that at least ``wanted`` different owners reach for certain, or minus infinity.

    ``lows``: what each row reaches at least.
    """
    taken = min(len(lows), max(4 * wanted, 256))
    while len(lows) >= wanted:
        part = np.argpartition(-lows, taken - 1)[:taken]
        part = part[np.argsort(-lows[part], kind="stable")]
        _, firsts = np.unique(owners[part], return_index=True)
        if len(firsts) >= wanted:
            return float(lows[part[np.sort(firsts)[wanted - 1]]])
        if taken == len(lows):
            break
        taken = min(len(lows), 4 * taken)
    return -np.inf


def take_best(
    scores: NDArray[np.float32], sequences: NDArray[np.int64], owners: NDArray[np.int32], wanted: int
) -> list[int]:
    """Return the places of at most ``wanted`` rows of different owners, by falling score, then rising sequence."""
    order = np.lexsort((sequences, -scores))
    _, firsts = np.unique(owners[order], return_index=True)
    return [int(place) for place in order[np.sort(firsts)[:wanted]]]
