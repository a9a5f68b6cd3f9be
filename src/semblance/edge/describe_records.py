"""From records to documents for programs."""

from semblance.edge import record_documents as d
from semblance.edge.describe import describe_photo_detail
from semblance.gallery.kinds import KINDS
from semblance.gallery.record import Record, RecordVersion
from semblance.gallery.record_changes import list_changes
from semblance.gallery.suitability import SuitabilityLine
from semblance.workflows.erase_record import ErasureReceipt
from semblance.workflows.list_records import RecordPage
from semblance.workflows.read_record import RecordDetail


def describe_record(record: Record) -> d.RecordDocument:
    """Return the document of a record."""
    return d.RecordDocument(
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


def describe_record_detail(detail: RecordDetail, line: SuitabilityLine) -> d.RecordDetailDocument:
    """Return the document of a record with its photos."""
    return d.RecordDetailDocument(
        record=describe_record(detail.record),
        photos=tuple(describe_photo_detail(photo, line) for photo in detail.photos),
        may=tuple(sorted(action.value for action in detail.may)),
    )


def describe_record_page(page: RecordPage) -> d.RecordListDocument:
    """Return the document of a page of records."""
    return d.RecordListDocument(
        records=tuple(
            d.RecordRowDocument(
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
    )


def describe_history(versions: tuple[RecordVersion, ...]) -> d.HistoryDocument:
    """Return the document of a record's versions."""
    return d.HistoryDocument(
        versions=tuple(
            d.VersionDocument(
                version=change.version,
                person=change.person,
                authority=change.authority,
                at=change.at,
                reason=change.reason,
                changes=tuple(
                    d.ChangeDocument(field=field.field, before=field.before, after=field.after)
                    for field in change.fields
                ),
            )
            for change in list_changes(versions)
        )
    )


def describe_erasure(receipt: ErasureReceipt) -> d.ErasureDocument:
    """Return the document of an erasure's receipt."""
    return d.ErasureDocument(
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
