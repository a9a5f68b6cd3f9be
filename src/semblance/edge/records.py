"""What programs are told of records."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from semblance.edge.document import Document, taken_from
from semblance.edge.photos import PhotoDocument
from semblance.gallery.record import Assigned, Dispute, PublishAnswer, RecordDraft
from semblance.gallery.record_changes import RecordChange
from semblance.terms.permission import Action
from semblance.terms.record import RecordKind, RecordState


class RecordDocument(Document):
    """A record as it stands."""

    id: str = taken_from("id", "subject")
    owner: str = Field(examples=["DE"])
    state: RecordState
    version: int = Field(description="Counts the changes; give it with an edit.")
    purpose: Annotated[str, BeforeValidator(str)] = Field(description="What the record's kind is for.")
    created_at: datetime
    created_by: str
    changed_at: datetime
    answer: PublishAnswer | None = Field(description="The answer to the publish-time question; null before it.")
    dispute: Dispute | None = Field(description="Why the record is blocked; null where it is not.")
    pseudonym: str | None = Field(description="What the node calls somebody whom nobody could name.")
    assigned: Assigned | None = Field(description="What a verified lead named them; null before that.")
    draft: RecordDraft = Field(description="Everything that the owner wrote.")


class RecordDetailDocument(Document):
    """A record, its photos, and what whoever asked may do with it."""

    record: RecordDocument
    photos: tuple[PhotoDocument, ...]
    may: Annotated[tuple[Action, ...], BeforeValidator(sorted)]


class RecordRowDocument(Document):
    """A record in a list."""

    id: str = taken_from("id", "subject")
    number: str
    name: str
    kind: RecordKind = taken_from("kind", "facts", "kind")
    owner: str = taken_from("owner", "facts", "owner")
    state: RecordState = taken_from("state", "facts", "state")
    retain_until: date = taken_from("retain_until", "facts", "retain_until")
    version: int
    photos: int
    references: int


class RecordListDocument(Document):
    """A page of records; ``next_after`` asks for the page after it."""

    records: tuple[RecordRowDocument, ...] = taken_from("records", "rows")
    next_after: str | None
    total: int = Field(description="How many pass the filter, of those that are open to you.")
    total_exact: bool = taken_from(
        "total_exact", "exact", description="Whether that is all; false where there are more than `total`, uncounted."
    )
    damaged: tuple[str, ...] = Field(
        description="Ids of records of this page that were changed in the database by hand; they are refused."
    )


class HistoryDocument(Document):
    """All versions of a record, newest first."""

    versions: tuple[RecordChange, ...]


class ErasureDocument(Document):
    """What an erasure took away."""

    id: str = taken_from("id", "subject")
    number: str
    person: str
    reason: str
    when: datetime
    photos: int
    faces: int
    references: int
    outcomes: int
    versions: int
    files_cleared: bool
    ledger_entry: int = Field(description="The number of the ledger entry that proves the erasure.")
