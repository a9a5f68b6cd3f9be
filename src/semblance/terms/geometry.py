"""Where a face lies: pixels of the upright photo, x to the right, y downwards, (0, 0) the upper left corner."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A position in pixels; fractions are allowed."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in pixels; it may reach beyond the photo's edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def centre(self) -> Point:
        return Point((self.left + self.right) / 2, (self.top + self.bottom) / 2)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face, named by where they appear in the photo, not by the subject's own left and right."""

    left_eye: Point
    right_eye: Point
    nose: Point
    mouth_left: Point
    mouth_right: Point

    @property
    def inter_eye_distance(self) -> float:
        """Distance between the eye centres in pixels (ISO/IEC 29794-5:2025, inter-eye distance)."""
        return math.dist((self.left_eye.x, self.left_eye.y), (self.right_eye.x, self.right_eye.y))
