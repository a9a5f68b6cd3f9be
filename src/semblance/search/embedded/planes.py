"""The rows of an index in two planes: what every search reads, and what it reads of the few that remain."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import numkong
import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.quantizer import Codes, Quantizer

Picked = TypeVar("Picked")

ROWS_PER_BLOCK: Final = 65_536
"""Rows not used yet take no memory: nobody has written to their pages."""

_COLUMNS: Final = 4
_ABREAST: Final = 256
"""So many probes, and bytes of a row, are multiplied in about the time of fewer."""

_LOOKED_AT: Final = 1 << 18
"""So many products are looked at in one go: each core's own memory holds what that says of them."""

_RUN: Final = 16

CLOSED: Final = 0
"""The compartment of rows that nobody may find: those that were freed."""


class Planes:
    """Rounded rows with what belongs to each; a slot is a row's number and is used again after it was freed.

    ``owners``: the number of the subject that a row belongs to. ``compartments``: that of the records which the policy
    treats alike. ``sequences``: by which equal scores are ordered. ``odd``: rows that the grid does not hold.
    """

    def __init__(self, quantizer: Quantizer, workers: int) -> None:
        self.quantizer = quantizer
        self.slots = 0
        self.odd_count = 0
        self.coarse_error = self.fine_error = self.rest_error = self.length = self.norm = 0.0
        self.sequences = np.zeros(0, dtype=np.int64)
        self.owners = np.zeros(0, dtype=np.int32)
        self.compartments = np.zeros(0, dtype=np.int32)
        self.odd = np.zeros(0, dtype=np.bool_)
        self._coarse: list[NDArray[np.int8]] = []
        self._rest: list[NDArray[np.int8]] = []
        self._free: list[int] = []
        self._odd_slots: NDArray[np.int64] | None = None
        self._products: list[NDArray[np.int32]] = []
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None
        self._workers = workers

    def put(self, codes: Codes, owners: list[int], compartments: list[int], sequences: list[int]) -> list[int]:
        """Store rows and return their slots."""
        slots = [self._take() for _ in owners]
        self.sequences[slots], self.owners[slots], self.compartments[slots] = sequences, owners, compartments
        self.write(slots, codes)
        return slots

    def write(self, slots: Sequence[int] | NDArray[np.int64], codes: Codes) -> None:
        """Set the rounded forms of slots that are in use."""
        blocks, rows = np.divmod(np.asarray(slots, dtype=np.int64), ROWS_PER_BLOCK)
        for number in np.unique(blocks):
            here = blocks == number
            self._coarse[number][rows[here]] = codes.coarse[here]
            self._rest[number][rows[here]] = codes.rest[here]
        self.odd[slots] = ~codes.regular
        self._odd_slots = None
        self.odd_count += int((~codes.regular).sum())
        self.coarse_error = max(self.coarse_error, codes.coarse_error)
        self.fine_error = max(self.fine_error, codes.fine_error)
        self.rest_error = max(self.rest_error, codes.rest_error)
        self.length, self.norm = max(self.length, codes.length), max(self.norm, codes.norm)

    def regrid(self, quantizer: Quantizer) -> "Planes":
        """Return planes with another grid and the same slots, whose rounded forms are to be written."""
        made = Planes(quantizer, self._workers)
        for _ in self._coarse:
            made._grow()
        made.slots, made._free = self.slots, list(self._free)
        made.sequences, made.owners, made.compartments = self.sequences, self.owners, self.compartments
        return made

    def widen(self, slots: int) -> None:
        """Allocate so many rows of zeros; only for empty planes."""
        while len(self._coarse) * ROWS_PER_BLOCK < slots:
            self._grow()
        self.slots = slots

    def load(self, first: int, coarse: NDArray[np.int8], rest: NDArray[np.int8]) -> None:
        """Set the rounded forms of the slots from ``first`` on, and nothing else."""
        done = 0
        while done < len(coarse):
            block, row = divmod(first + done, ROWS_PER_BLOCK)
            count = min(len(coarse) - done, ROWS_PER_BLOCK - row)
            self._coarse[block][row : row + count] = coarse[done : done + count]
            self._rest[block][row : row + count] = rest[done : done + count]
            done += count

    def settle(self) -> None:
        """Take the slots in no compartment for free, and count the odd ones, after rows were loaded."""
        self._free = np.flatnonzero(self.compartments[: self.slots] == CLOSED)[::-1].tolist()
        self.odd_count, self._odd_slots = int(self.odd[: self.slots].sum()), None

    def clear(self, slot: int) -> None:
        """Overwrite a row with zeros and free its slot."""
        self.blank(slot)
        self.odd_count -= int(self.odd[slot])
        self.compartments[slot], self.sequences[slot], self.owners[slot], self.odd[slot] = CLOSED, 0, 0, False
        self._free.append(slot)
        self._odd_slots = None

    def blank(self, slot: int) -> None:
        """Overwrite a row with zeros; whose it was is still known."""
        block, row = divmod(slot, ROWS_PER_BLOCK)
        self._coarse[block][row] = 0
        self._rest[block][row] = 0

    def multiply(self, probes: NDArray[np.int8]) -> list[NDArray[np.int32]]:
        """Return the products of all coarse rows with each of a few coarse probes; the next call overwrites them.

        A few probes take the time of one: it goes by with reading. Which rows may be candidates plays no part in it, so
        that its time tells nothing of them.
        """
        abreast = _choose_abreast(len(probes), self.quantizer.coarse_width)
        packed = numkong.dots_pack(np.kron(np.eye(abreast, dtype=np.int8), probes))
        if self._products and len(self._products[0]) < len(self._coarse) * ROWS_PER_BLOCK:
            self._products = []
        while len(self._products) < len(probes):
            self._products.append(np.empty(len(self._coarse) * ROWS_PER_BLOCK, dtype=np.int32))
        outs = [product[: self.slots] for product in self._products[: len(probes)]]

        def scan(number: int) -> None:
            start = number * ROWS_PER_BLOCK
            used = min(ROWS_PER_BLOCK, self.slots - start)
            # rows that nobody has written to yet may fill the last few up; nobody looks at their products
            whole = -(-used // abreast) * abreast
            rows = self._coarse[number][:whole].reshape(whole // abreast, -1)
            if len(outs) == 1:
                together = self._products[0][start : start + whole]
            else:
                together = np.empty(whole * len(outs), dtype=np.int32)
            numkong.dots_packed(rows, packed, out=numkong.from_dlpack(together.reshape(len(rows), -1)))
            if len(outs) > 1:
                for out, column in zip(outs, together.reshape(whole, -1).T, strict=True):
                    out[start : start + used] = column[:used]

        self._spread(scan, len(self._coarse))
        return outs

    def iterate_products(
        self, probes: NDArray[np.int8], rows: int, pick: Callable[[int, NDArray[np.int32]], Picked]
    ) -> Iterator[Picked]:
        """Give what ``pick`` makes of the products of all coarse rows with all probes, ``rows`` at a time, in order.

        ``pick`` is given the first slot and the products, shape (rows, probes), which the next part overwrites; it is
        called on every core.
        """
        packed = numkong.dots_pack(probes)

        def scan(number: int) -> list[Picked]:
            start, picked = number * ROWS_PER_BLOCK, []
            used = min(ROWS_PER_BLOCK, self.slots - start)
            out = np.empty((min(rows, used), len(probes)), dtype=np.int32)
            for row in range(0, used, rows):
                part = self._coarse[number][row : min(row + rows, used)]
                products = out[: len(part)]
                numkong.dots_packed(part, packed, out=numkong.from_dlpack(products))
                picked.append(pick(start + row, products))
            return picked

        numbers = range(len(self._coarse))
        blocks = map(scan, numbers) if self._pool is None or len(numbers) < 2 else self._pool.map(scan, numbers)
        for picked in blocks:
            yield from picked

    def list_odd(self) -> NDArray[np.int64]:
        """Return the slots of the rows that the grid does not hold."""
        if self._odd_slots is None:
            self._odd_slots = np.flatnonzero(self.odd[: self.slots])
        return self._odd_slots

    def find_open(
        self, slots: NDArray[np.int64] | slice, lets: NDArray[np.bool_], chosen: NDArray[np.bool_] | None
    ) -> NDArray[np.bool_]:
        """Return which of these slots may be candidates: let, by compartment, and chosen, by owner (None: all are)."""
        open_rows: NDArray[np.bool_] = lets[self.compartments[slots]]
        if chosen is not None:
            open_rows &= chosen[self.owners[slots]]
        return open_rows

    def find_above(
        self, products: NDArray[np.int32], bar: int, lets: NDArray[np.bool_], chosen: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Return the slots that may be candidates and whose product is at least ``bar``, in order."""
        starts = range(0, self.slots, _LOOKED_AT)
        found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)] * len(starts)

        def look(number: int) -> None:
            start = starts[number]
            high = start + np.flatnonzero(products[start : start + _LOOKED_AT] >= bar)
            found[number] = high[self.find_open(high, lets, chosen)]

        self._spread(look, len(starts))
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def sample(self, count: int) -> NDArray[np.int64]:
        """Return about so many slots in order, from all over, in runs of neighbours that are read together."""
        runs = -(-self.slots // _RUN)
        starts = np.arange(0, runs, max(1, runs * _RUN // count)) * _RUN
        slots = (starts[:, None] + np.arange(_RUN)).ravel()
        return np.asarray(slots[slots < self.slots], dtype=np.int64)

    def read_coarse(self, slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return copies of the coarse bytes of these rows."""
        return _read(self._coarse, self.quantizer.coarse_width, slots)

    def read_rest(self, slots: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return copies of the other bytes of these rows."""
        return _read(self._rest, self.quantizer.rest_width, slots)

    def _spread(self, act: Callable[[int], None], count: int) -> None:
        """Do something with each of so many parts, on every core; a single one is not worth a thread."""
        numbers = iter(range(count))

        def run() -> None:
            # whoever is ready takes the next one, so that nobody waits for a thread that woke late
            for number in numbers:
                act(number)

        helpers = [self._pool.submit(run) for _ in range(self._workers - 1)] if self._pool and count > 1 else []
        run()
        for helper in helpers:
            helper.result()

    def _take(self) -> int:
        if self._free:
            return self._free.pop()
        slot = self.slots
        if slot == len(self._coarse) * ROWS_PER_BLOCK:
            self._grow()
        self.slots += 1
        return slot

    def _grow(self) -> None:
        self._coarse.append(np.zeros((ROWS_PER_BLOCK, self.quantizer.coarse_width), dtype=np.int8))
        self._rest.append(np.zeros((ROWS_PER_BLOCK, self.quantizer.rest_width), dtype=np.int8))
        size = len(self._coarse) * ROWS_PER_BLOCK
        if size > len(self.odd):
            wanted = max(size, len(self.sequences) * 5 // 4)
            self.sequences, self.owners = _extend(self.sequences, wanted), _extend(self.owners, wanted)
            self.compartments, self.odd = _extend(self.compartments, wanted), _extend(self.odd, wanted)


def _choose_abreast(probes: int, width: int) -> int:
    """Return how many rows are multiplied as if they were one, each with probes of its own that are zero elsewhere.

    A row costs its handling before it costs its bytes; too many zeros cost more than that.
    """
    abreast = 1
    while 2 * abreast * probes <= _COLUMNS and 2 * abreast * width <= _ABREAST:
        abreast *= 2
    return abreast


def _read(blocks: Sequence[NDArray[np.int8]], width: int, slots: NDArray[np.int64]) -> NDArray[np.int8]:
    rows = np.empty((len(slots), width), dtype=np.int8)
    order = None
    if len(slots) > 1 and (slots[1:] < slots[:-1]).any():
        order = np.argsort(slots)
        slots = slots[order]
    ends = np.searchsorted(slots, np.arange(1, len(blocks) + 1) * ROWS_PER_BLOCK)
    first = 0
    for number, end in enumerate(ends.tolist()):
        if end > first:
            blocks[number].take(slots[first:end] - number * ROWS_PER_BLOCK, axis=0, out=rows[first:end], mode="clip")
            first = end
    if order is None:
        return rows
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return rows[back]


def _extend(values: NDArray[Any], size: int) -> NDArray[Any]:
    grown = np.zeros(size, dtype=values.dtype)
    grown[: len(values)] = values
    return grown
