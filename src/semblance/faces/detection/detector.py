"""What a detector answers, and how a photo is laid on its input."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.light import shrink
from semblance.faces.runtime import Tensor
from semblance.terms.samples import Box, Landmarks, Point


@dataclass(frozen=True, slots=True)
class Detection:
    """One face found; ``score`` runs from 0 to 1, higher is surer."""

    box: Box
    landmarks: Landmarks
    score: float


class Detector(Protocol):
    """Finds faces in pixels: uint8, (height, width, 3), RGB, upright."""

    def detect(self, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
        """Return all faces, the largest first; none is an empty tuple.

        A photo whose longer side is over ``longest`` pixels is reduced to it first.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """A photo reduced where it was larger, and padded to a multiple of 32 at its right and lower edge.

    ``pixels``: uint8 (height, width, 3) RGB; ``scale`` = canvas pixels per photo pixel.
    """

    pixels: NDArray[np.uint8]
    scale: float


def lay_canvas(pixels: NDArray[np.uint8], *, longest: int) -> Canvas:
    """Reduce a photo so that its longer side is at most ``longest`` pixels, and pad it to a multiple of 32."""
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if scale < 1.0:
        pixels = shrink(pixels, scale)
        height, width = pixels.shape[:2]
    padded = np.zeros((-(-height // 32) * 32, -(-width // 32) * 32, 3), dtype=np.uint8)
    padded[:height, :width] = pixels
    return Canvas(padded, scale)


def select_detections(
    boxes: Tensor, points: Tensor, scores: Tensor, *, scale: float, overlap: float
) -> tuple[Detection, ...]:
    """Suppress boxes that overlap a surer one, and return what is left in photo pixels, the largest first.

    ``boxes``: (n, 4) left, top, right, bottom; ``points``: (n, 5, 2) in the order left eye, right eye, nose, left and
    right mouth corner as they appear in the photo; both in canvas pixels. ``overlap``: intersection over union above
    which two boxes are one face.
    """
    if len(boxes) == 0:
        return ()
    corners = [[float(b[0]), float(b[1]), float(b[2] - b[0]), float(b[3] - b[1])] for b in boxes]
    kept = cv2.dnn.NMSBoxes(corners, [float(score) for score in scores], 0.0, overlap)
    found = []
    for index in np.asarray(kept, dtype=np.int64).reshape(-1):
        left, top, right, bottom = (float(value) / scale for value in boxes[index])
        if right - left < 1 or bottom - top < 1:
            continue
        marks = [Point(float(x) / scale, float(y) / scale) for x, y in points[index]]
        found.append(Detection(Box(left, top, right, bottom), Landmarks(*marks), min(1.0, float(scores[index]))))
    return tuple(sorted(found, key=lambda face: (-face.box.area, face.box.left, face.box.top)))
