"""What the pages of leads and of the supervisor's board are given: one frozen dataclass a template."""

from dataclasses import dataclass

from semblance.store.opinions import NonMateTally
from semblance.web.examination.contexts import ComparedImage
from semblance.web.page.contexts import Frame


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead in the owner's list."""

    href: str
    record: str
    asked_by: str
    state: str
    grade: str
    until: str


@dataclass(frozen=True, slots=True)
class LeadsPage:
    """The leads on the authority's records: those that wait, and those that ended."""

    frame: Frame
    waiting: tuple[LeadRow, ...]
    ended: tuple[LeadRow, ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field that can be released, with its value."""

    key: str
    title: str
    value: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LeadPage:
    """A lead before its owner: both photos, the answer's form, and after it what was answered.

    A photo is None where it is not held any more.
    """

    frame: Frame
    lead: str
    record: str
    record_href: str | None
    state: str
    grade: str
    facts: tuple[tuple[str, str], ...]
    probe: ComparedImage | None
    reference: ComparedImage | None
    fields: tuple[FieldRow, ...]
    asked_by: str
    open: bool
    reason: str = ""
    answer: str = ""
    problem: str | None = None
    problem_field: str = ""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """Something that waits, in one line."""

    href: str | None
    title: str
    detail: str
    since: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The supervisor's board; ``examiners`` are how they did on known non-mates, each with the rate of errors."""

    frame: Frame
    figures: tuple[tuple[str, str], ...]
    cases: tuple[BoardLine, ...]
    second: tuple[BoardLine, ...]
    differences: tuple[BoardLine, ...]
    first: tuple[BoardLine, ...]
    leads: tuple[BoardLine, ...]
    examiners: tuple[tuple[NonMateTally, str], ...]
    may_suspend: bool
    problem: str | None = None
