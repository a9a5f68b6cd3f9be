"""De-interlacing: one field of a video frame, its missing lines filled from their neighbours."""

import numpy as np
from numpy.typing import NDArray

from semblance.terms.preparation import Deinterlace, Lines


def deinterlace(pixels: NDArray[np.uint8], step: Deinterlace) -> NDArray[np.uint8]:
    """Return the photo with the lines of one field, each line of the other the mean of the two around it.

    A line at the edge, and the one line of a photo of one, takes the value of its one neighbour, or stays.
    """
    filled = pixels.copy()
    height = len(pixels)
    missing = np.arange(1 if step.keep is Lines.UPPER else 0, height, 2)
    if height < 2:
        return filled
    above, below = missing - 1, missing + 1
    above = np.where(above < 0, below, above)
    below = np.where(below >= height, above, below)
    filled[missing] = (pixels[above].astype(np.uint16) + pixels[below] + 1) // 2
    return filled
