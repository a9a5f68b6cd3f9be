"""How a detector is led over a photo: once reduced, again larger where the faces may be small, again on one face."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.alignment.similarity import warp
from semblance.faces.detection.detector import Detection, Detector
from semblance.faces.light import shrink
from semblance.terms.samples import Box, Landmarks, Point

SCENE_LONGEST: Final = 1600
"""Longer side, in pixels, at which a photo is looked at again when its faces are small or none were found."""
_SCENE_SHARE: Final = 1 / 8
"""A photo whose largest face is lower than this share of its longer side may hold more, smaller faces."""

_POOR_LONGEST: Final = (320, 160, 96)
"""Longer sides, in pixels, to which a photo without a face is reduced: averaging takes noise away, a face it leaves."""
_DARK: Final = 200
_GAMMA: Final = 0.6

_CROP: Final = 256
_POOR_CROP: Final = 96
_CROP_SHARE: Final = 1.5
"""Side of the square around a face that is looked at again, in pixels, and as a multiple of the face's box."""
_CENTRED: Final = 0.25


def find_faces(detector: Detector, pixels: NDArray[np.uint8], *, longest: int) -> tuple[Detection, ...]:
    """Find all faces, the largest first.

    A portrait costs one look at ``longest`` pixels. A photo that is larger, and in which that look found no face or
    only small ones, is looked at once more at up to 1600 pixels. A photo in which no face was found at all is reduced
    step by step and, where it is dark, lifted: detectors fail on noise and darkness long before encoders do.
    """
    faces = detector.detect(pixels, longest=longest)
    side = max(pixels.shape[:2])
    small = not faces or faces[0].box.height < _SCENE_SHARE * side
    if small and side > longest and longest < SCENE_LONGEST:
        again = detector.detect(pixels, longest=SCENE_LONGEST)
        faces = again if len(again) >= len(faces) else faces
    return faces or _find_in_poor_photo(detector, pixels)


def _find_in_poor_photo(detector: Detector, pixels: NDArray[np.uint8]) -> tuple[Detection, ...]:
    for longest in _POOR_LONGEST:
        scale = longest / max(pixels.shape[:2])
        if scale >= 1:
            continue
        faces = detector.detect(_lift(shrink(pixels, scale)), longest=longest)
        if faces:
            return tuple(_scale(face, 1 / scale, np.zeros(2)) for face in faces)
    return ()


def _lift(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a dark photo brightened; any other as it is. Only the detector sees it."""
    brightest = float(np.percentile(pixels, 99))
    if brightest >= _DARK:
        return pixels
    levels = np.clip(np.arange(256) / max(brightest, 8.0), 0.0, 1.0) ** _GAMMA * 255
    return levels.astype(np.uint8)[pixels]


def refine_face(detector: Detector, pixels: NDArray[np.uint8], face: Detection) -> Detection:
    """Place a face's landmarks again, on a square around it that is always 256 pixels wide.

    The detector then sees every face at the same size, whatever the photo's, and its landmarks come out alike in a
    thumbnail and in a 24-megapixel portrait. Where that finds nothing, a square of 96 pixels is tried, which averages
    noise away; where that finds nothing either, the first landmarks stand.
    """
    for side in (_CROP, _POOR_CROP):
        scale = side / (max(face.box.width, face.box.height) * _CROP_SHARE)
        centre = face.box.centre
        shift = np.array([side / 2 - scale * centre.x, side / 2 - scale * centre.y])
        square = _lift(warp(pixels, np.array([[scale, 0, shift[0]], [0, scale, shift[1]]]), side))
        for again in detector.detect(square, longest=side):
            off = np.abs(np.array([again.box.centre.x, again.box.centre.y]) - side / 2)
            if off.max() < _CENTRED * side:
                return replace(face, landmarks=_scale(again, 1 / scale, -shift).landmarks)
    return face


def _scale(face: Detection, scale: float, shift: NDArray[np.float64]) -> Detection:
    """Return the face with every coordinate shifted, then scaled."""

    def move(x: float, y: float) -> Point:
        return Point((x + float(shift[0])) * scale, (y + float(shift[1])) * scale)

    upper, lower = move(face.box.left, face.box.top), move(face.box.right, face.box.bottom)
    return replace(
        face,
        box=Box(upper.x, upper.y, lower.x, lower.y),
        landmarks=Landmarks(*(move(point.x, point.y) for point in face.landmarks.points)),
    )
