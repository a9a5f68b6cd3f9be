"""How a detector is led over a photo: once reduced, again larger where the faces may be small, again on one face."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.alignment.similarity import warp
from semblance.faces.detection.detector import Detection, Detector
from semblance.terms.geometry import Landmarks, Point

SCENE_LONGEST: Final = 1600
"""Longer side, in pixels, at which a photo is looked at again when its faces are small or none were found."""
_SCENE_SHARE: Final = 1 / 8
"""A photo whose largest face is lower than this share of its longer side may hold more, smaller faces."""

_CROP: Final = 256
_CROP_SHARE: Final = 1.5
"""Side of the square around a face that is looked at again, in pixels, and as a multiple of the face's box."""
_CENTRED: Final = 0.25


def find_faces(detector: Detector, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
    """Find all faces, the largest first.

    A portrait costs one look at ``longest`` pixels. A photo that is larger, and in which that look found no face or
    only small ones, is looked at once more at up to 1600 pixels.
    """
    faces = detector.detect(pixels, longest=longest)
    side = max(pixels.shape[:2])
    small = not faces or faces[0].box.height < _SCENE_SHARE * side
    if small and side > longest and longest < SCENE_LONGEST:
        again = detector.detect(pixels, longest=SCENE_LONGEST)
        return again if len(again) >= len(faces) else faces
    return faces


def refine_face(detector: Detector, pixels: NDArray[np.uint8], face: Detection) -> Detection:
    """Place a face's landmarks again, on a square around it that is always 256 pixels wide.

    The detector then sees every face at the same size, whatever the photo's, and its landmarks come out alike in a
    thumbnail and in a 24-megapixel portrait. Where the second look finds nothing, the first stands.
    """
    scale = _CROP / (max(face.box.width, face.box.height) * _CROP_SHARE)
    centre = face.box.centre
    matrix = np.array([[scale, 0, _CROP / 2 - scale * centre.x], [0, scale, _CROP / 2 - scale * centre.y]])
    found = [
        again
        for again in detector.detect(warp(pixels, matrix, _CROP), longest=_CROP)
        if abs(again.box.centre.x - _CROP / 2) < _CENTRED * _CROP
        and abs(again.box.centre.y - _CROP / 2) < _CENTRED * _CROP
    ]
    if not found:
        return face
    marks = found[0].landmarks

    def back(point: Point) -> Point:
        return Point((point.x - matrix[0, 2]) / scale, (point.y - matrix[1, 2]) / scale)

    return replace(
        face,
        landmarks=Landmarks(
            back(marks.left_eye),
            back(marks.right_eye),
            back(marks.nose),
            back(marks.mouth_left),
            back(marks.mouth_right),
        ),
    )
