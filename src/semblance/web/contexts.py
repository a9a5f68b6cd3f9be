"""What each page is given: one frozen dataclass a template, nothing else is in scope there."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Link:
    """A part of the navigation; ``key`` names it, ``href`` leads there."""

    key: str
    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around every page shows; ``here`` is the part of the navigation that is open.

    ``person`` is empty where nobody is signed in; ``links`` are the parts that the person may open. ``languages`` are
    the codes and names of the other languages, and ``page`` is where the reader comes back to after choosing one.
    """

    node: str
    demonstration: bool
    here: str
    person: str = ""
    authority: str = ""
    links: tuple[Link, ...] = ()
    language: str = "en"
    languages: tuple[tuple[str, str], ...] = ()
    page: str = "/"


@dataclass(frozen=True, slots=True)
class TaskView:
    """Something that waits for the person; ``late`` is what must be hurried."""

    href: str
    words: str
    detail: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class StartPage:
    """What waits for the person, and what they may begin."""

    frame: Frame
    greeting: str
    tasks: tuple[TaskView, ...]
    beginnings: tuple[Link, ...]
    active: int
    references: int
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasureView:
    """One quality component: its standard name, its name in words, its scalar as text, the bar and the own unit."""

    standard: str
    words: str
    scalar: int | None
    native: str


@dataclass(frozen=True, slots=True)
class FaceView:
    """A face in a photo: place in pixels, quality in words, shortfalls, all components."""

    ordinal: int
    left: float
    top: float
    width: float
    height: float
    picture: str
    verdict: str
    grade: str
    eyes: str
    shortfalls: tuple[str, ...]
    measures: tuple[MeasureView, ...]
    chosen: bool
    href: str | None = None


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo as shown: its preview's address, its size in pixels, and the faces drawn on it."""

    picture: str
    alt: str
    width: int
    height: int
    faces: tuple[FaceView, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a list to choose from."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """What was written into the form, so that nothing must be written twice.

    ``also`` are faces of other photos, each as the form names it.
    """

    reason: str = ""
    limit: int = 20
    also: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    youngest: str = ""
    oldest: str = ""
    sex: str = ""
    nationality: str = ""


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What one person concluded of a candidate, and why; dismissed candidates have no reason."""

    person: str
    words: str
    grade: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead with its owner's answer; ``released`` is what the owner released to the reader's authority."""

    owner: str
    state: str
    grade: str
    detail: str
    reason: str
    released: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate after the opinions; ``number`` is None where it was erased since, or is not the reader's to know.

    ``rank`` and ``score`` are None for a lure. ``meaning`` says in words what the score says.
    """

    pseudonym: str | None
    rank: int | None
    score: str | None
    number: str | None
    kind: str | None
    erased: bool
    lure: bool
    href: str | None
    picture: str | None
    captured: str | None
    result: str = ""
    grade: str = ""
    opinions: tuple[OpinionView, ...] = ()
    lead: LeadView | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A recorded search: the probe beside its candidates.

    ``masked``: they are still examined, and nothing of them is shown here. ``conclusion`` is what the examination came
    to, empty where none was asked for.
    """

    frame: Frame
    search: str
    outcome: str
    refusal: str | None
    facts: tuple[tuple[str, str], ...]
    technical: tuple[tuple[str, str], ...]
    probe_picture: str | None
    probe_href: str | None
    probe_name: str
    case_href: str
    erased: bool
    candidates: tuple[CandidateView, ...]
    subjects: int
    references: int
    pack: str
    limit: int
    masked: bool = False
    waiting: int = 0
    examination: str | None = None
    may_examine: bool = False
    conclusion: str = ""
    conclusion_grade: str = ""
    report_href: str | None = None
    lead: str = field(default="Every match is a lead, not an identity.")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One entry of the ledger; ``reason`` is None where it was erased."""

    number: int
    when: str
    verb: str
    action: str
    person: str
    authority: str
    case: str
    reason: str | None
    touched: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The log of every act; ``verdict`` and ``grade`` say what the verification that was asked for found."""

    frame: Frame
    rows: tuple[LedgerRow, ...]
    size: int
    verbs: tuple[Option, ...]
    person: str
    case: str
    key: str
    next_href: str | None
    first: bool
    filtered: bool
    verdict: str | None = None
    grade: str = "good"


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A recorded search in the list."""

    href: str
    when: str
    person: str
    case: str
    purpose: str
    outcome: str
    grade: str
    candidates: str


@dataclass(frozen=True, slots=True)
class SearchesPage:
    """The recorded searches, newest first."""

    frame: Frame
    rows: tuple[SearchRow, ...]
    next_href: str | None
    first: bool


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong, and what to do."""

    frame: Frame
    status: int
    title: str
    message: str
    code: str
