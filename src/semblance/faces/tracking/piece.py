"""A run of sightings that position alone holds together; templates decide which pieces are one track."""

import math
from dataclasses import dataclass, field, replace
from typing import Final

from semblance.faces.tracking.likeness import Glimpse
from semblance.terms.samples import Box, Point
from semblance.terms.tracks import Sighting

_SMOOTH: Final = 0.5
MARKED: Final = 100
"""Sightings of a piece that keep their landmarks, the best: a probe is made of fewer, a long video has many more."""


@dataclass(slots=True, eq=False)
class Piece:
    """``looks``: in which look at the video each sighting was made. ``speed``: pixels a second; ``open``: goes on."""

    number: int
    sightings: list[Sighting] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    glimpses: list[Glimpse] = field(default_factory=list)
    speed: Point = field(default_factory=lambda: Point(0.0, 0.0))
    checked: int = -1
    checked_at: float = -math.inf
    """The last look in which a template agreed with the others, and its time in seconds."""
    doubt: Glimpse | None = None
    """A template that disagreed, in the look that it was made in; the next one decides."""
    open: bool = True

    @property
    def last(self) -> Sighting:
        return self.sightings[-1]

    def add(self, sighting: Sighting, look: int) -> None:
        """Add a sighting that continues the piece."""
        if self.sightings:
            before, passed = self.last, sighting.seconds - self.last.seconds
            if passed > 0:
                x = (sighting.box.centre.x - before.box.centre.x) / passed
                y = (sighting.box.centre.y - before.box.centre.y) / passed
                keep = _SMOOTH if len(self.sightings) > 1 else 0.0
                self.speed = Point(keep * self.speed.x + (1 - keep) * x, keep * self.speed.y + (1 - keep) * y)
        self.sightings.append(sighting)
        self.looks.append(look)
        if len(self.sightings) % MARKED == 0:
            self._thin()

    def _thin(self) -> None:
        order = sorted(range(len(self.sightings)), key=lambda place: -self.sightings[place].quality)
        for place in order[MARKED:]:
            if self.sightings[place].landmarks is not None:
                self.sightings[place] = replace(self.sightings[place], landmarks=None)

    def predict(self, seconds: float) -> Box:
        """Return where the face would be by then, were it to go on as it did."""
        passed = max(0.0, seconds - self.last.seconds)
        across, down, box = self.speed.x * passed, self.speed.y * passed, self.last.box
        return Box(box.left + across, box.top + down, box.right + across, box.bottom + down)

    def cut_after(self, look: int, rest: "Piece") -> "Piece":
        """End the piece, move the sightings after that look into ``rest``, and return it, ended, without templates."""
        place = next((place for place, own in enumerate(self.looks) if own > look), len(self.looks))
        rest.sightings, rest.looks, rest.speed = self.sightings[place:], self.looks[place:], self.speed
        del self.sightings[place:], self.looks[place:]
        self.open, self.doubt, rest.open = False, None, False
        return rest
