"""An examiner's opinion of one candidate: a person's judgement on two photos, with the reasons that it needs.

The checklist goes through the components of a face, top to bottom. They are those of the facial image comparison
feature list (ASTM E3149, FISWG); the words are our own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from semblance.messages.message import Message
from semblance.terms.permission import Refusal
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

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


LEAST_CORRESPONDING: Final = 3
"""Who calls somebody a potential candidate has found at least so many components that correspond."""


class Conclusion(StrEnum):
    """What an examiner thinks of a candidate. None of them says who anybody is."""

    POTENTIAL = "potential"
    NO_CANDIDATE = "no-candidate"
    INCONCLUSIVE = "inconclusive"


class Ground(StrEnum):
    """Why two photos do not let anybody conclude."""

    QUALITY = "quality"
    POSE = "pose"
    COVERED = "covered"
    EXPRESSION = "expression"
    AGE = "age"
    LIGHT = "light"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class OpinionDraft:
    """What an examiner has written so far; nothing is checked yet, and everything may be empty.

    ``view`` is how the examiner had set up the photos (JSON); nothing is concluded from it.
    """

    conclusion: Conclusion | None = None
    reason: str = ""
    grounds: frozenset[Ground] = frozenset()
    checklist: Checklist | None = None
    marks: tuple[Mark, ...] = ()
    view: Annotated[str, Field(max_length=4_000)] = ""

    @property
    def compared(self) -> Checklist:
        return self.checklist or {}


@dataclass(frozen=True, slots=True)
class Opinion:
    """One person's conclusion on one candidate, with the reason; ``dismissed``: looked at in the list and no more."""

    person: str
    pseudonym: str
    conclusion: Conclusion
    at: datetime
    dismissed: bool = False
    reason: str = ""


def check_draft(draft: OpinionDraft) -> Refusal | None:
    """Return the first reason why what was written cannot even be kept, or None."""
    if fault := find_text_fault(draft.reason, cap=REASON_LENGTH_CAP, breaks=True):
        return _refuse("reason", Message("opinion.reason-unusable", "the reason {fault}", fault=fault))
    if fault := find_checklist_fault(draft.compared, draft.marks):
        return _refuse("checklist", fault)
    return None


def check_opinion(draft: OpinionDraft) -> Refusal | None:
    """Return None where the conclusion has the reasons that it needs, else the first rule that it fails.

    A potential candidate needs every component gone through, at least ``LEAST_CORRESPONDING`` that correspond, every
    difference explained in its note, and a reason. No candidate needs a component that differs, or a reason.
    Inconclusive needs a ground and a reason.
    """
    if refusal := check_draft(draft):
        return refusal
    if draft.conclusion is None:
        return _refuse("conclusion", Message("opinion.conclusion-missing", "no conclusion was chosen"))
    if draft.conclusion is Conclusion.POTENTIAL and (fault := _find_gap(draft.compared)):
        return _refuse("checklist", fault)
    if draft.conclusion is Conclusion.INCONCLUSIVE and not draft.grounds:
        message = Message("opinion.grounds-missing", "say on what grounds nothing can be concluded")
        return _refuse("grounds", message)
    differs = any(compared.finding is Finding.DIFFERS for compared in draft.compared.values())
    if says_nothing(draft.reason) and not (differs and draft.conclusion is Conclusion.NO_CANDIDATE):
        message = Message("opinion.reason-missing", "say in a sentence what the conclusion rests on")
        return _refuse("reason", message)
    return None


def _find_gap(checklist: Checklist) -> Message | None:
    """Return what the checklist lacks for a potential candidate, or None."""
    missing = [component for component in Component if component not in checklist]
    if missing:
        return Message(
            "opinion.checklist-incomplete",
            "a potential candidate needs the whole checklist; {n} components are missing, first: {component}",
            n=len(missing),
            component=missing[0],
        )
    if sum(compared.finding is Finding.CORRESPONDS for compared in checklist.values()) < LEAST_CORRESPONDING:
        return Message(
            "opinion.too-few-correspond",
            "a potential candidate needs {n} components that correspond",
            n=LEAST_CORRESPONDING,
        )
    for component, compared in checklist.items():
        if compared.finding is Finding.DIFFERS and says_nothing(compared.note):
            return Message(
                "opinion.difference-unexplained",
                "{component} differs; its note must say why that does not exclude the candidate",
                component=component,
            )
    return None


def _refuse(field: str, message: Message) -> Refusal:
    return Refusal(f"opinion.{field}", message, field=field)
