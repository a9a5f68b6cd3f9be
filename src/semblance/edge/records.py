"""What programs are told of records."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.edge.photos import PhotoDocument, describe_photo_detail
from semblance.gallery.kinds import KINDS
from semblance.gallery.record import Dispute, PublishAnswer, Record, RecordDraft, RecordVersion
from semblance.gallery.record_changes import list_changes
from semblance.gallery.suitability import SuitabilityLine
from semblance.workflows.records.erase_record import ErasureReceipt
from semblance.workflows.records.list_records import RecordPage
from semblance.workflows.records.read_record import RecordDetail


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
    """A page of records; ``next_after`` asks for the page after it."""

    records: tuple[RecordRowDocument, ...]
    next_after: str | None
    total: int = Field(description="How many pass the filter, of those that are open to you.")
    total_exact: bool = Field(description="Whether that is all; false where there are more than `total`, uncounted.")


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


def describe_record(record: Record) -> RecordDocument:
    """Return the document of a record."""
    return RecordDocument(
        id=record.subject,
        owner=record.owner,
        state=record.state.value,
        version=record.version,
        purpose=KINDS[record.draft.kind].purpose,
        created_at=record.created_at,
        created_by=record.created_by,
        changed_at=record.changed_at,
        answer=record.answer,
        dispute=record.dispute,
        draft=record.draft,
    )


def describe_record_detail(detail: RecordDetail, line: SuitabilityLine) -> RecordDetailDocument:
    """Return the document of a record with its photos."""
    return RecordDetailDocument(
        record=describe_record(detail.record),
        photos=tuple(describe_photo_detail(photo, line) for photo in detail.photos),
        may=tuple(sorted(action.value for action in detail.may)),
    )


def describe_record_page(page: RecordPage) -> RecordListDocument:
    """Return the document of a page of records."""
    return RecordListDocument(
        records=tuple(
            RecordRowDocument(
                id=row.subject,
                number=row.number,
                name=row.name,
                kind=row.facts.kind.value,
                owner=row.facts.owner,
                state=row.facts.state.value,
                retain_until=row.facts.retain_until,
                version=row.version,
                photos=row.photos,
                references=row.references,
            )
            for row in page.rows
        ),
        next_after=page.next_after,
        total=page.total,
        total_exact=page.exact,
    )


def describe_history(versions: tuple[RecordVersion, ...]) -> HistoryDocument:
    """Return the document of a record's versions."""
    return HistoryDocument(
        versions=tuple(
            VersionDocument(
                version=change.version,
                person=change.person,
                authority=change.authority,
                at=change.at,
                reason=change.reason,
                changes=tuple(
                    ChangeDocument(field=field.field, before=field.before, after=field.after) for field in change.fields
                ),
            )
            for change in list_changes(versions)
        )
    )


def describe_erasure(receipt: ErasureReceipt) -> ErasureDocument:
    """Return the document of an erasure's receipt."""
    return ErasureDocument(
        id=receipt.subject,
        number=receipt.number,
        person=receipt.person,
        reason=receipt.reason,
        when=receipt.when,
        photos=receipt.photos,
        faces=receipt.faces,
        references=receipt.references,
        outcomes=receipt.outcomes,
        versions=receipt.versions,
        files_cleared=receipt.files_cleared,
        ledger_entry=receipt.ledger_entry,
    )
