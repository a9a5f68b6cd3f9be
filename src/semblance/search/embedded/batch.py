"""Many probes against one set of planes in one pass: each part of the coarse plane is multiplied with all of them.

Each probe has a floor of its own, which a sample sets and which rises as rows are seen (``floor``).
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.bounds import Plan
from semblance.search.embedded.floor import Floor
from semblance.search.embedded.planes import Planes

_PRODUCTS: Final = 1 << 20
"""So few products at once that they stay in the processor's own memory."""

_LONGEST: Final = 8_192
_SAMPLE: Final = 16_384
_ROUND: Final = 8
"""Floors are raised when so many times more rows were seen than at the last time."""

_SHORT: Final = 1 << 16


class _Hits:
    """Rows that reached the floors of probes, with their products, as they come."""

    def __init__(self, probes: int) -> None:
        self._probes = probes
        self._parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]] = []

    def keep(self, slots: NDArray[np.int64], numbers: NDArray[np.int64], products: NDArray[np.int32]) -> None:
        """Keep rows, each with the number of the probe that it may belong to."""
        self._parts.append((slots, numbers, products))

    def take(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
        """Give the rows and products of one probe after the other, and keep none."""
        parts, self._parts = self._parts, []
        if not parts:
            yield from [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))] * self._probes
            return
        slots, numbers, products = map(np.concatenate, zip(*parts, strict=True))
        # a radix sort, where the numbers are that small
        order = np.argsort(numbers.astype(np.uint16 if self._probes < _SHORT else np.int64), kind="stable")
        slots, products = slots[order], products[order]
        ends = np.cumsum(np.bincount(numbers, minlength=self._probes))
        for number in range(self._probes):
            mine = slice(ends[number - 1] if number else 0, ends[number])
            yield slots[mine], products[mine]


def find_undecided(planes: Planes, plans: Sequence[Plan]) -> list[NDArray[np.int64]]:
    """Return for each probe the regular slots that may belong to its answer; every row is multiplied all the same."""
    probes = np.stack([plan.bounds.codes for plan in plans])
    floors = [Floor(planes, plan) for plan in plans]
    groups = _Groups(planes, plans)
    for sample, members in groups.take_samples():
        # codes of a byte each: sums of some hundred products are whole numbers that float32 holds
        sampled = planes.read_coarse(sample).astype(np.float32) @ probes[members].astype(np.float32).T
        for number, column in zip(members, sampled.T, strict=True):
            floors[number].rise(sample, column.astype(np.int32))
    least = np.array([floor.least for floor in floors], dtype=np.int32)
    hits, seen, raised_at = _Hits(len(plans)), 0, _SAMPLE

    def pick(
        first: int, products: NDArray[np.int32]
    ) -> tuple[int, NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        # floors rise meanwhile; an older one lets more through, and nothing less
        rows, numbers = np.divmod(np.flatnonzero(products >= least), len(plans))
        open_rows = groups.find_open(first + rows, numbers)
        rows, numbers = rows[open_rows], numbers[open_rows]
        return len(products), first + rows, numbers, products[rows, numbers]

    rows = max(1, min(_LONGEST, _PRODUCTS // len(plans)))
    for count, slots, numbers, products in planes.iterate_products(probes, rows, pick):
        hits.keep(slots, numbers, products)
        seen += count
        if seen >= _ROUND * raised_at:
            raised_at = seen
            for number, (slots, products) in enumerate(list(hits.take())):
                near = floors[number].rise(slots, products)
                hits.keep(slots[near], np.full(int(near.sum()), number), products[near])
            least = np.array([floor.least for floor in floors], dtype=np.int32)
    return [floor.settle(slots, products) for floor, (slots, products) in zip(floors, hits.take(), strict=True)]


class _Groups:
    """Which plans are open to the same rows."""

    def __init__(self, planes: Planes, plans: Sequence[Plan]) -> None:
        self._planes = planes
        members: dict[tuple[int, int], list[int]] = {}
        for number, plan in enumerate(plans):
            members.setdefault((id(plan.lets), id(plan.chosen)), []).append(number)
        self._members = list(members.values())
        self._of = np.zeros(len(plans), dtype=np.int64)
        for group, numbers in enumerate(self._members):
            self._of[numbers] = group
        firsts = [plans[numbers[0]] for numbers in self._members]
        self._lets = np.stack([first.lets for first in firsts])
        self._chosen = [first.chosen for first in firsts]

    def take_samples(self) -> list[tuple[NDArray[np.int64], list[int]]]:
        """Return for each group some of the slots that are open to it, evenly taken, and its plans."""
        samples = []
        for group, numbers in enumerate(self._members):
            everywhere = slice(self._planes.slots)
            open_rows = np.flatnonzero(self._planes.find_open(everywhere, self._lets[group], self._chosen[group]))
            samples.append((open_rows[:: max(1, len(open_rows) // _SAMPLE)], numbers))
        return samples

    def find_open(self, slots: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of these slots are open to these plans, slot by plan."""
        groups = self._of[numbers]
        open_rows: NDArray[np.bool_] = self._lets[groups, self._planes.compartments[slots]]
        for group, chosen in enumerate(self._chosen):
            if chosen is not None:
                mine = groups == group
                open_rows[mine] &= chosen[self._planes.owners[slots[mine]]]
        return open_rows
