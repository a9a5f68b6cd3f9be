"""A decoded photo."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.terms.samples import PhotoFacts

MAX_PIXELS: Final = 60_000_000
"""Width times height of the largest photo that is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """Pixels and facts of one photo.

    ``pixels``: uint8, shape (height, width, 3), RGB in sRGB, upright, read-only.
    """

    pixels: NDArray[np.uint8]
    facts: PhotoFacts
