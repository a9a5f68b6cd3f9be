"""What the pages of the data-protection officer are given: one frozen dataclass a template."""

from collections.abc import Mapping
from dataclasses import dataclass

from semblance.web.page.contexts import Frame, Option


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure that counts; ``grade`` says how serious it is: good, fair or poor, empty where it is neither."""

    words: str
    count: str
    grade: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class SearchesOfDay:
    """The searches of one authority on one day for one purpose."""

    day: str
    authority: str
    purpose: str
    answered: int
    refused: int
    no_face: int


@dataclass(frozen=True, slots=True)
class RecordCountView:
    """How many records there are of a kind, in a state, of an owner."""

    kind: str
    kind_key: str
    owner: str
    state: str
    grade: str
    count: int


@dataclass(frozen=True, slots=True)
class EndingView:
    """A record that ends soon, or is disputed."""

    href: str
    number: str
    owner: str
    kind: str
    state: str
    grade: str
    last_day: str


@dataclass(frozen=True, slots=True)
class OutcomesView:
    """What an authority's searches came to, as counts; ``refuted_share`` is empty where no owner has answered."""

    authority: str
    leads: int
    no_candidate: int
    inconclusive: int
    open: int
    disagreed: int
    confirmed: int
    refuted: int
    unanswered: int
    refuted_share: str


@dataclass(frozen=True, slots=True)
class OversightPage:
    """The data-protection officer's page: who searches, what is refused, what ends, what waits."""

    frame: Frame
    days: int
    within: int
    ranges: tuple[Option, ...]
    figures: tuple[FigureView, ...]
    verified: str
    verified_grade: str
    searches: tuple[SearchesOfDay, ...]
    refusals: tuple[tuple[str, str], ...]
    verbs: tuple[tuple[str, str], ...]
    waivers: tuple[tuple[str, str], ...]
    records: tuple[RecordCountView, ...]
    ending: tuple[EndingView, ...]
    ending_count: int
    disputed: tuple[EndingView, ...]
    disputed_count: int
    outcomes: tuple[OutcomesView, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class RequestRowView:
    """A request in the list."""

    href: str
    kind: str
    asker: str
    received: str
    due: str
    left: str
    state: str
    grade: str


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """What people asked about themselves, and the form that takes in another.

    ``typed`` is what was written into the form, so that nothing must be written twice.
    """

    frame: Frame
    rows: tuple[RequestRowView, ...]
    decided: bool
    next_href: str | None
    kinds: tuple[Option, ...]
    today: str
    typed: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class AboutView:
    """A record that a request is about."""

    href: str | None
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request, its records, and what may be done about it."""

    frame: Frame
    request: str
    title: str
    kind: str
    state: str
    grade: str
    facts: tuple[tuple[str, str], ...]
    about: tuple[AboutView, ...]
    waits: bool
    left: str
    answer_words: str
    may_tell: bool
    parts_held: tuple[Option, ...]
    receipts: tuple[tuple[str, str], ...] = ()
    problem: str | None = None
