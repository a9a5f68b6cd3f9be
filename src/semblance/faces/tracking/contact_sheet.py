"""One picture of a track's faces, and where in it each of them is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.cutting import cut_face
from semblance.faces.tracking.seeing import as_photo
from semblance.terms.frames import FrameName
from semblance.terms.samples import Box
from semblance.terms.tracks import Sighting

FetchFrame = Callable[[FrameName], NDArray[np.uint8]]
"""Gives the pixels of a frame again, uint8 (height, width, 3), RGB, upright."""

_MARGIN: Final = 0.35


@dataclass(frozen=True, slots=True)
class Cell:
    """A face of the sheet; ``place`` in pixels of the sheet. Its time and frame are the sighting's."""

    sighting: Sighting
    place: Box


@dataclass(frozen=True, slots=True, eq=False)
class ContactSheet:
    """``pixels``: uint8 (height, width, 3), RGB; numbers and times are for whoever shows it to write."""

    pixels: NDArray[np.uint8]
    cells: tuple[Cell, ...]


def draw_contact_sheet(
    sightings: Sequence[Sighting], fetch: FetchFrame, *, side: int = 160, columns: int = 6
) -> ContactSheet:
    """Lay out faces row by row in the order given, each ``side`` pixels wide and high; the rest is mid-grey.

    One frame is held at a time.
    """
    columns = max(1, min(columns, len(sightings)))
    rows = -(-len(sightings) // columns)
    pixels = np.full((rows * side, columns * side, 3), 128, dtype=np.uint8)
    cells = []
    for place, sighting in enumerate(sightings):
        top, left = (side * part for part in divmod(place, columns))
        photo = as_photo(sighting.frame, fetch(sighting.frame))
        pixels[top : top + side, left : left + side] = np.asarray(cut_face(photo, sighting.box, side, _MARGIN))
        cells.append(Cell(sighting, Box(left, top, left + side, top + side)))
    return ContactSheet(pixels, tuple(cells))
