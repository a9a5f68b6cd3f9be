"""The documents about requests of data subjects, about reminders, and about what a data-protection officer sees."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.gallery.request import Request
from semblance.store.verifications import Verification
from semblance.terms.ids import SubjectId
from semblance.workflows.data_subjects.answer_request import Answered
from semblance.workflows.data_subjects.receive_request import Received
from semblance.workflows.data_subjects.requests import RequestDetail, RequestPage
from semblance.workflows.oversight.oversight import NamedRecord, Oversight
from semblance.workflows.scheduled.remind import Reminders


class WithheldDocument(Document):
    """A part that was not told, and the law that allows that."""

    part: str = Field(examples=["searches"])
    law: str


class RequestRecordDocument(Document):
    """A record that a request is about; ``number`` is null where it is not held any more."""

    subject: str
    number: str | None
    blocked: bool = Field(description="The dispute keeps it out of every search.")
    corrected: int | None = Field(description="The version that the rectification led to.")
    erased_in: int | None = Field(description="The entry of the ledger that proves the erasure.")


class RequestDocument(Document):
    """A request of a data subject; of an erased one the texts are empty."""

    id: str
    kind: str = Field(examples=["access"])
    state: str = Field(examples=["received"])
    authority: str
    received_on: date
    due_on: date
    days_left: int | None = Field(description="Negative where it is overdue; null where it was decided.")
    asker: str
    whom: str
    what: str
    taken_at: datetime
    taken_by: str
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    withheld: tuple[WithheldDocument, ...]
    told_in: int | None = Field(description="The entry of the ledger under which the file was handed out last.")
    records: tuple[RequestRecordDocument, ...]


class RequestListDocument(Document):
    """Requests, the most urgent first."""

    requests: tuple[RequestDocument, ...]
    next_after: str | None = Field(description="Where the next page goes on; null on the last.")


class NotBlockedDocument(Document):
    """A disputed record that the policy does not let this person block."""

    subject: str
    rule: str
    reason: str


class RequestReceivedDocument(Document):
    """A request that was taken in."""

    request: RequestDocument
    not_blocked: tuple[NotBlockedDocument, ...]


class RequestReceiptDocument(Document):
    """What was erased because of a request; the entry of the ledger proves it."""

    subject: str
    number: str
    ledger_entry: int
    files_cleared: bool


class RequestAnsweredDocument(Document):
    """A request that was decided."""

    request: RequestDocument
    receipts: tuple[RequestReceiptDocument, ...]


class AccessFileDocument(Document):
    """Where the file of an access request was written, and the entry of the ledger that says so."""

    file: str
    bytes: int
    ledger_entry: int


class EndingRecordDocument(Document):
    """A record of the reader's authority that ends soon."""

    subject: str
    number: str
    name: str
    kind: str
    state: str
    last_day: date
    days_left: int


class OverdueRequestDocument(Document):
    """A request that should have been answered."""

    request: str
    kind: str
    due_on: date
    days_over: int


class ReminderListDocument(Document):
    """What the reader is reminded of."""

    ending: tuple[EndingRecordDocument, ...]
    overdue: tuple[OverdueRequestDocument, ...]


class SearchCountDocument(Document):
    """How many searches an authority made on a day for a purpose, by how they ended."""

    day: date
    authority: str
    purpose: str
    outcome: str
    count: int


class RecordCountDocument(Document):
    """How many records there are of a kind, in a state, of an owner."""

    kind: str
    state: str
    owner: str
    count: int


class WatchedRecordDocument(Document):
    """A record that needs a look; ``since`` is when it was changed last."""

    subject: str
    number: str
    owner: str
    kind: str
    state: str
    last_day: date
    since: datetime


class AuthorisationCountDocument(Document):
    """How many authorisations of an authority's searches are in a state."""

    authority: str
    state: str
    count: int


class RuleCountDocument(Document):
    """How often a rule, a waiver or a verb stands in the ledger."""

    name: str
    count: int


class VerificationDocument(Document):
    """What the last verification of the whole ledger found; ``fault`` is null where nothing was wrong."""

    at: datetime
    by: str
    entries: int | None
    fault: str | None


class OversightDocument(Document):
    """The figures of one moment; records that are not open to the reader's authority are in none of them."""

    at: datetime
    days: int
    within: int
    searches: tuple[SearchCountDocument, ...]
    records: tuple[RecordCountDocument, ...]
    ending: tuple[WatchedRecordDocument, ...] = Field(description="The first hundred; `ending_count` counts all.")
    ending_count: int
    disputed: tuple[WatchedRecordDocument, ...] = Field(description="The first hundred; `disputed_count` counts all.")
    disputed_count: int
    requests_open: int
    requests_overdue: int
    authorisations: tuple[AuthorisationCountDocument, ...]
    entries: int = Field(description="Entries of the ledger in these days.")
    entries_complete: bool = Field(description="False where there are more than were counted.")
    verbs: tuple[RuleCountDocument, ...]
    refusals: tuple[RuleCountDocument, ...]
    waivers: tuple[RuleCountDocument, ...]
    subjects_erased: int
    keys_destroyed: int
    verified: VerificationDocument | None


def describe_request(
    request: Request, *, days_left: int | None = None, numbers: dict[SubjectId, str] | None = None
) -> RequestDocument:
    """Return the document of a request."""
    known = numbers or {}
    return RequestDocument(
        id=request.id,
        kind=request.kind.value,
        state=request.state.value,
        authority=request.authority,
        received_on=request.draft.received_on,
        due_on=request.due_on,
        days_left=days_left,
        asker=request.draft.asker,
        whom=request.draft.whom,
        what=request.draft.what,
        taken_at=request.taken_at,
        taken_by=request.taken_by,
        decided_at=request.decided_at,
        decided_by=request.decided_by,
        reason=request.reason,
        withheld=tuple(WithheldDocument(part=one.part.value, law=one.law) for one in request.withheld),
        told_in=request.told_in,
        records=tuple(
            RequestRecordDocument(
                subject=about.subject,
                number=known.get(about.subject),
                blocked=about.blocked,
                corrected=about.corrected,
                erased_in=about.erased_in,
            )
            for about in request.about
        ),
    )


def describe_request_detail(detail: RequestDetail) -> RequestDocument:
    """Return the document of a request with the numbers of its records."""
    return describe_request(detail.row.request, days_left=detail.row.days_left, numbers=detail.numbers)


def describe_requests(page: RequestPage) -> RequestListDocument:
    """Return the document of a page of requests."""
    rows = tuple(describe_request(row.request, days_left=row.days_left) for row in page.rows)
    return RequestListDocument(requests=rows, next_after=page.next_after)


def describe_received(received: Received) -> RequestReceivedDocument:
    """Return the document of a request that was taken in."""
    refused = tuple(
        NotBlockedDocument(subject=subject, rule=refusal.rule, reason=refusal.reason)
        for subject, refusal in received.refused
    )
    return RequestReceivedDocument(request=describe_request(received.request), not_blocked=refused)


def describe_answered(answered: Answered) -> RequestAnsweredDocument:
    """Return the document of a request that was decided."""
    receipts = tuple(
        RequestReceiptDocument(
            subject=receipt.subject,
            number=receipt.number,
            ledger_entry=receipt.ledger_entry,
            files_cleared=receipt.files_cleared,
        )
        for receipt in answered.receipts
    )
    return RequestAnsweredDocument(request=describe_request(answered.request), receipts=receipts)


def describe_reminders(reminders: Reminders) -> ReminderListDocument:
    """Return the document of what somebody is reminded of."""
    return ReminderListDocument(
        ending=tuple(
            EndingRecordDocument(
                subject=one.subject,
                number=one.number,
                name=one.name,
                kind=one.kind.value,
                state=one.state.value,
                last_day=one.last_day,
                days_left=one.days_left,
            )
            for one in reminders.ending
        ),
        overdue=tuple(
            OverdueRequestDocument(request=one.request, kind=one.kind, due_on=one.due_on, days_over=one.days_over)
            for one in reminders.overdue
        ),
    )


def describe_oversight(found: Oversight) -> OversightDocument:
    """Return the document of a data-protection officer's figures."""
    return OversightDocument(
        at=found.at,
        days=found.days,
        within=found.within,
        searches=tuple(
            SearchCountDocument(
                day=one.day,
                authority=one.authority,
                purpose=one.purpose,
                outcome=one.outcome,
                count=one.count,
            )
            for one in found.searches
        ),
        records=tuple(
            RecordCountDocument(kind=one.kind.value, state=one.state.value, owner=one.owner, count=one.count)
            for one in found.records
        ),
        ending=tuple(map(_describe_watched, found.ending)),
        ending_count=found.ending_count,
        disputed=tuple(map(_describe_watched, found.disputed)),
        disputed_count=found.disputed_count,
        requests_open=found.requests_open,
        requests_overdue=found.requests_overdue,
        authorisations=tuple(
            AuthorisationCountDocument(authority=one.authority, state=one.state, count=one.count)
            for one in found.authorisations
        ),
        entries=found.ledger.entries,
        entries_complete=found.ledger.complete,
        verbs=_describe_counts(found.ledger.by_verb),
        refusals=_describe_counts(found.ledger.refusals),
        waivers=_describe_counts(found.ledger.waivers),
        subjects_erased=found.subjects_erased,
        keys_destroyed=found.keys_destroyed,
        verified=None if found.verified is None else _describe_verification(found.verified),
    )


def _describe_watched(one: NamedRecord) -> WatchedRecordDocument:
    return WatchedRecordDocument(
        subject=one.subject,
        number=one.number,
        owner=one.owner,
        kind=one.kind.value,
        state=one.state.value,
        last_day=one.last_day,
        since=one.since,
    )


def _describe_counts(counts: tuple[tuple[str, int], ...]) -> tuple[RuleCountDocument, ...]:
    return tuple(RuleCountDocument(name=name, count=count) for name, count in counts)


def _describe_verification(found: Verification) -> VerificationDocument:
    return VerificationDocument(at=found.at, by=found.person, entries=found.entries, fault=found.fault)
