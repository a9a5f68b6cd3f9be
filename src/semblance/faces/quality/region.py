"""The part of a photo that the components look at, brought to one size, and their values, brought to one scale."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.alignment.similarity import estimate_similarity, warp
from semblance.faces.detection.detector import Detection
from semblance.faces.photo import Photo

REGION_SIZE: Final = 128
_EYE_ROW: Final = 0.40
_EYE_COLUMNS: Final = (0.30, 0.70)


@dataclass(frozen=True, slots=True, eq=False)
class FaceRegion:
    """The inner face, eyes level, 128 pixels wide and high: from above the brows to the chin.

    ``rgb``: uint8 (128, 128, 3); ``luminance``: uint8 (128, 128), Rec. 601 luma of sRGB; ``scale``: region pixels per
    photo pixel, so above 1 the face was enlarged.
    """

    rgb: NDArray[np.uint8]
    luminance: NDArray[np.uint8]
    scale: float


def cut_region(photo: Photo, face: Detection) -> FaceRegion:
    """Cut the inner face out of a photo by its eyes."""
    marks = face.landmarks
    source = np.array([[marks.left_eye.x, marks.left_eye.y], [marks.right_eye.x, marks.right_eye.y]])
    target = np.array([[column, _EYE_ROW] for column in _EYE_COLUMNS]) * REGION_SIZE
    matrix = estimate_similarity(source, target) if np.ptp(source, axis=0).max() >= 1 else _by_box(face)
    rgb = warp(photo.pixels, matrix, REGION_SIZE)
    luminance = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return FaceRegion(rgb, luminance, float(np.sqrt(abs(np.linalg.det(matrix[:, :2])))))


def _by_box(face: Detection) -> NDArray[np.float64]:
    """Fall back on the box where a profile's eyes coincide."""
    scale = REGION_SIZE / max(face.box.height, 1.0)
    centre = face.box.centre
    half = REGION_SIZE / 2
    return np.array([[scale, 0, half - scale * centre.x], [0, scale, half - scale * centre.y]])


def rise(value: float, *, middle: float, width: float) -> int:
    """Map so that larger is better: 50 at ``middle``, 73 one ``width`` above it (a logistic curve)."""
    exponent = max(-60.0, min(60.0, (value - middle) / width))
    return round(100 / (1 + math.exp(-exponent)))


def fall(value: float, *, middle: float, width: float) -> int:
    """Map so that smaller is better: 50 at ``middle``, 27 one ``width`` above it."""
    return 100 - rise(value, middle=middle, width=width)


def clamp(value: float) -> int:
    """Round to a whole number within 0 to 100."""
    return max(0, min(100, round(value)))
