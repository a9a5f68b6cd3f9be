"""The frames of a clip, every one covered before anything else is done with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from semblance.faces.redaction.cover import cover_pixels, make_mask
from semblance.faces.redaction.missed import FindFaces, cover_missed
from semblance.faces.redaction.outlines import ManualBox, find_outlines, place_face
from semblance.terms.tracks import Track

HOLD: Final = 2.0
"""Seconds for which a head is covered before it was first seen and after it was last seen."""


class TimedPixels(Protocol):
    """A frame as reading a video yields it: ``pixels`` uint8 (height, width, 3), RGB, upright, and its time."""

    @property
    def seconds(self) -> float: ...

    @property
    def pixels(self) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, slots=True)
class Covering:
    """What of a clip is covered: every track but the chosen one, by its number, and what somebody marked.

    ``find`` looks at each covered frame once more, and whatever face it sees is covered too; None trusts the tracks.
    """

    tracks: Sequence[Track]
    chosen: int
    boxes: Sequence[ManualBox] = ()
    hold: float = HOLD
    find: FindFaces | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CoveredFrame:
    """A frame of which nothing covered is left; ``missed`` counts the faces that only the last look found."""

    seconds: float
    pixels: NDArray[np.uint8]
    missed: int


def cover_frames(frames: Iterable[TimedPixels], covering: Covering) -> Iterator[CoveredFrame]:
    """Yield each frame covered, one at a time; raises StillSeen where a face is seen however much is covered."""
    chosen = next((track for track in covering.tracks if track.number == covering.chosen), None)
    if chosen is None:
        raise ValueError(f"there is no track {covering.chosen}")
    for frame in frames:
        outlines = find_outlines(covering.tracks, covering.chosen, covering.boxes, frame.seconds, hold=covering.hold)
        mask, missed = make_mask(frame.pixels.shape, outlines), 0
        if covering.find is not None:
            mask, found = cover_missed(frame.pixels, mask, place_face(chosen, frame.seconds), covering.find)
            missed = len(found)
        yield CoveredFrame(frame.seconds, cover_pixels(frame.pixels, mask), missed)
