"""What each page is given: one frozen dataclass a template, nothing else is in scope there."""

from dataclasses import dataclass

from semblance.web.page.contexts import Frame, Option


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
