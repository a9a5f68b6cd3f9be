"""Crop, mirror and turn; arguments are never changed, and quarter turns lose nothing."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.colour import BACKDROP
from semblance.faces.preparation.placing import count_quarter_turns, place_step
from semblance.terms.preparation import Crop, Rotate, Straighten

_HALF_PIXEL: Final = 0.5


def crop(pixels: NDArray[np.uint8], step: Crop) -> NDArray[np.uint8]:
    """Return the rectangle; raises StepsInvalid where it leaves the photo."""
    place_step(step, pixels.shape[1], pixels.shape[0])
    part = pixels[step.top : step.top + step.height, step.left : step.left + step.width]
    return np.ascontiguousarray(part)


def mirror(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the photo with left and right swapped."""
    return np.ascontiguousarray(pixels[:, ::-1])


def turn(pixels: NDArray[np.uint8], step: Rotate | Straighten) -> NDArray[np.uint8]:
    """Return the photo turned, whole, mid-grey where it opens; raises StepsInvalid where it would be too large."""
    placing = place_step(step, pixels.shape[1], pixels.shape[0])
    quarters = count_quarter_turns(step.degrees)
    if quarters is not None:
        return np.ascontiguousarray(np.rot90(pixels, -quarters))
    # OpenCV counts from the middle of the first pixel
    across = placing.c + _HALF_PIXEL * (placing.a + placing.b) - _HALF_PIXEL
    down = placing.f + _HALF_PIXEL * (placing.d + placing.e) - _HALF_PIXEL
    matrix = np.array([[placing.a, placing.b, across], [placing.d, placing.e, down]])
    turned = cv2.warpAffine(
        pixels,
        matrix,
        (placing.width, placing.height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BACKDROP,
    )
    return np.asarray(turned, dtype=np.uint8)
