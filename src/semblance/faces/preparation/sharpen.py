"""Sharpening by an unsharp mask."""

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.terms.preparation import Sharpen


def sharpen(pixels: NDArray[np.uint8], step: Sharpen) -> NDArray[np.uint8]:
    """Return the photo with ``amount`` times its difference from a blurred copy added; what leaves the scale clips."""
    blurred = cv2.GaussianBlur(pixels, (0, 0), step.radius, borderType=cv2.BORDER_REPLICATE)
    sharper = cv2.addWeighted(pixels, 1 + step.amount, blurred, -step.amount, 0)
    return np.asarray(sharper, dtype=np.uint8)
