"""A matrix of templates that grows and shrinks without being copied, and forgets what was removed."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.canonical import measure_norms

ROWS_PER_BLOCK: Final = 65536
"""Few large blocks: each product waits once for all of BLAS's threads. Rows not used yet take no memory: nobody has
written to their pages."""


class RowBlocks:
    """Rows of float32 numbers in blocks; a slot is a row's number and is used again after it was freed."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._blocks: list[NDArray[np.float32]] = []
        self._free: list[int] = []
        self.slots = 0
        self.norms = np.empty(0, dtype=np.float64)
        self.alive = np.empty(0, dtype=np.bool_)
        self.sequences = np.empty(0, dtype=np.int64)
        self.owners = np.empty(0, dtype=np.int64)
        self.compartments = np.empty(0, dtype=np.int64)

    def put(self, row: NDArray[np.float32], *, sequence: int, owner: int, compartment: int = 0) -> int:
        """Store a row and return its slot.

        ``owner`` is the number of the subject that it belongs to, ``compartment`` that of the records which the policy
        treats alike.
        """
        if self._free:
            slot = self._free.pop()
        else:
            slot = self.slots
            self.slots += 1
            if slot == len(self._blocks) * ROWS_PER_BLOCK:
                self._grow()
        self._blocks[slot // ROWS_PER_BLOCK][slot % ROWS_PER_BLOCK] = row
        self.norms[slot] = measure_norms(row.astype(np.float64)[None, :])[0]
        self.alive[slot] = True
        self.sequences[slot] = sequence
        self.owners[slot] = owner
        self.compartments[slot] = compartment
        return slot

    def clear(self, slot: int) -> None:
        """Overwrite a row with zeros and free its slot."""
        self._blocks[slot // ROWS_PER_BLOCK][slot % ROWS_PER_BLOCK] = 0.0
        self.norms[slot] = 0.0
        self.alive[slot] = False
        self.sequences[slot] = 0
        self._free.append(slot)

    def multiply(self, probe: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the float32 inner products with all slots, freed ones included; order of addition left to BLAS."""
        products = np.empty(self.slots, dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for start, block in self._used():
                np.dot(block, probe, out=products[start : start + len(block)])
        return products

    def read(self, slots: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return copies of these rows, shape (slots, dimension)."""
        rows = np.empty((len(slots), self.dimension), dtype=np.float32)
        for number in np.unique(slots // ROWS_PER_BLOCK):
            here = np.flatnonzero(slots // ROWS_PER_BLOCK == number)
            rows[here] = self._blocks[number][slots[here] % ROWS_PER_BLOCK]
        return rows

    def _used(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        for number, block in enumerate(self._blocks):
            start = number * ROWS_PER_BLOCK
            yield start, block[: self.slots - start]

    def _grow(self) -> None:
        self._blocks.append(np.zeros((ROWS_PER_BLOCK, self.dimension), dtype=np.float32))
        self.norms = np.concatenate([self.norms, np.zeros(ROWS_PER_BLOCK)])
        self.alive = np.concatenate([self.alive, np.zeros(ROWS_PER_BLOCK, dtype=np.bool_)])
        self.sequences = np.concatenate([self.sequences, np.zeros(ROWS_PER_BLOCK, dtype=np.int64)])
        self.owners = np.concatenate([self.owners, np.zeros(ROWS_PER_BLOCK, dtype=np.int64)])
        self.compartments = np.concatenate([self.compartments, np.zeros(ROWS_PER_BLOCK, dtype=np.int64)])
