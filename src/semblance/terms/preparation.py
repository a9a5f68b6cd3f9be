"""The steps that prepare a probe for searching: a closed set of frozen values, each within its bounds.

Pixels are those of the photo as the steps before left it: x to the right, y downwards, (0, 0) the upper left corner.
Making a step that leaves its bounds raises StepsInvalid.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from semblance.errors import StepsInvalid
from semblance.terms.geometry import Point

STEPS_CAP: Final = 24
SMALLEST_CROP: Final = 16
_FARTHEST: Final = 100_000


class Lines(StrEnum):
    """Which lines of an interlaced picture are kept: those of the upper field (0, 2, 4 …) or of the lower one."""

    UPPER = "upper"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Crop:
    """Keep a rectangle, in whole pixels; it lies inside the photo."""

    name: ClassVar[str] = "crop"
    left: int
    top: int
    width: int
    height: int

    def __post_init__(self) -> None:
        for what, value in (("left", self.left), ("top", self.top)):
            _require(self.name, what, value, 0, _FARTHEST, whole=True)
        for what, value in (("width", self.width), ("height", self.height)):
            _require(self.name, what, value, SMALLEST_CROP, _FARTHEST, whole=True)


@dataclass(frozen=True, slots=True)
class Rotate:
    """Turn clockwise by degrees, -180 to 180; nothing is cut off, the corners that open are mid-grey."""

    name: ClassVar[str] = "rotate"
    degrees: float

    def __post_init__(self) -> None:
        _require(self.name, "degrees", self.degrees, -180, 180)


@dataclass(frozen=True, slots=True)
class Mirror:
    """Swap left and right."""

    name: ClassVar[str] = "mirror"


@dataclass(frozen=True, slots=True)
class Expose:
    """Change the light by photographic stops, -4 to 4: each doubles or halves it."""

    name: ClassVar[str] = "expose"
    stops: float

    def __post_init__(self) -> None:
        _require(self.name, "stops", self.stops, -4, 4)


@dataclass(frozen=True, slots=True)
class Contrast:
    """Stretch the values around mid-grey by a factor, 0.25 to 4."""

    name: ClassVar[str] = "contrast"
    factor: float

    def __post_init__(self) -> None:
        _require(self.name, "factor", self.factor, 0.25, 4)


@dataclass(frozen=True, slots=True)
class Sharpen:
    """Add back what a blur of ``radius`` pixels (0.3 to 10) takes away, ``amount`` times (0 to 3): an unsharp mask."""

    name: ClassVar[str] = "sharpen"
    amount: float
    radius: float

    def __post_init__(self) -> None:
        _require(self.name, "amount", self.amount, 0, 3)
        _require(self.name, "radius", self.radius, 0.3, 10)


@dataclass(frozen=True, slots=True)
class Deinterlace:
    """Keep every other line, and put between two of them what lies between them in value."""

    name: ClassVar[str] = "deinterlace"
    keep: Lines

    def __post_init__(self) -> None:
        if self.keep not in tuple(Lines):
            raise StepsInvalid(
                "terms.step-deinterlace-keeps-say-upper",
                "The step deinterlace keeps '{lines}'; say upper or lower.",
                lines=self.keep,
            )


@dataclass(frozen=True, slots=True)
class Straighten:
    """Turn so that the line between two eyes is level, the first of them on the left."""

    name: ClassVar[str] = "straighten"
    left_x: float
    left_y: float
    right_x: float
    right_y: float

    def __post_init__(self) -> None:
        for what in ("left_x", "left_y", "right_x", "right_y"):
            _require(self.name, what, getattr(self, what), -_FARTHEST, _FARTHEST)
        if math.dist((self.left_x, self.left_y), (self.right_x, self.right_y)) < 1:
            raise StepsInvalid(
                "terms.step-straighten-both-eyes-place",
                "The step straighten has both eyes in one place; mark two eyes.",
            )

    @classmethod
    def between(cls, left: Point, right: Point) -> "Straighten":
        """Return the step that levels the line between two points."""
        return cls(left.x, left.y, right.x, right.y)

    @property
    def degrees(self) -> float:
        """Return by how much it turns clockwise, -180 to 180."""
        return -math.degrees(math.atan2(self.right_y - self.left_y, self.right_x - self.left_x))


Step = Crop | Rotate | Mirror | Expose | Contrast | Sharpen | Deinterlace | Straighten
STEP_TYPES: Final[tuple[type[Step], ...]] = (
    Crop,
    Rotate,
    Mirror,
    Expose,
    Contrast,
    Sharpen,
    Deinterlace,
    Straighten,
)


def say_step(step: Step) -> str:
    """Return what a step does, in a few words, with its numbers."""
    match step:
        case Crop():
            return f"crop to {step.width} × {step.height} pixels from ({step.left}, {step.top})"  # noqa: RUF001
        case Rotate():
            return f"turn by {step.degrees:g}°"
        case Mirror():
            return "mirror"
        case Expose():
            return f"exposure {step.stops:+g} stops"
        case Contrast():
            return f"contrast by {step.factor:g}"
        case Sharpen():
            return f"sharpen by {step.amount:g} at {step.radius:g} pixels"
        case Deinterlace():
            return f"de-interlace, {step.keep.value} lines kept"
        case Straighten():
            return f"straighten by the eyes: turn by {step.degrees:.1f}°"


def _require(step: str, what: str, value: object, least: float, most: float, *, whole: bool = False) -> None:
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
        raise StepsInvalid(
            "terms.step-no-usable-number-give",
            "The step {step} has no usable number for {name}; give one from {least:g} to {most:g}.",
            step=step,
            name=what,
            least=least,
            most=most,
        )
    if not least <= value <= most:
        raise StepsInvalid(
            "terms.step-allowed",
            "The step {step} has {value:g} for {name}; {least:g} to {most:g} are allowed.",
            step=step,
            value=value,
            name=what,
            least=least,
            most=most,
        )
