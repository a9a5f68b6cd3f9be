"""What somebody did, as the ledger takes it in."""

from dataclasses import dataclass
from enum import StrEnum

from semblance.messages.message import Message


class Verb(StrEnum):
    """The closed set of logged verbs (Directive (EU) 2016/680, article 25), and the refusal of any of them."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that an act touched: its kind ("subject", "photo", "probe", "search") and its random id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, for which authority, in which case, for what purpose, why, and to what.

    ``action`` is stable for programs ("photo.enrol"). ``reason`` is what somebody typed, or the message by which the
    node says why; only a commitment to it is logged. ``rule`` is the one that permitted or refused it.
    """

    verb: Verb
    action: str
    person: str
    authority: str
    case: str | None = None
    purpose: str | None = None
    reason: str | Message = ""
    touched: tuple[Touched, ...] = ()
    rule: str | None = None
