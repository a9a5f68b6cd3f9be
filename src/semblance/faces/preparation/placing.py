"""Where steps put what was somewhere before them, without touching a pixel.

Positions are continuous: (0, 0) is the outer corner of the first pixel, (width, height) that of the last.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from semblance.errors import StepsInvalid
from semblance.faces.photo import MAX_PIXELS
from semblance.terms.preparation import Crop, Mirror, Rotate, Step, Straighten, number_fault
from semblance.terms.samples import Box, FaceSample, Landmarks, Point

LONGEST_SIDE: Final = 30_000
"""What the warping of OpenCV can address, and a little less."""


@dataclass(frozen=True, slots=True)
class Placing:
    """An affine map from one photo to another, ``x' = a x + b y + c``, ``y' = d x + e y + f``, and the other's size."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float
    width: int
    height: int

    def place(self, point: Point) -> Point:
        """Return where a point of the first photo lies in the other."""
        return Point(self.a * point.x + self.b * point.y + self.c, self.d * point.x + self.e * point.y + self.f)

    def trace(self, point: Point) -> Point:
        """Return where a point of the other photo lay in the first."""
        x, y, scale = point.x - self.c, point.y - self.f, self.a * self.e - self.b * self.d
        return Point((self.e * x - self.b * y) / scale, (self.a * y - self.d * x) / scale)

    @property
    def mirrors(self) -> bool:
        """Return whether left and right are swapped."""
        return self.a * self.e - self.b * self.d < 0

    def follow(self, onward: "Placing") -> "Placing":
        """Return the map that does this one and then the other."""
        origin = onward.place(self.place(Point(0, 0)))
        across, down = onward.place(self.place(Point(1, 0))), onward.place(self.place(Point(0, 1)))
        return Placing(
            across.x - origin.x,
            down.x - origin.x,
            origin.x,
            across.y - origin.y,
            down.y - origin.y,
            origin.y,
            onward.width,
            onward.height,
        )


def place_all(steps: Sequence[Step], width: int, height: int) -> Placing:
    """Return where the steps put a photo of that size.

    Raises StepsInvalid where a crop leaves the photo, or where a turned photo would have more than 60 megapixels.
    """
    found = Placing(1, 0, 0, 0, 1, 0, width, height)
    for number, step in enumerate(steps, start=1):
        try:
            found = found.follow(place_step(step, found.width, found.height))
        except StepsInvalid as fault:
            raise number_fault(number, fault) from None
    return found


def place_step(step: Step, width: int, height: int) -> Placing:
    """Return where one step puts a photo of that size; raises StepsInvalid as place_all does."""
    match step:
        case Crop():
            if step.left + step.width > width or step.top + step.height > height:
                raise StepsInvalid(
                    "step.crop-outside",
                    "The crop reaches beyond the photo, which has {width} by {height} pixels here; make it smaller.",
                    width=width,
                    height=height,
                )
            return Placing(1, 0, -step.left, 0, 1, -step.top, step.width, step.height)
        case Mirror():
            return Placing(-1, 0, width, 0, 1, 0, width, height)
        case Rotate() | Straighten():
            return _turn(step.degrees, width, height)
        case _:
            return Placing(1, 0, 0, 0, 1, 0, width, height)


def count_quarter_turns(degrees: float) -> int | None:
    """Return how many quarter turns clockwise that is, 0 to 3, or None where it is no whole number of them."""
    return int(degrees // 90) % 4 if degrees % 90 == 0 else None


def place_face(placing: Placing, face: FaceSample) -> FaceSample:
    """Return the face of the first photo as it lies in the other, which is turned by quarters and not mirrored."""
    box = face.box
    corners = placing.place(Point(box.left, box.top)), placing.place(Point(box.right, box.bottom))
    (left, right), (top, bottom) = sorted(corner.x for corner in corners), sorted(corner.y for corner in corners)
    return replace(face, box=Box(left, top, right, bottom), landmarks=place_landmarks(placing, face.landmarks))


def trace_box(placing: Placing, box: Box) -> Box:
    """Return the upright box, in the first photo, around what a box of the other photo shows."""
    corners = [placing.trace(Point(x, y)) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return Box(min(across), min(down), max(across), max(down))


def trace_landmarks(placing: Placing, marks: Landmarks) -> Landmarks:
    """Return the landmarks, in the first photo, of a face found in the other; left stays left there."""
    return _name([placing.trace(mark) for mark in marks.points], swapped=placing.mirrors)


def place_landmarks(placing: Placing, marks: Landmarks) -> Landmarks:
    """Return the landmarks, in the other photo, of a face found in the first."""
    return _name([placing.place(mark) for mark in marks.points], swapped=placing.mirrors)


def _turn(degrees: float, width: int, height: int) -> Placing:
    quarters = count_quarter_turns(degrees)
    if quarters is None:
        cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    else:
        cosine, sine = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[quarters]
    # a hair less, so that rounding does not add a row of grey
    across = math.ceil(width * abs(cosine) + height * abs(sine) - 1e-6)
    down = math.ceil(width * abs(sine) + height * abs(cosine) - 1e-6)
    if across * down > MAX_PIXELS or (quarters is None and max(across, down, width, height) > LONGEST_SIDE):
        raise StepsInvalid(
            "step.turned-too-large",
            "Turned, the photo would have {across} by {down} pixels, which are too many; crop it first.",
            across=across,
            down=down,
        )
    return Placing(
        cosine,
        -sine,
        across / 2 - cosine * width / 2 + sine * height / 2,
        sine,
        cosine,
        down / 2 - sine * width / 2 - cosine * height / 2,
        across,
        down,
    )


def _name(points: list[Point], *, swapped: bool) -> Landmarks:
    return Landmarks(*(points[place] for place in ((1, 0, 2, 4, 3) if swapped else range(5))))
