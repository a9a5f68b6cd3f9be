"""Which of a track's frames to look at: the best, and those that differ most from one another."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.terms.tracks import Sighting, Track

_GAP: Final = 0.6
_DIFFERENCE: Final = 40.0
"""How much quality a face may lack to be chosen for being wholly different."""


def choose_frames(track: Track, count: int) -> tuple[Sighting, ...]:
    """Return that many sightings, or all: the best first, then by quality and difference from those chosen before.

    Faces differ in how the head is turned, as the landmarks have it, in size, and in time; no template is compared.
    """
    sightings = track.sightings
    qualities = np.array([max(sighting.quality, 0) for sighting in sightings], dtype=np.float64)
    places = _describe(sightings)
    chosen: list[int] = []
    nearest = np.full(len(sightings), np.inf)
    for _ in range(min(count, len(sightings))):
        worth = qualities + _DIFFERENCE * np.minimum(nearest, 1.0)
        worth[chosen] = -np.inf
        best = int(worth.argmax())
        chosen.append(best)
        nearest = np.minimum(nearest, np.linalg.norm(places - places[best], axis=1))
    return tuple(sightings[place] for place in chosen)


def _describe(sightings: Sequence[Sighting]) -> NDArray[np.float64]:
    """Return turn, tilt and roll of each head, its size, and its time, each roughly 0 to 1 apart, shape (n, 5)."""
    begun = sightings[0].seconds
    lasted = max(1e-6, sightings[-1].seconds - begun)
    rows = []
    for sighting in sightings:
        size = math.log(max(sighting.box.height, 1.0))
        rows.append((*find_turn(sighting), size, 0.5 * (sighting.seconds - begun) / lasted))
    return np.array(rows, dtype=np.float64)


def find_turn(sighting: Sighting) -> tuple[float, float, float]:
    """Return turn, tilt and roll of the head as the landmarks have it; turned fully to a side is about 0.5 or -0.5."""
    marks = sighting.landmarks
    if marks is None:
        return 0.0, 0.0, 0.0
    apart = max(marks.inter_eye_distance, 1.0)
    across = (marks.left_eye.x + marks.right_eye.x) / 2
    eyes = (marks.left_eye.y + marks.right_eye.y) / 2
    roll = math.atan2(marks.right_eye.y - marks.left_eye.y, marks.right_eye.x - marks.left_eye.x)
    return (marks.nose.x - across) / apart, (marks.nose.y - eyes) / apart, roll


def find_spans(track: Track, *, gap: float = _GAP) -> tuple[tuple[float, float], ...]:
    """Return from when to when the face was seen, in seconds, in order; a shorter gap than that does not part two.

    A video whose times jump back gives spans that overlap.
    """
    spans: list[tuple[float, float]] = []
    begun = track.sightings[0].seconds
    for before, after in pairwise(track.sightings):
        if not 0 <= after.seconds - before.seconds <= gap:
            spans.append((begun, before.seconds))
            begun = after.seconds
    spans.append((begun, track.sightings[-1].seconds))
    return tuple(sorted(spans))
