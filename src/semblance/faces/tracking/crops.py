"""The frames of one track that are searched, cut around its face, so that nobody else goes along."""

import base64
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.errors import TrackUnsuitable
from semblance.faces.cutting import find_region
from semblance.faces.extractor import measure_overlap
from semblance.faces.redaction.cover import cover_pixels, make_mask
from semblance.faces.redaction.missed import FindFaces, StillSeen, cover_missed
from semblance.faces.redaction.outlines import find_outlines
from semblance.faces.redaction.still import encode_still
from semblance.faces.tracking.fusing import fuse_frames
from semblance.faces.tracking.seeing import FaceReader, FetchFrame
from semblance.terms.samples import Box, Landmarks, Point, Template
from semblance.terms.tracks import Sighting, Track, read_sighting, write_sighting

_AROUND: Final = 0.6
"""How much of the frame around a face goes along on each side, as a share of the face's longer side."""
_LARGEST: Final = 256.0
"""Pixels of a face's longer side above which frames that are only encoded are made smaller."""
_HOLD: Final = 0.5
_SAME_FACE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrackCrop:
    """Part of a frame; places in ``sighting`` are pixels of it. ``pixels``: uint8 (height, width, 3), RGB, upright."""

    sighting: Sighting
    pixels: NDArray[np.uint8]


def cut_crops(
    tracks: Sequence[Track], number: int, sightings: Sequence[Sighting], fetch: FetchFrame
) -> Iterator[TrackCrop]:
    """Give the part of each frame around one track's face, one at a time, with every other track's head covered.

    ``sightings`` are of that track. ``fetch`` gives pixels in the size in which it was followed. What of another head
    lies before the face itself stays: the face is partly hidden by it.
    """
    for sighting in sightings:
        pixels = fetch(sighting.frame)
        mask = make_mask(pixels.shape, find_outlines(tracks, number, (), sighting.seconds, hold=_HOLD))
        box = sighting.box
        mask[_span(box.top, box.bottom), _span(box.left, box.right)] = False
        height, width = pixels.shape[:2]
        left, top, across, down = find_region(width, height, box, _AROUND)
        part = cover_pixels(pixels, mask)[top : top + down, left : left + across]
        yield TrackCrop(_move(sighting, left, top), np.ascontiguousarray(part))


def choose_photo(crops: Sequence[TrackCrop], find: FindFaces) -> tuple[TrackCrop, bytes]:
    """Return the first of the crops in which the face is found again and nobody else is seen, and it as a PNG.

    Whoever else is found is covered. Raises TrackUnsuitable where there is none.
    """
    for crop in crops:
        try:
            mask, _missed = cover_missed(crop.pixels, make_mask(crop.pixels.shape, ()), crop.sighting.box, find)
        except StillSeen:
            continue
        pixels = cover_pixels(crop.pixels, mask)
        if any(measure_overlap(face, crop.sighting.box) >= _SAME_FACE for face in find(pixels)):
            return replace(crop, pixels=pixels), encode_still(pixels, "png")
    raise TrackUnsuitable(
        "tracking.no-clear-frame",
        "In none of the {n} best frames of this track is the face found by itself. Pick another track, or send in a "
        "better copy of the video.",
        n=len(crops),
    )


def fuse_crops(crops: Sequence[TrackCrop], reader: FaceReader) -> Template:
    """Encode the face of each crop and return their mean, weighted by quality."""
    pixels = {crop.sighting.frame: crop.pixels for crop in crops}
    return fuse_frames([crop.sighting for crop in crops], pixels.__getitem__, reader).template


def write_crops(crops: Sequence[TrackCrop]) -> bytes:
    """Return the crops as bytes, without loss but that large faces are made smaller."""
    rows = []
    for crop in map(_shrink, crops):
        picture = base64.b64encode(encode_still(crop.pixels, "png")).decode()
        rows.append((write_sighting(crop.sighting), picture))
    return json.dumps(rows, separators=(",", ":")).encode()


def read_crops(data: bytes) -> tuple[TrackCrop, ...]:
    """Return the crops that ``write_crops`` wrote."""
    return tuple(
        TrackCrop(read_sighting(sighting), np.asarray(Image.open(io.BytesIO(base64.b64decode(picture)))))
        for sighting, picture in json.loads(data)
    )


def _shrink(crop: TrackCrop) -> TrackCrop:
    scale = _LARGEST / max(crop.sighting.box.width, crop.sighting.box.height)
    if scale >= 1:
        return crop
    pixels = np.asarray(cv2.resize(crop.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return TrackCrop(_scale(crop.sighting, scale), pixels)


def _move(sighting: Sighting, left: int, top: int) -> Sighting:
    box, marks = sighting.box, sighting.landmarks
    moved = Box(box.left - left, box.top - top, box.right - left, box.bottom - top)
    points = None if marks is None else Landmarks(*(Point(point.x - left, point.y - top) for point in marks.points))
    return replace(sighting, box=moved, landmarks=points)


def _scale(sighting: Sighting, scale: float) -> Sighting:
    box, marks = sighting.box, sighting.landmarks
    smaller = Box(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale)
    points = None if marks is None else Landmarks(*(Point(point.x * scale, point.y * scale) for point in marks.points))
    return replace(sighting, box=smaller, landmarks=points)


def _span(first: float, last: float) -> slice:
    return slice(max(0, math.floor(first)), max(0, math.ceil(last)))
