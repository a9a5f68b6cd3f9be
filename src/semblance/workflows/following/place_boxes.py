"""Where in a frame the faces of tracks are, also between the frames in which they were looked for."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from semblance.terms.samples import Box
from semblance.terms.tracks import Sighting, Track

_GAP: Final = 0.6
"""Seconds between two sightings across which a face is taken to be on its way; ``find_spans`` parts at the same."""
_SAME: Final = 1e-3


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """Where a track's face is in a frame; not ``seen`` where that lies between two sightings."""

    number: int
    box: Box
    seen: bool


class BoxFinder:
    """Finds the boxes of tracks at any time of their video."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        # in a video whose times jump back the order of the frames is not that of the times
        ordered = ((track.number, sorted(track.sightings, key=_tell_seconds)) for track in tracks)
        self._rows = [(number, [*map(_tell_seconds, sightings)], sightings) for number, sightings in ordered]

    def find(self, seconds: float) -> tuple[PlacedBox, ...]:
        """Return the boxes in the frame at that time, in the order of the tracks."""
        found = (_place(number, times, sightings, seconds) for number, times, sightings in self._rows)
        return tuple(box for box in found if box is not None)


def _place(number: int, times: Sequence[float], sightings: Sequence[Sighting], seconds: float) -> PlacedBox | None:
    after = bisect_right(times, seconds + _SAME)
    if after == 0:
        return None
    before = sightings[after - 1]
    if seconds - before.seconds <= _SAME:
        return PlacedBox(number, before.box, seen=True)
    if after == len(times) or times[after] - before.seconds > _GAP:
        return None
    share = (seconds - before.seconds) / (times[after] - before.seconds)
    return PlacedBox(number, _blend(before.box, sightings[after].box, share), seen=False)


def _blend(first: Box, second: Box, share: float) -> Box:
    edges = ("left", "top", "right", "bottom")
    return Box(*(getattr(first, edge) + share * (getattr(second, edge) - getattr(first, edge)) for edge in edges))


def _tell_seconds(sighting: Sighting) -> float:
    return sighting.seconds
