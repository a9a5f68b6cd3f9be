"""What each page is given: one frozen dataclass a template, nothing else is in scope there."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around every page shows; ``here`` is the part of the navigation that is open."""

    node: str
    demonstration: bool
    here: str


@dataclass(frozen=True, slots=True)
class StartPage:
    """Hand in a photo; ``problem`` says why the last one was not taken."""

    frame: Frame
    subjects: int
    references: int
    upload_megabytes: int
    problem: str | None = None


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
    """What was written into the form, so that nothing must be written twice."""

    person: str = ""
    case: str = ""
    reason: str = ""
    limit: int = 20


@dataclass(frozen=True, slots=True)
class ProbePage:
    """The probe with the faces found in it, and the form that asks who searches, in which case, for what and why."""

    frame: Frame
    probe: str
    name: str
    photo: PhotoView
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    purposes: tuple[Option, ...]
    entries: Entries
    limits: tuple[int, ...]
    problem: str | None = None
    problem_field: str = ""


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate; ``subject`` is None where it was deleted since."""

    rank: int
    score: str
    subject: str | None
    href: str | None
    picture: str | None
    captured: str | None


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A recorded search: the probe beside its candidates."""

    frame: Frame
    search: str
    outcome: str
    refusal: str | None
    facts: tuple[tuple[str, str], ...]
    technical: tuple[tuple[str, str], ...]
    probe_picture: str | None
    probe_href: str | None
    probe_name: str
    candidates: tuple[CandidateView, ...]
    subjects: int
    references: int
    pack: str
    limit: int
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
class SubjectView:
    """A subject in the gallery's list; ``picture`` is None where no photo of it is a reference."""

    key: str
    href: str
    picture: str | None
    photos: int
    references: int
    since: str


@dataclass(frozen=True, slots=True)
class WaitingView:
    """A photo that waits for one of its faces to be chosen."""

    subject: str
    name: str
    href: str
    faces: int


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """The subjects of the gallery, and the photos that wait for somebody."""

    frame: Frame
    rows: tuple[SubjectView, ...]
    waiting: tuple[WaitingView, ...]
    text: str
    total: int
    next_href: str | None
    first: bool


@dataclass(frozen=True, slots=True)
class SubjectPhotoView:
    """A photo of a subject with its outcome and facts."""

    photo: str
    view: PhotoView
    name: str
    status: str
    grade: str
    reasons: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    waits: bool


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """A subject, its photos, and what became of each."""

    frame: Frame
    key: str
    since: str
    photos: tuple[SubjectPhotoView, ...]
    references: int
    person: str
    problem: str | None = None


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
    candidates: int


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
