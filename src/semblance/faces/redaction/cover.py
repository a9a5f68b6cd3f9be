"""Covering: one colour over outlines, before anything else is done with the pixels."""

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.redaction.outlines import Outline
from semblance.terms.samples import Box

FILL: Final = (0, 0, 0)
"""One colour and nothing of the picture: what is blurred, pixelated or mixed with noise can be computed back."""
GRID: Final = 2
"""Pixels; encoders that halve the colour channels mix those of a square of this side."""


def make_mask(shape: tuple[int, ...], outlines: Sequence[Outline]) -> NDArray[np.bool_]:
    """Return what the outlines cover of pixels of that shape: (height, width), in whole squares of the colour grid."""
    height, width = shape[:2]
    rows, columns = -(-height // GRID), -(-width // GRID)
    canvas = np.zeros((rows * GRID, columns * GRID), np.uint8)
    for outline in outlines:
        cv2.fillConvexPoly(canvas, np.rint(outline).astype(np.int32), 255)
    squares = canvas.reshape(rows, GRID, columns, GRID).any(axis=(1, 3))
    return squares.repeat(GRID, axis=0).repeat(GRID, axis=1)[:height, :width]


def cover_pixels(pixels: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the picture, uint8 (height, width, 3), with the fill wherever the mask is set.

    Where a covered region lies over the chosen face, it stays covered: a face that is partly hidden can be exported
    from another frame, one that was shown cannot be called back.
    """
    covered = pixels.copy()
    covered[mask] = FILL
    return covered


def measure_hidden(mask: NDArray[np.bool_], face: Box) -> float:
    """Return which share of a face is covered, 0 to 1; 1 where it lies outside of the picture."""
    height, width = mask.shape
    left, top = max(0, math.floor(face.left)), max(0, math.floor(face.top))
    right, bottom = min(width, math.ceil(face.right)), min(height, math.ceil(face.bottom))
    part = mask[top : max(top, bottom), left : max(left, right)]
    return float(part.mean()) if part.size else 1.0
