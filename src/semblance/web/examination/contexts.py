"""What the pages of an examination are given: one frozen dataclass a template."""

from dataclasses import dataclass

from semblance.web.page.contexts import Frame, Option


@dataclass(frozen=True, slots=True)
class ComparedImage:
    """One of two photos that are compared; all places are pixels of the upright photo as it was handed in.

    ``near`` is a picture of the part of the photo around the face, in as many pixels as the photo has there (up to a
    cap), and ``region`` is that part: left, top, width, height. ``far`` is the whole photo, made smaller.
    """

    label: str
    alt: str
    width: int
    height: int
    near: str
    region: tuple[float, float, float, float]
    far: str
    left_eye: tuple[float, float]
    right_eye: tuple[float, float]


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A line of the checklist; ``finding`` is empty where the component was not gone through."""

    key: str
    title: str
    hint: str
    finding: str
    note: str
    marks: str


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """Two photos side by side with the tools to compare them, the checklist, and the conclusion.

    ``draft`` is JSON: what was saved so far, as ``draft_href`` takes it. ``least``: so many components must correspond
    for a potential candidate. ``closed``: it can be read only.
    """

    frame: Frame
    pseudonym: str
    case: str
    case_href: str
    probe: ComparedImage
    reference: ComparedImage
    rows: tuple[ComponentRow, ...]
    findings: tuple[Option, ...]
    least: int
    conclusions: tuple[Option, ...]
    grounds: tuple[Option, ...]
    reason: str
    draft: str
    version: int
    draft_href: str
    opinion_href: str
    previous_href: str | None
    next_href: str | None
    progress: str
    closed: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """An examination that the person may review, or does."""

    href: str
    case: str
    case_href: str
    purpose: str
    searched: str
    candidates: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ExaminationsPage:
    """What waits to be examined by the person."""

    frame: Frame
    waiting: tuple[WaitingRow, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class GridCandidate:
    """A candidate in the grid: its pseudonym, and how far the person has come with it."""

    pseudonym: str
    href: str
    state: str
    grade: str


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The candidates under their pseudonyms, in the person's own order."""

    frame: Frame
    href: str
    case: str
    case_href: str
    reason: str
    probe_href: str
    candidates: tuple[GridCandidate, ...]
    seen: int
    decided: int
    closed: bool
    first_unseen: str | None
    problem: str | None = None
