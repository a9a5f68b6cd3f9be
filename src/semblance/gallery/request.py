"""What people ask about themselves: to see what is held, to have it put right or erased, to dispute it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, RequestId, SubjectId
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing

LONGEST_AGO: Final = 366
"""A request that came in so many days ago is a slip of the pen."""

RECORDS_CAP: Final = 50
"""One request is about one person; more records than this are a mistake."""

_NAME_CAP: Final = 500


class RequestKind(StrEnum):
    """What may be asked (Directive (EU) 2016/680, articles 14 and 16)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    DISPUTE = "dispute"


class RequestState(StrEnum):
    """Where a request stands; an erased one has left its kind, its days and who answered it.

    ``referred``: it is for the owner of a record that is not open here, whose officers have it as one of their own.
    """

    RECEIVED = "received"
    ANSWERED = "answered"
    DECLINED = "declined"
    REFERRED = "referred"
    ERASED = "erased"


class AccessPart(StrEnum):
    """What an answer to a request for access has, beside the request itself."""

    RECORD = "record"
    IMAGES = "images"
    SEARCHES = "searches"
    DISCLOSURES = "disclosures"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A part that is not told, and the law that allows it to be kept back."""

    part: AccessPart
    law: str


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """What came in; nothing is checked yet.

    ``asker`` is who asks and where they are answered, ``whom`` the person in question as they call them, ``what`` says
    what is wrong or wanted. ``records`` may be found later.
    """

    kind: RequestKind
    asker: str
    received_on: date
    whom: str = ""
    what: str = ""
    records: tuple[SubjectId, ...] = ()


@dataclass(frozen=True, slots=True)
class AboutRecord:
    """A record that a request is about.

    ``version`` is the record's when it was linked. ``corrected`` is the version that a rectification led to,
    ``blocked`` tells whether this dispute keeps the record out of every search, ``erased_in`` is the entry of the
    ledger that proves the erasure.
    """

    subject: SubjectId
    version: int
    blocked: bool = False
    corrected: int | None = None
    erased_in: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands.

    ``authority`` is the one whose officers answer it. ``due_on`` is the last day on which it may be answered.
    ``told_in`` is the entry of the ledger under which the file of an access request was handed out last.
    ``referred_to`` is whom it was referred to, ``referred_by`` the authority that took it in and referred it. Of an
    erased request every text is empty.
    """

    id: RequestId
    draft: RequestDraft
    state: RequestState
    authority: AuthorityCode
    taken_at: datetime
    taken_by: str
    due_on: date
    about: tuple[AboutRecord, ...] = ()
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    withheld: tuple[Withheld, ...] = ()
    told_in: int | None = None
    referred_to: AuthorityCode | None = None
    referred_by: AuthorityCode | None = None

    @property
    def kind(self) -> RequestKind:
        return self.draft.kind


def count_days_left(request: Request, today: date) -> int:
    """Return how many days are left to answer; negative where it is overdue."""
    return (request.due_on - today).days


def find_request_faults(draft: RequestDraft, *, today: date) -> tuple[Message, ...]:
    """Return everything that keeps the request from being taken; empty where nothing does."""
    return tuple(_walk_faults(draft, today))


def find_withheld_faults(withheld: tuple[Withheld, ...]) -> tuple[Message, ...]:
    """Return what is wrong with what is to be kept back: each part once, with a law that allows it."""
    faults = []
    for kept in withheld:
        if says_nothing(kept.law):
            faults.append(
                Message(
                    "withheld.no-law",
                    "{part} is not kept back without the law that allows it; cite that law",
                    part=kept.part,
                )
            )
        elif fault := find_text_fault(kept.law, cap=_NAME_CAP):
            faults.append(
                Message("withheld.law-unusable", "the law for keeping back {part} {fault}", part=kept.part, fault=fault)
            )
    parts = [kept.part for kept in withheld]
    twice = (part for part in sorted(set(parts)) if parts.count(part) > 1)
    return (*faults, *(Message("withheld.twice", "{part} is named twice", part=part) for part in twice))


def _walk_faults(draft: RequestDraft, today: date) -> Iterator[Message]:
    if says_nothing(draft.asker):
        yield Message("request.no-asker", "it does not say who asks; give their name and where they are answered")
    elif fault := find_text_fault(draft.asker, cap=_NAME_CAP, breaks=True):
        yield Message("request.asker-unusable", "who asks {fault}", fault=fault)
    if fault := find_text_fault(draft.whom, cap=REASON_LENGTH_CAP, breaks=True):
        yield Message("request.whom-unusable", "whom it is about {fault}", fault=fault)
    if fault := find_text_fault(draft.what, cap=REASON_LENGTH_CAP, breaks=True):
        yield Message("request.what-unusable", "what is asked {fault}", fault=fault)
    if not draft.records and says_nothing(draft.whom):
        yield Message("request.about-nobody", "it names neither a record nor whom it is about; say one of the two")
    if draft.kind in (RequestKind.RECTIFICATION, RequestKind.DISPUTE) and says_nothing(draft.what):
        yield Message("request.nothing-wrong", "a {kind} says what is wrong; write it down", kind=draft.kind)
    if len(draft.records) > RECORDS_CAP:
        yield Message(
            "request.many-records", "it names {n} records; {most} are allowed", n=len(draft.records), most=RECORDS_CAP
        )
    if draft.received_on > today:
        yield Message(
            "request.received-later",
            "{day} lies in the future; give the day on which it came in",
            day=draft.received_on,
        )
    elif (today - draft.received_on).days > LONGEST_AGO:
        yield Message(
            "request.received-long-ago",
            "{day} is more than a year ago; give the day on which it came in",
            day=draft.received_on,
        )
