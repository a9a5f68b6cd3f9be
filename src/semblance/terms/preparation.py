"""The steps that prepare a probe for searching: a closed set of frozen values, each within its bounds.

Pixels are those of the photo as the steps before left it: x to the right, y downwards, (0, 0) the upper left corner.
Making a step that leaves its bounds raises StepsInvalid. As JSON they are a list of objects, each with the name of its
step and its numbers.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Final

from semblance.errors import StepsInvalid
from semblance.messages.message import Message
from semblance.terms.samples import Point, QuarterTurn

STEPS_CAP: Final = 24
SMALLEST_CROP: Final = 16
_FARTHEST: Final = 100_000


class Lines(StrEnum):
    """Which lines of an interlaced picture are kept: those of the upper field (0, 2, 4 …) or of the lower one."""

    UPPER = "upper"
    LOWER = "lower"


def _within(least: float, most: float) -> Any:
    return field(metadata={"bounds": (least, most)})


@dataclass(frozen=True, slots=True)
class _Bounded:
    """A step each of whose numbers lies within the bounds that stand with it."""

    name: ClassVar[str]

    def __post_init__(self) -> None:
        for number in fields(self):
            if "bounds" in number.metadata:
                least, most = number.metadata["bounds"]
                _require(self.name, number.name, getattr(self, number.name), least, most, whole=number.type is int)


@dataclass(frozen=True, slots=True)
class Crop(_Bounded):
    """Keep a rectangle, in whole pixels; it lies inside the photo."""

    name = "crop"
    left: int = _within(0, _FARTHEST)
    top: int = _within(0, _FARTHEST)
    width: int = _within(SMALLEST_CROP, _FARTHEST)
    height: int = _within(SMALLEST_CROP, _FARTHEST)


@dataclass(frozen=True, slots=True)
class Rotate(_Bounded):
    """Turn clockwise by degrees; nothing is cut off, the corners that open are mid-grey."""

    name = "rotate"
    degrees: float = _within(-180, 180)

    @classmethod
    def by_quarters(cls, turned: QuarterTurn) -> "Rotate":
        """Return the step that turns by whole quarters, with which nothing is lost."""
        return cls(turned if turned <= 180 else turned - 360)


@dataclass(frozen=True, slots=True)
class Mirror(_Bounded):
    """Swap left and right."""

    name = "mirror"


@dataclass(frozen=True, slots=True)
class Expose(_Bounded):
    """Change the light by photographic stops: each doubles or halves it."""

    name = "expose"
    stops: float = _within(-4, 4)


@dataclass(frozen=True, slots=True)
class Contrast(_Bounded):
    """Stretch the values around mid-grey by a factor."""

    name = "contrast"
    factor: float = _within(0.25, 4)


@dataclass(frozen=True, slots=True)
class Sharpen(_Bounded):
    """Add back what a blur of ``radius`` pixels takes away, ``amount`` times: an unsharp mask."""

    name = "sharpen"
    amount: float = _within(0, 3)
    radius: float = _within(0.3, 10)


@dataclass(frozen=True, slots=True)
class Deinterlace(_Bounded):
    """Keep every other line, and put between two of them what lies between them in value."""

    name = "deinterlace"
    keep: Lines

    def __post_init__(self) -> None:
        if self.keep not in tuple(Lines):
            raise StepsInvalid(
                "step.lines-unknown", "The step deinterlace keeps '{lines}'; say upper or lower.", lines=self.keep
            )


@dataclass(frozen=True, slots=True)
class Straighten(_Bounded):
    """Turn so that the line between two eyes is level, the first of them on the left."""

    name = "straighten"
    left_x: float = _within(-_FARTHEST, _FARTHEST)
    left_y: float = _within(-_FARTHEST, _FARTHEST)
    right_x: float = _within(-_FARTHEST, _FARTHEST)
    right_y: float = _within(-_FARTHEST, _FARTHEST)

    def __post_init__(self) -> None:
        _Bounded.__post_init__(self)
        if math.dist((self.left_x, self.left_y), (self.right_x, self.right_y)) < 1:
            raise StepsInvalid("step.eyes-together", "The step straighten has both eyes in one place; mark two eyes.")

    @classmethod
    def between(cls, left: Point, right: Point) -> "Straighten":
        """Return the step that levels the line between two points."""
        return cls(left.x, left.y, right.x, right.y)

    @property
    def degrees(self) -> float:
        """Return by how much it turns clockwise, -180 to 180."""
        return -math.degrees(math.atan2(self.right_y - self.left_y, self.right_x - self.left_x))


Step = Crop | Rotate | Mirror | Expose | Contrast | Sharpen | Deinterlace | Straighten
STEP_TYPES: Final[tuple[type[Step], ...]] = (Crop, Rotate, Mirror, Expose, Contrast, Sharpen, Deinterlace, Straighten)


def describe_step(step: Step) -> Message:
    """Return what a step does, in a few words, with its numbers."""
    match step:
        case Crop(left, top, width, height):
            return Message(
                "step.crop",
                "crop to {width} × {height} pixels from ({left}, {top})",  # noqa: RUF001
                width=width,
                height=height,
                left=left,
                top=top,
            )
        case Rotate(degrees):
            return Message("step.rotate", "turn by {degrees:g}°", degrees=degrees)
        case Mirror():
            return Message("step.mirror", "mirror")
        case Expose(stops):
            return Message("step.expose", "exposure {stops:+g} stops", stops=stops)
        case Contrast(factor):
            return Message("step.contrast", "contrast by {factor:g}", factor=factor)
        case Sharpen(amount, radius):
            return Message("step.sharpen", "sharpen by {amount:g} at {radius:g} pixels", amount=amount, radius=radius)
        case Deinterlace(Lines.UPPER):
            return Message("step.deinterlace-upper", "de-interlace, upper lines kept")
        case Deinterlace():
            return Message("step.deinterlace-lower", "de-interlace, lower lines kept")
        case Straighten():
            return Message("step.straighten", "straighten by the eyes: turn by {degrees:.1f}°", degrees=step.degrees)


def require_few(steps: Sequence[object]) -> None:
    """Raise StepsInvalid where there are more steps than are taken."""
    if len(steps) > STEPS_CAP:
        raise StepsInvalid(
            "steps.too-many", "There are {n} steps; {most} are allowed. Take steps away.", n=len(steps), most=STEPS_CAP
        )


def number_fault(number: int, fault: StepsInvalid) -> StepsInvalid:
    """Return the fault of a step with the place that the step has in its list, counted from 1."""
    return StepsInvalid("steps.numbered", "Step {n}: {fault}", n=number, fault=fault.message)


def _require(step: str, what: str, value: object, least: float, most: float, *, whole: bool = False) -> None:
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
        raise StepsInvalid(
            "step.no-number",
            "The step {step} has no usable number for {name}; give one from {least:g} to {most:g}.",
            step=step,
            name=what,
            least=least,
            most=most,
        )
    if not least <= value <= most:
        raise StepsInvalid(
            "step.out-of-bounds",
            "The step {step} has {value:g} for {name}; {least:g} to {most:g} are allowed.",
            step=step,
            value=value,
            name=what,
            least=least,
            most=most,
        )


_KEY: Final = "step"
_LENGTH_CAP: Final = 8000
_TYPES: Final = {kind.name: kind for kind in STEP_TYPES}


def write_steps(steps: Sequence[Step]) -> str:
    """Return the steps as a JSON list, in their order."""
    return json.dumps(
        [{_KEY: step.name, **{field.name: getattr(step, field.name) for field in fields(step)}} for step in steps],
        separators=(",", ":"),
    )


def read_steps(text: str) -> tuple[Step, ...]:
    """Return the steps that the JSON text lists; raises StepsInvalid, which names the step at fault."""
    if len(text) > _LENGTH_CAP:
        raise StepsInvalid("steps.too-long", "The list of steps is too long to be meant; take steps away.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise StepsInvalid(
            "steps.no-json", "The list of steps is not valid JSON; begin again with the original."
        ) from None
    if not isinstance(found, list):
        raise StepsInvalid("steps.no-list", "The steps are no list; begin again with the original.")
    require_few(found)
    return tuple(_read_step(number, document) for number, document in enumerate(found, start=1))


def _read_step(number: int, document: Any) -> Step:
    name = document.get(_KEY) if isinstance(document, dict) else None
    kind = _TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise StepsInvalid(
            "steps.step-unknown", "Step {n} is none that is known; use {names}.", n=number, names=sorted(_TYPES)
        )
    wanted = {field.name for field in fields(kind)}
    given = {key: value for key, value in document.items() if key != _KEY}
    if set(given) != wanted and not wanted:
        raise StepsInvalid("steps.numbers-given", "Step {n}, {step}, needs no numbers.", n=number, step=name)
    if set(given) != wanted:
        raise StepsInvalid(
            "steps.other-numbers",
            "Step {n}, {step}, needs {names} and nothing else.",
            n=number,
            step=name,
            names=sorted(wanted),
        )
    if kind is Deinterlace:
        if given["keep"] not in tuple(Lines):
            raise StepsInvalid(
                "steps.lines-unknown", "Step {n}, deinterlace, keeps upper or lower lines and nothing else.", n=number
            )
        return Deinterlace(Lines(given["keep"]))
    try:
        return kind(**given)
    except StepsInvalid as fault:
        raise number_fault(number, fault) from None
