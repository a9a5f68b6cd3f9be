"""A last look at what would leave: faces that are seen in it and are not the chosen one."""

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.faces.extractor import measure_overlap
from semblance.faces.redaction.cover import cover_pixels, make_mask
from semblance.faces.redaction.outlines import outline_head
from semblance.terms.samples import Box

FindFaces = Callable[[NDArray[np.uint8]], Sequence[Box]]
"""Returns the faces that a detector sees in pixels, uint8 (height, width, 3), RGB, upright."""

_SAME_FACE: Final = 0.3
_ENLARGED: Final = 2
_LARGEST: Final = 2_560
"""Pixels on the longer side up to which a picture is looked at enlarged as well."""
_ROUNDS: Final = 4


class StillSeen(Exception):
    """Faces are seen in a picture however often what is seen is covered; nothing of it may leave."""


def cover_missed(
    pixels: NDArray[np.uint8], mask: NDArray[np.bool_], chosen: Box | None, find: FindFaces
) -> tuple[NDArray[np.bool_], tuple[Box, ...]]:
    """Return the mask grown over every face that is seen in what it leaves uncovered, and those faces.

    It is looked at as it is and enlarged, again after each covering: what is covered draws edges of its own. The face
    at ``chosen`` stays; None covers all. Raises StillSeen where that does not end.
    """
    found: list[Box] = []
    for _ in range(_ROUNDS):
        missed = _find_others(cover_pixels(pixels, mask), chosen, find)
        if not missed:
            return mask, tuple(found)
        found += missed
        mask = mask | make_mask(mask.shape, [outline_head(face) for face in missed])
    raise StillSeen


def _find_others(pixels: NDArray[np.uint8], chosen: Box | None, find: FindFaces) -> list[Box]:
    others = _leave_out(find(pixels), chosen)
    if others or _ENLARGED * max(pixels.shape) > _LARGEST:
        return others
    enlarged = cv2.resize(pixels, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    return _leave_out([_shrink(face) for face in find(np.asarray(enlarged, np.uint8))], chosen)


def _leave_out(faces: Sequence[Box], chosen: Box | None) -> list[Box]:
    if chosen is None:
        return list(faces)
    overlaps = [measure_overlap(face, chosen) for face in faces]
    best = max(range(len(faces)), key=overlaps.__getitem__, default=None)
    if best is None or overlaps[best] < _SAME_FACE:
        return list(faces)
    return [face for place, face in enumerate(faces) if place != best]


def _shrink(face: Box) -> Box:
    edges = face.left, face.top, face.right, face.bottom
    return Box(*(edge / _ENLARGED for edge in edges))
