"""A decoded photo."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.orientation import UPRIGHT, turn_box, turn_further
from semblance.messages.message import Message
from semblance.terms.samples import QUARTER_TURNS, PhotoFacts, QuarterTurn

MAX_PIXELS: Final = 60_000_000
"""Width times height of the largest photo that is read."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """Pixels and facts of one photo.

    ``pixels``: uint8, shape (height, width, 3), RGB in sRGB, upright, read-only.
    """

    pixels: NDArray[np.uint8]
    facts: PhotoFacts


def turn_photo(photo: Photo, degrees: QuarterTurn) -> Photo:
    """Return the photo turned clockwise; its facts say so. No pixel changes."""
    if not degrees:
        return photo
    pixels = np.ascontiguousarray(np.rot90(photo.pixels, -(degrees // 90)))
    pixels.flags.writeable = False
    return Photo(pixels, turn_facts(photo.facts, degrees))


def turn_facts(facts: PhotoFacts, degrees: QuarterTurn) -> PhotoFacts:
    """Return the facts of the photo turned clockwise."""
    if not degrees:
        return facts
    width, height = (facts.width, facts.height) if degrees == 180 else (facts.height, facts.width)
    turned = QUARTER_TURNS[(facts.turned + degrees) // 90 % 4]
    note = Message("photo.turned", "turned by {degrees}° clockwise, so that the face is upright", degrees=degrees)
    lost, size = facts.undecoded, (facts.width, facts.height)
    undecoded = None if lost is None else turn_box(lost, size, turn_further(UPRIGHT, degrees))
    notes = (*facts.notes, note)
    return replace(facts, width=width, height=height, turned=turned, undecoded=undecoded, notes=notes)
