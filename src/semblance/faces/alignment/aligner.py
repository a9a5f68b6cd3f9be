"""What an aligner answers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from semblance.faces.detection.detector import Detection


@dataclass(frozen=True, slots=True, eq=False)
class Chip:
    """An aligned face: uint8, (size, size, 3), RGB, upright, read-only."""

    pixels: NDArray[np.uint8]

    def mirror(self) -> NDArray[np.uint8]:
        """Return the pixels with left and right exchanged."""
        return self.pixels[:, ::-1]


class Aligner(Protocol):
    """Cuts the chip of one detected face out of a photo; thread-safe."""

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> Chip: ...
