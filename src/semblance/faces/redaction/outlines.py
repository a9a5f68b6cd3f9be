"""What is covered of a head: convex outlines around where it is, or where it may be between two sightings."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.terms.samples import Box
from semblance.terms.tracks import Sighting, Track

Outline = NDArray[np.float32]
"""Corners of a convex polygon, shape (n, 2), x and y in pixels of the picture; it may reach beyond the edges."""

_BESIDE: Final = 0.4
_ABOVE: Final = 0.55
"""How far a head, with hair and ears, reaches beyond a detected face, as a share of the face's longer side."""
_EDGE: Final = 12.0
"""Pixels; what a lossy original smears of a face beyond it lies inside."""
_CURVE: Final = 0.2
"""How far a way between two sightings may bend, as a share of it."""
_STRAY: Final = 0.3
"""How much further a head that is not seen may have gone each second, as a share of the face's longer side."""
_STEADY: Final = 0.3
"""Seconds over which a speed is measured, where the track is as long."""
_CARRIED: Final = 4.0
"""How far a head that is not seen any more is carried on at most, in longer sides of its face."""
_CORNERS: Final = 48
_FARTHEST: Final = 30_000.0

_CIRCLE: Final = np.array(
    [(math.cos(turn), math.sin(turn)) for turn in np.linspace(0, 2 * math.pi, _CORNERS, endpoint=False)], np.float32
)


@dataclass(frozen=True, slots=True)
class ManualBox:
    """What somebody said to cover where the detector missed a head, in seconds of the video, both ends included.

    None: from the beginning, to the end.
    """

    box: Box
    first: float | None = None
    last: float | None = None

    def is_due(self, seconds: float) -> bool:
        """Return whether it covers what is seen then."""
        return (self.first is None or self.first <= seconds) and (self.last is None or seconds <= self.last)


def outline_box(box: Box) -> Outline:
    """Return the box as it is, grown to whole pixels; raises ValueError where it is no place."""
    _require_place(box)
    left, top, right, bottom = math.floor(box.left), math.floor(box.top), math.ceil(box.right), math.ceil(box.bottom)
    return _keep_near([(left, top), (right, top), (right, bottom), (left, bottom)])


def outline_head(face: Box, *, extra: float = 0.0) -> Outline:
    """Return an ellipse over the whole head of a detected face; raises ValueError where it is no place.

    ``extra`` pixels are added on all sides. Whichever way up the head is, it lies inside.
    """
    _require_place(face)
    side = max(face.width, face.height)
    half_width = face.width / 2 + _BESIDE * side + _EDGE + extra
    half_height = face.height / 2 + _ABOVE * side + _EDGE + extra
    return _keep_near(_CIRCLE * (half_width, half_height) + (face.centre.x, face.centre.y))


def outline_track(track: Track, seconds: float, *, hold: float) -> Outline | None:
    """Return where the head of a track may be at that time; None where it was not seen ``hold`` seconds around it.

    Between two sightings all that lies between them is covered, and more, the longer the way. Before the first and
    after the last one the head is held where it was, and where its speed would have brought it.
    """
    seen = sorted(track.sightings, key=lambda sighting: sighting.seconds)
    place = bisect_left(seen, seconds, key=lambda sighting: sighting.seconds)
    if place < len(seen) and seen[place].seconds == seconds:
        at_once = [sighting.box for sighting in seen[place:] if sighting.seconds == seconds]
        return _wrap([outline_head(box) for box in at_once])
    if 0 < place < len(seen):
        before, after = seen[place - 1].box, seen[place].box
        extra = _CURVE * _measure_way(before, after) + _stray(before, seen[place].seconds - seen[place - 1].seconds)
        return _wrap([outline_head(before, extra=extra), outline_head(after, extra=extra)])
    if not seen:
        return None
    last, nearer = (seen[0], seen[1:]) if place == 0 else (seen[-1], seen[-2::-1])
    away = seconds - last.seconds
    if abs(away) > hold:
        return None
    gone = _carry_on(last, nearer, away)
    extra = _stray(last.box, abs(away))
    return _wrap([outline_head(last.box, extra=extra), outline_head(gone, extra=extra)])


def place_face(track: Track, seconds: float) -> Box | None:
    """Return the face of a track at that time, between two sightings on the way between them; None outside of them."""
    seen = sorted(track.sightings, key=lambda sighting: sighting.seconds)
    place = bisect_left(seen, seconds, key=lambda sighting: sighting.seconds)
    if place < len(seen) and seen[place].seconds == seconds:
        return seen[place].box
    if not 0 < place < len(seen):
        return None
    before, after = seen[place - 1], seen[place]
    share = (seconds - before.seconds) / (after.seconds - before.seconds)
    pairs = zip(_list_edges(before.box), _list_edges(after.box), strict=True)
    return Box(*(first + share * (second - first) for first, second in pairs))


def find_outlines(
    tracks: Sequence[Track], chosen: int | None, boxes: Sequence[ManualBox], seconds: float, *, hold: float
) -> list[Outline]:
    """Return what is covered at that time: every track but the chosen one, by its number, and the boxes."""
    heads = (outline_track(track, seconds, hold=hold) for track in tracks if track.number != chosen)
    return [
        *(outline for outline in heads if outline is not None),
        *(outline_box(manual.box) for manual in boxes if manual.is_due(seconds)),
    ]


def _carry_on(last: Sighting, nearer: Sequence[Sighting], away: float) -> Box:
    """Return the box where the speed at the track's end brings it in ``away`` seconds, negative before the first.

    The speed is that over some time, since places found in neighbouring frames tremble, and brings no head far.
    """
    apart = [sighting for sighting in nearer if sighting.seconds != last.seconds]
    if not apart:
        return last.box
    other = next((sighting for sighting in apart if abs(sighting.seconds - last.seconds) >= _STEADY), apart[-1])
    share = away / (last.seconds - other.seconds)
    here, there = last.box.centre, other.box.centre
    x, y = share * (here.x - there.x), share * (here.y - there.y)
    way, side = math.hypot(x, y), max(last.box.width, last.box.height)
    if way > _CARRIED * side:
        x, y = x * _CARRIED * side / way, y * _CARRIED * side / way
    return Box(last.box.left + x, last.box.top + y, last.box.right + x, last.box.bottom + y)


def _stray(box: Box, seconds: float) -> float:
    return _STRAY * max(box.width, box.height) * min(seconds, 2.0)


def _measure_way(box: Box, other: Box) -> float:
    here, there = box.centre, other.centre
    return math.dist((here.x, here.y), (there.x, there.y))


def _wrap(outlines: Sequence[Outline]) -> Outline:
    if len(outlines) == 1:
        return outlines[0]
    return np.asarray(cv2.convexHull(np.concatenate(outlines)), np.float32).reshape(-1, 2)


def _keep_near(corners: object) -> Outline:
    # what draws polygons counts in few bits
    return np.clip(np.asarray(corners, np.float32), -_FARTHEST, _FARTHEST)


def _list_edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _require_place(box: Box) -> None:
    if not all(map(math.isfinite, _list_edges(box))) or box.area <= 0:
        raise ValueError(f"{box} is no place in a picture")
