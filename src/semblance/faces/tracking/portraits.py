"""Small pictures of the faces that are followed, kept while it is done: nobody decodes the video again to see them."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from semblance.faces.cutting import cut_face
from semblance.faces.pictures import encode_jpeg
from semblance.faces.tracking.best_frames import find_turn
from semblance.faces.tracking.seeing import Frame, as_photo
from semblance.terms.tracks import Sighting

SIDE: Final = 128
"""Pixels on each side of a picture."""
_MARGIN: Final = 0.35
_QUALITY: Final = 80
_BETTER: Final = 3
"""How much more quality replaces a picture: faces that become clearer slowly would make a new one with each frame."""
_TURNS: Final = 2
_STEP: Final = 0.25
"""So many pictures to each side, one for each further turn of the head by that, as ``find_turn`` measures it."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture of a sighting, a JPEG; a later one of the same ``id`` replaces it."""

    id: str
    sighting: Sighting
    picture: bytes


class PortraitKeeper:
    """Keeps the best pictures of each piece of a track, for each turn of the head and stretch of time."""

    def __init__(self, known: Mapping[str, int]) -> None:
        """Go on where pictures of these ids and qualities were made before."""
        self._qualities = dict(known)
        self._begun: dict[int, float] = {}
        self._fresh: dict[str, Portrait] = {}

    def look(self, frame: Frame, seen: Iterable[tuple[int, Sighting]]) -> None:
        """Make pictures of those faces that are better than before; each comes with the number of its piece."""
        for piece, sighting in seen:
            turn = 0.0 if sighting.landmarks is None else find_turn(sighting)[0]
            passed = max(0.0, sighting.seconds - self._begun.setdefault(piece, sighting.seconds))
            # ever rarer: a long video has no more room than a sheet
            age, side = int(math.log2(1 + passed)), max(-_TURNS, min(_TURNS, round(turn / _STEP)))
            name = f"{piece}.{age}.{side}"
            if sighting.quality >= self._qualities.get(name, -1 - _BETTER) + _BETTER:
                cut = cut_face(as_photo(frame.name, frame.pixels), sighting.box, SIDE, _MARGIN)
                self._qualities[name] = sighting.quality
                self._fresh[name] = Portrait(name, sighting, encode_jpeg(cut, quality=_QUALITY))

    def take(self) -> tuple[Portrait, ...]:
        """Return the pictures that were made since this was asked last."""
        fresh, self._fresh = tuple(self._fresh.values()), {}
        return fresh
