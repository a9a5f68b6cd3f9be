"""The examiner's checklist: the components of a face, top to bottom, and what may be found of each.

The components are those of the facial image comparison feature list (ASTM E3149, FISWG); the words are our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from semblance.terms.text import find_text_fault

NOTE_LENGTH_CAP: Final = 1_000
MARK_CAP: Final = 99


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
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a photo: pixels of the upright photo, (0, 0) the upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered mark; the same number on both photos points at the same thing. One of the two may be missing."""

    number: int
    probe: Spot | None = None
    reference: Spot | None = None


Checklist = Mapping[Component, Compared]
"""What was found so far; components that were not gone through are missing."""


def find_checklist_fault(checklist: Checklist, marks: tuple[Mark, ...]) -> str | None:
    """Return in words why the checklist cannot be kept, or None."""
    numbers = [mark.number for mark in marks]
    if len(numbers) != len(set(numbers)) or any(not 1 <= number <= MARK_CAP for number in numbers):
        return f"marks are numbered 1 to {MARK_CAP}, each number once"
    for component, compared in checklist.items():
        if fault := find_text_fault(compared.note, cap=NOTE_LENGTH_CAP, breaks=True):
            return f"the note on {component.value} {fault}"
        if unknown := set(compared.marks) - set(numbers):
            return f"{component.value} names the mark {min(unknown)}, which is on neither photo"
    return None
