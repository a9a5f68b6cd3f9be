"""Templates as they are stored, in memory: rows of float32 numbers by slot, for as long as there is room."""

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.planes import ROWS_PER_BLOCK


class StoredRows:
    """Rows in blocks that grow without being copied; what was cleared is zero."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self._blocks: list[NDArray[np.float32]] = []

    def put(self, slots: list[int], rows: NDArray[np.float32]) -> None:
        """Store rows at these slots."""
        blocks, places = np.divmod(np.asarray(slots, dtype=np.int64), ROWS_PER_BLOCK)
        for number in np.unique(blocks):
            while number >= len(self._blocks):
                self._blocks.append(np.zeros((ROWS_PER_BLOCK, self.dimension), dtype=np.float32))
            self._blocks[number][places[blocks == number]] = rows[blocks == number]

    def load(self, first: int, rows: NDArray[np.float32]) -> None:
        """Store rows at the slots from ``first`` on."""
        self.put(list(range(first, first + len(rows))), rows)

    def clear(self, slot: int) -> None:
        """Overwrite a row with zeros."""
        block, place = divmod(slot, ROWS_PER_BLOCK)
        self._blocks[block][place] = 0.0

    def wipe(self) -> None:
        """Overwrite everything with zeros."""
        for block in self._blocks:
            block[:] = 0.0

    def read(self, slots: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return copies of these rows."""
        rows = np.empty((len(slots), self.dimension), dtype=np.float32)
        blocks, places = np.divmod(slots, ROWS_PER_BLOCK)
        for number in np.unique(blocks):
            here = np.flatnonzero(blocks == number)
            rows[here] = self._blocks[number][places[here]]
        return rows
