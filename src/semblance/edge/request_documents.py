"""The documents about requests of data subjects, about reminders, and about what a data-protection officer sees."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.documents import Document


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
