"""What each page is given: one frozen dataclass a template, nothing else is in scope there."""

from dataclasses import dataclass, field

from semblance.web.page.contexts import Frame


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

    ``rank`` and ``score`` are None for a known non-mate. ``meaning`` says in words what the score says.
    """

    pseudonym: str | None
    rank: int | None
    score: str | None
    number: str | None
    kind: str | None
    erased: bool
    known_non_mate: bool
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
