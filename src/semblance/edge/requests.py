"""The documents about requests of data subjects, and about what a data-protection officer sees."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.document import Document, taken_from
from semblance.gallery.request import Request, RequestKind, RequestState, Withheld
from semblance.messages.message import Message
from semblance.terms.ids import SubjectId
from semblance.workflows.accounts.standing import JoinedRoles
from semblance.workflows.data_subjects.requests import Received, RequestDetail, RequestPage
from semblance.workflows.oversight.oversight import AuthorisationCount, NamedRecord, RecordCount, RuleCount, SearchCount


class RequestRecordDocument(Document):
    """A record that a request is about; ``number`` is null where it was erased, or the request is one of a list."""

    subject: str
    number: str | None = None
    blocked: bool = Field(description="The dispute keeps it out of every search.")
    corrected: int | None = Field(description="The version that the rectification led to.")
    erased_in: int | None = Field(description="The entry of the ledger that proves the erasure.")


class RequestDocument(Document):
    """A request of a data subject; of an erased one the texts are empty."""

    id: str
    kind: RequestKind
    state: RequestState
    authority: str
    received_on: date = taken_from("received_on", "draft", "received_on")
    due_on: date
    days_left: int | None = Field(default=None, description="Negative where it is overdue; null where it was decided.")
    asker: str = taken_from("asker", "draft", "asker")
    whom: str = taken_from("whom", "draft", "whom")
    what: str = taken_from("what", "draft", "what")
    taken_at: datetime
    taken_by: str
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    withheld: tuple[Withheld, ...]
    told_in: int | None = Field(description="The entry of the ledger under which the file was handed out last.")
    referred_to: str | None = Field(description="Whose officers answer it; null where yours do.")
    referred_by: str | None = Field(description="The authority that took it in and referred it to yours.")
    records: tuple[RequestRecordDocument, ...] = taken_from("records", "about")


class RequestListDocument(Document):
    """Requests, the most urgent first."""

    requests: tuple[RequestDocument, ...]
    next_after: str | None = Field(description="Where the next page goes on; null on the last.")


class NotBlockedDocument(Document):
    """A disputed record that the policy does not let this person block."""

    subject: str
    rule: str
    reason: Message


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


class VerificationDocument(Document):
    """What the last verification of the whole ledger found; ``fault`` is null where nothing was wrong."""

    at: datetime
    by: str = taken_from("by", "person")
    entries: int | None
    fault: Message | None


class OversightDocument(Document):
    """The figures of one moment; records that are not open to the reader's authority are in none of them."""

    at: datetime
    days: int
    within: int
    searches: tuple[SearchCount, ...]
    records: tuple[RecordCount, ...]
    ending: tuple[NamedRecord, ...] = Field(description="The first hundred; `ending_count` counts all.")
    ending_count: int
    disputed: tuple[NamedRecord, ...] = Field(description="The first hundred; `disputed_count` counts all.")
    disputed_count: int
    requests_open: int
    requests_overdue: int
    authorisations: tuple[AuthorisationCount, ...]
    entries: int = taken_from("entries", "ledger", "entries", description="Entries of the ledger in these days.")
    entries_complete: bool = taken_from(
        "entries_complete", "ledger", "complete", description="False where there are more than were counted."
    )
    verbs: tuple[RuleCount, ...] = taken_from("verbs", "ledger", "by_verb")
    refusals: tuple[RuleCount, ...] = taken_from("refusals", "ledger", "refusals")
    waivers: tuple[RuleCount, ...] = taken_from("waivers", "ledger", "waivers")
    joined_roles: tuple[JoinedRoles, ...] = taken_from(
        "joined_roles", "standing", "joined", description="Who holds roles that the policy keeps apart, and until when."
    )
    two_administrators: bool = taken_from("two_administrators", "standing", "two_administrators")
    subjects_erased: int
    keys_destroyed: int
    verified: VerificationDocument | None


def describe_request(
    request: Request, *, days_left: int | None = None, numbers: dict[SubjectId, str] | None = None
) -> RequestDocument:
    """Return the document of a request, with the numbers of its records where they were looked up."""
    document = RequestDocument.model_validate(request)
    known = numbers or {}
    linked = tuple(
        record.model_copy(update={"number": known.get(SubjectId(record.subject))}) for record in document.records
    )
    return document.model_copy(update={"days_left": days_left, "records": linked})


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
        NotBlockedDocument(subject=subject, rule=error.rule, reason=error.message)
        for subject, error in received.refused
    )
    return RequestReceivedDocument(request=describe_request(received.request), not_blocked=refused)
