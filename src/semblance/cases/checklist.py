"""The examiner's checklist: the components of a face, top to bottom, and what may be found of each.

The components are those of the facial image comparison feature list (ASTM E3149, FISWG); the words are our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from semblance.messages.message import Message
from semblance.terms.text import find_text_fault

NOTE_LENGTH_CAP: Final = 1_000
MARK_CAP: Final = 99
_FAR: Final = 1e6


class Component(StrEnum):
    """A part of the face that is compared by itself, in the order in which they are gone through."""

    SKIN = "skin"
    OUTLINE = "outline"
    COMPOSITION = "composition"
    HAIRLINE = "hairline"
    FOREHEAD = "forehead"
    EYEBROWS = "eyebrows"
    EYES = "eyes"
    CHEEKS = "cheeks"
    NOSE = "nose"
    EARS = "ears"
    MOUTH = "mouth"
    CHIN = "chin"
    NECK = "neck"
    FACIAL_HAIR = "facial-hair"
    LINES = "lines"
    SCARS = "scars"
    MARKS = "marks"
    ALTERATIONS = "alterations"


class Finding(StrEnum):
    """What was found of a component; ``not visible`` in at least one photo, or visible but not comparable."""

    CORRESPONDS = "corresponds"
    DIFFERS = "differs"
    NOT_VISIBLE = "not-visible"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of a checklist; ``marks`` are the numbers of the marks on the photos that show it."""

    finding: Finding
    note: str = ""
    marks: Annotated[tuple[int, ...], Field(max_length=MARK_CAP)] = ()


Pixel = Annotated[float, Field(ge=-_FAR, le=_FAR, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a photo: pixels of the upright photo, (0, 0) the upper left corner."""

    x: Pixel
    y: Pixel


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered mark; the same number on both photos points at the same thing. One of the two may be missing."""

    number: int
    probe: Spot | None = None
    reference: Spot | None = None


Checklist = Mapping[Component, Compared]
"""What was found so far; components that were not gone through are missing."""


def find_checklist_fault(checklist: Checklist, marks: tuple[Mark, ...]) -> Message | None:
    """Return why the checklist cannot be kept, or None."""
    numbers = [mark.number for mark in marks]
    if len(numbers) != len(set(numbers)) or any(not 1 <= number <= MARK_CAP for number in numbers):
        return Message("opinion.marks", "marks are numbered 1 to {most}, each number once", most=MARK_CAP)
    for component, compared in checklist.items():
        if fault := find_text_fault(compared.note, cap=NOTE_LENGTH_CAP, breaks=True):
            return Message("opinion.note", "the note on {component} {fault}", component=component, fault=fault)
        if unknown := set(compared.marks) - set(numbers):
            return Message(
                "opinion.mark-missing",
                "{component} names the mark {number}, which is on neither photo",
                component=component,
                number=min(unknown),
            )
    return None
