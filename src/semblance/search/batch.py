"""Many probes against one set of planes at once: the coarse plane becomes float32 block by block, and is multiplied.

Each probe has a bar of its own, which a sample sets and which rises as rows are seen. What reaches it by the bounds is
looked at in its fine form; what still does then is what the index compares as it is stored.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.best import find_bar
from semblance.search.bounds import ProbeBounds
from semblance.search.planes import Planes

_ROWS: Final = 4_096
"""Few enough that the products of a thousand probes stay in the processor's own memory."""

_SAMPLE: Final = 16_384
_ROUND: Final = 8
"""Bars are raised when so many times more rows were seen than at the last time."""

_SINGLE: Final = 2.0**-24


class _Kept:
    """The rows that may belong to one probe's answer so far, each with its coarse product."""

    def __init__(self, planes: Planes, bounds: ProbeBounds, wanted: int) -> None:
        self._planes, self._bounds, self._wanted = planes, bounds, wanted
        self._slots: list[NDArray[np.int64]] = []
        self._products: list[NDArray[np.float32]] = []
        # a float32 product is off by at most so much (Higham, section 3.1), whatever the order of its additions
        length = float(np.linalg.norm(bounds.leading)) * float(np.hypot(planes.length, 127.0))
        self._astray = 2 * (len(bounds.leading) + 2) * _SINGLE * length
        self.floor = np.float32(-np.inf)

    def keep(self, slots: NDArray[np.int64], products: NDArray[np.float32]) -> None:
        """Keep rows whose products reach the floor."""
        self._slots.append(slots)
        self._products.append(products)

    def raise_floor(self) -> None:
        """Learn from the best rows so far what a product must reach, and drop the others."""
        slots, products = self._gather()
        if len(slots) > self._wanted:
            taken = min(len(slots), 4 * self._wanted)
            best = np.argpartition(-products, taken - 1)[:taken]
            self._set_floor(self._find_bar(slots[best], self._measure(slots[best])))
            near = products >= self.floor
            slots, products = slots[near], products[near]
        self._slots, self._products = [slots], [products]

    def forget(self) -> None:
        """Let go of all rows; the floor stays."""
        self._slots, self._products = [], []

    def settle(self) -> NDArray[np.int64]:
        """Return the regular rows that may belong to the answer, by their fine forms."""
        self.raise_floor()
        slots, _ = self._gather()
        middles = self._measure(slots)
        bar = self._find_bar(slots, middles)
        undecided = ~self._planes.odd[slots]
        if np.isfinite(bar):
            undecided &= middles + self._bounds.fine_radius >= self._bounds.lower(bar)
        return slots[undecided]

    def _set_floor(self, bar: float) -> None:
        if np.isfinite(bar):
            reach = self._bounds.lower(bar) - self._bounds.base - self._bounds.coarse_radius - self._astray
            # rounded down, so that float32 takes nothing out
            self.floor = max(self.floor, np.nextafter(np.float32(reach), np.float32(-np.inf)))

    def _gather(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if not self._slots:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        return np.concatenate(self._slots), np.concatenate(self._products)

    def _measure(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        return self._bounds.measure_fine(*self._planes.read(slots))

    def _find_bar(self, slots: NDArray[np.int64], middles: NDArray[np.float64]) -> float:
        lows = np.where(self._planes.odd[slots], -np.inf, middles - self._bounds.fine_radius)
        return find_bar(lows, self._planes.owners[slots], self._wanted)


def find_undecided(
    planes: Planes, bounds: Sequence[ProbeBounds], open_rows: NDArray[np.bool_], wanted: int
) -> list[NDArray[np.int64]]:
    """Return for each probe the regular slots that may belong to its answer.

    ``open_rows``: which slots may be candidates; all are read and multiplied all the same.
    """
    weights = np.column_stack([one.leading for one in bounds]).astype(np.float32)
    kept = [_Kept(planes, one, wanted) for one in bounds]
    sample = np.flatnonzero(open_rows)
    sample = sample[:: max(1, len(sample) // _SAMPLE)]
    products = planes.read(sample)[0].astype(np.float32) @ weights
    for number, one in enumerate(kept):
        one.keep(sample, products[:, number])
        one.raise_floor()
        # the sample is met again on the way through all rows
        one.forget()
    floors = np.array([one.floor for one in kept])
    seen, raised_at = 0, _SAMPLE
    for first, rows in planes.iterate_coarse(_ROWS):
        products = rows.astype(np.float32) @ weights
        reaches = products >= floors
        reaches[~open_rows[first : first + len(rows)]] = False
        hits, probes = np.divmod(np.flatnonzero(reaches), len(kept))
        order = np.argsort(probes, kind="stable")
        hits, probes = hits[order], probes[order]
        starts = np.searchsorted(probes, np.arange(len(kept) + 1))
        for number in map(int, np.flatnonzero(np.diff(starts))):
            mine = hits[starts[number] : starts[number + 1]]
            kept[number].keep(first + mine, products[mine, number])
        seen += len(rows)
        if seen >= _ROUND * raised_at:
            raised_at = seen
            for one in kept:
                one.raise_floor()
            floors = np.array([one.floor for one in kept])
    return [one.settle() for one in kept]
