"""Which way up a photo is, by the faces in it: what is found in it, turned by quarters, tells.

A detector finds faces that lie on their side or head, too, and a pack makes templates of them that match nothing. What
it says of such a face gives it away: the detector is less sure, the landmarks have a shape that no face has, or are
themselves turned, and the encoder finds little to hold on to. docs/quality.md says how well each of these tells.
"""

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from semblance.faces.alignment.similarity import points_of
from semblance.faces.detection.detector import Detection
from semblance.faces.encoding.encoder import Features
from semblance.faces.photo import Photo
from semblance.faces.quality.unified import PackRanges
from semblance.messages.message import Message
from semblance.terms.samples import QUARTER_TURNS, Landmarks, QuarterTurn

_FACE: Final = np.array([-0.35 - 0.376j, 0.366 - 0.376j, 0.045j, -0.321 + 0.353j, 0.307 + 0.353j])
"""The mean shape of upright faces, x to the right and y downwards: eyes, nose, mouth corners; of length 1."""
_NO_FACE: Final = 0.3
"""Distance from the mean shape, as a share of the shape's size, at which a shape speaks for no face any more."""
_TILTED: Final = 45.0

_CLEAR: Final = 2.6
_SEVERAL_CLEAR: Final = 2.1
"""Evidence from which on a photo is not looked at in other turns; the second where several faces were found, which no
encoder sees before one is chosen."""
_ENOUGH: Final = 2.3
_SEVERAL_ENOUGH: Final = 1.9
"""The least evidence for which a photo is turned."""
_MARGIN: Final = 0.3
"""By how much the evidence for a turn must exceed that for any other."""
_HOPELESS: Final = 0.5
"""A turn for which the detector and the landmarks speak by so much less than for the photo as it lies is left out."""

WHICH_WAY_UP: Final = Message(
    "photo.which-way-up", "it cannot be told which way up the face is; turn the photo where it does not stand upright"
)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A photo as it lies, or turned, and the faces found in it; the features are those of the only face."""

    photo: Photo
    found: tuple[Detection, ...]
    features: Features | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """The look in which the faces stand upright; ``doubtful``: it could not be told, and it is the photo as it lies."""

    look: Look
    doubtful: bool = False


def is_clear(look: Look, ranges: PackRanges) -> bool:
    """Return whether the photo needs to be looked at in no other turn; always where the pack states too little."""
    if ranges.norm is None or ranges.detection is None:
        return True
    return weigh_look(look, ranges) >= (_CLEAR if look.features else _SEVERAL_CLEAR)


def stands_upright(look: Look, ranges: PackRanges) -> bool:
    """Return whether enough speaks for the faces standing upright in this very look."""
    return is_clear(look, ranges) or weigh_look(look, ranges) >= (_ENOUGH if look.features else _SEVERAL_ENOUGH)


def weigh_look(look: Look, ranges: PackRanges) -> float:
    """Return how much speaks for the faces standing upright; of several, what speaks for each on the mean."""
    if not look.found:
        return -math.inf
    seen = sum(_weigh_face(face, ranges) for face in look.found) / len(look.found)
    if look.features is None:
        return seen
    return seen + _place(look.features.norm, ranges.norm) + _place(look.features.agreement, ranges.agreement)


def _weigh_face(face: Detection, ranges: PackRanges) -> float:
    misshapen, tilt = compare_shape(face.landmarks)
    shape = 0.5 * max(0.0, 1 - misshapen / _NO_FACE)
    return shape + 2 * _place(face.score, ranges.detection) - (abs(tilt) > _TILTED)


def _place(value: float, limits: tuple[float, float] | None) -> float:
    """Return where a value lies in what the pack states as usual, -1 to 1; 0 where it states nothing."""
    if limits is None:
        return 0.0
    return max(-1.0, min(1.0, (value - limits[0]) / (limits[1] - limits[0])))


def compare_shape(landmarks: Landmarks) -> tuple[float, float]:
    """Return how far the landmarks are from a face's shape, 0 to 1, and by how many degrees clockwise they are turned.

    Both hold for the similarity transform that brings the shape nearest to them.
    """
    points = points_of(landmarks) @ np.array([1, 1j])
    points = points - points.mean()
    size = float(np.linalg.norm(points))
    if size == 0:
        return 1.0, 0.0
    fit = complex(np.vdot(_FACE, points)) / (size * float(np.linalg.norm(_FACE)))
    return math.sqrt(max(0.0, 1 - abs(fit) ** 2)), math.degrees(cmath.phase(fit))


def find_turn(landmarks: Landmarks) -> QuarterTurn:
    """Return by which quarters a face is turned clockwise for its eyes to lie above its mouth."""
    return QUARTER_TURNS[round(-compare_shape(landmarks)[1] / 90) % 4]


def choose_upright(
    as_it_lies: Look, turn: Callable[[QuarterTurn], Look], encode: Callable[[Look], Look], ranges: PackRanges
) -> Upright:
    """Return the photo as it stands upright, after looking at it in all four turns.

    ``turn`` looks at the photo turned, ``encode`` adds the features of the only face.
    """
    least = weigh_look(replace(as_it_lies, features=None), ranges) - _HOPELESS
    turned = [turn(degrees) for degrees in QUARTER_TURNS[1:]]
    hopeful = [encode(look) for look in turned if look.found and weigh_look(look, ranges) >= least]
    if not hopeful:
        return Upright(as_it_lies)
    first = encode(as_it_lies)
    looks = sorted((first, *hopeful), key=lambda look: weigh_look(look, ranges), reverse=True)
    best, second = looks[:2]
    sure = weigh_look(best, ranges) - weigh_look(second, ranges) >= _MARGIN
    if sure and (best is first or stands_upright(best, ranges)):
        return Upright(best)
    return Upright(first, doubtful=bool(first.found))
