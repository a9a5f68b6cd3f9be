"""What programs are told of records."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.documents import Document, PhotoDocument
from semblance.gallery.record import Dispute, PublishAnswer, RecordDraft


class RecordDocument(Document):
    """A record as it stands."""

    id: str
    owner: str = Field(examples=["DE"])
    state: str = Field(examples=["active"])
    version: int = Field(description="Counts the changes; give it with an edit.")
    purpose: str = Field(description="What the record's kind is for.")
    created_at: datetime
    created_by: str
    changed_at: datetime
    answer: PublishAnswer | None = Field(description="The answer to the publish-time question; null before it.")
    dispute: Dispute | None = Field(description="Why the record is blocked; null where it is not.")
    draft: RecordDraft = Field(description="Everything that the owner wrote.")


class RecordDetailDocument(Document):
    """A record, its photos, and what whoever asked may do with it."""

    record: RecordDocument
    photos: tuple[PhotoDocument, ...]
    may: tuple[str, ...]


class RecordRowDocument(Document):
    """A record in a list."""

    id: str
    number: str
    name: str
    kind: str
    owner: str
    state: str
    retain_until: date
    version: int
    photos: int
    references: int


class RecordListDocument(Document):
    """A page of records, newest first; ``next_after`` asks for the page after it."""

    records: tuple[RecordRowDocument, ...]
    next_after: str | None
    total: int = Field(description="How many pass the filter without its text, of those that are open to you.")


class ChangeDocument(Document):
    """One field that a version changed."""

    field: str
    before: str | None
    after: str | None


class VersionDocument(Document):
    """One version of a record: who changed what, when and why."""

    version: int
    person: str
    authority: str
    at: datetime
    reason: str
    changes: tuple[ChangeDocument, ...]


class HistoryDocument(Document):
    """All versions of a record, newest first."""

    versions: tuple[VersionDocument, ...]


class ErasureDocument(Document):
    """What an erasure took away."""

    id: str
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
