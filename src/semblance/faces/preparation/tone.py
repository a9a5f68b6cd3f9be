"""Exposure and contrast: each value of a pixel becomes another by a table."""

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.light import to_light, to_pixels
from semblance.terms.preparation import Contrast, Expose


def expose(pixels: NDArray[np.uint8], step: Expose) -> NDArray[np.uint8]:
    """Return the photo with its light (linear, IEC 61966-2-1) doubled or halved by stops; what is too light clips."""
    levels = np.arange(256, dtype=np.uint8)
    return _look_up(pixels, to_pixels(to_light(levels) * np.float32(2.0**step.stops)))


def stretch(pixels: NDArray[np.uint8], step: Contrast) -> NDArray[np.uint8]:
    """Return the photo with the sRGB values stretched around the middle of the scale; what leaves it clips."""
    levels = (np.arange(256) - 127.5) * step.factor + 127.5
    return _look_up(pixels, np.rint(np.clip(levels, 0, 255)).astype(np.uint8))


def _look_up(pixels: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.LUT(pixels, table), dtype=np.uint8)
