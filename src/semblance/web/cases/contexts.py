"""What the pages of cases and of the policy are given: one frozen dataclass a template."""

from dataclasses import dataclass

from semblance.web.page.contexts import Frame, Option
from semblance.web.search.result_contexts import SearchRow


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list."""

    href: str
    number: str
    purpose: str
    category: str
    state: str
    grade: str
    opened: str
    last: str


@dataclass(frozen=True, slots=True)
class CasesPage:
    """The cases of one's own authority, the one opened last first."""

    frame: Frame
    rows: tuple[CaseRow, ...]
    states: tuple[Option, ...]
    next_href: str | None
    first: bool
    may_open: bool


@dataclass(frozen=True, slots=True)
class CaseFormPage:
    """Opening a case; what was written stays when something is wrong."""

    frame: Frame
    purposes: tuple[Option, ...]
    categories: tuple[Option, ...]
    number: str = ""
    aim: str = ""
    offence: str = ""
    link: str = ""
    problem: str | None = None
    problem_field: str = ""


@dataclass(frozen=True, slots=True)
class ProbeCard:
    """A probe in its case."""

    href: str
    picture: str
    name: str
    faces: str
    until: str


@dataclass(frozen=True, slots=True)
class AuthorisationView:
    """An authorisation; ``left`` says how much time there is, ``late`` that it is nearly over."""

    authorisation: str
    case: str
    case_href: str
    purpose: str
    state: str
    grade: str
    requested: str
    left: str
    late: bool
    decided: str
    reason: str
    probe_picture: str | None
    may_decide: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its probes, searches and authorisations; ``faults`` say of each file why it was not taken."""

    frame: Frame
    case: str
    number: str
    state: str
    grade: str
    is_open: bool
    facts: tuple[tuple[str, str], ...]
    probes: tuple[ProbeCard, ...]
    searches: tuple[SearchRow, ...]
    authorisations: tuple[AuthorisationView, ...]
    upload_megabytes: int
    may_submit: bool
    may_close: bool
    problem: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuthorisationsPage:
    """What waits to be authorised, the nearest end of the clock first."""

    frame: Frame
    rows: tuple[AuthorisationView, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ErasedSearchPage:
    """The receipt of what was erased because a search was not authorised."""

    frame: Frame
    case: str
    facts: tuple[tuple[str, str], ...]
    entry: int


@dataclass(frozen=True, slots=True)
class PurposeView:
    """What searches for one purpose may do."""

    purpose: str
    kinds: str
    candidates: int
    searches: int
    authorised: str
    law: str


@dataclass(frozen=True, slots=True)
class ActionView:
    """Who may do what."""

    action: str
    roles: str
    whose: str
    states: str


@dataclass(frozen=True, slots=True)
class PolicyVersionView:
    """One version of the policy."""

    number: int
    when: str
    person: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """The policy in force, in words and as the file that it is."""

    frame: Frame
    title: str
    version: str
    digest: str
    purposes: tuple[PurposeView, ...]
    actions: tuple[ActionView, ...]
    limits: tuple[tuple[str, str], ...]
    waivers: tuple[tuple[str, str], ...]
    versions: tuple[PolicyVersionView, ...]
    text: str
