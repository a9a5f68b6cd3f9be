"""Records of searches; they outlive what they name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.gallery.capture_date import CaptureDate
from semblance.store.encoding import read_box, read_face, read_time, write_box, write_text, write_time
from semblance.store.engine import Transaction
from semblance.store.schema import face, photo, reference, search, search_candidate, subject
from semblance.terms.candidates import Candidate
from semblance.terms.geometry import Box
from semblance.terms.ids import PackDigest, PhotoId, ProbeId, ReferenceId, SearchId, Sha256, SubjectId


@dataclass(frozen=True, slots=True)
class KnownReference:
    """What a reference is known by while it is held."""

    subject_key: str
    photo: PhotoId
    box: Box
    captured: CaptureDate | None


@dataclass(frozen=True, slots=True)
class NumberedRecord:
    """A record with its number in the order of recording."""

    number: int
    record: SearchRecord


def add_search(tx: Transaction, record: SearchRecord) -> None:
    """Record a search with its candidates."""
    tx.connection.execute(
        sa.insert(search).values(
            id=record.search,
            at=write_time(record.when),
            person=write_text(record.person),
            case_name=write_text(record.case),
            purpose=write_text(record.purpose),
            reason=write_text(record.reason),
            outcome=record.outcome.value,
            probe_id=record.probe,
            probe_sha256=record.probe_sha256,
            probe_name=write_text(record.probe_name),
            face=record.face,
            face_box=write_box(record.face_box),
            pack=record.pack,
            gallery_subjects=record.gallery_subjects,
            gallery_references=record.gallery_references,
            gallery_version=record.gallery_version,
            candidate_limit=record.limit,
            rule=record.rule,
            refusal=None if record.refusal is None else write_text(record.refusal),
        )
    )
    for candidate in record.candidates:
        tx.connection.execute(
            sa.insert(search_candidate).values(
                search_id=record.search,
                rank=candidate.rank,
                subject_id=candidate.subject,
                reference_id=candidate.reference,
                score=candidate.score,
            )
        )


def find_search(tx: Transaction, search_id: SearchId) -> SearchRecord | None:
    """Return the record of the search with that id."""
    row = tx.connection.execute(sa.select(search).where(search.c.id == search_id)).one_or_none()
    return None if row is None else _read_all(tx, [row])[0].record


def list_searches(tx: Transaction, *, before: int | None, limit: int) -> tuple[NumberedRecord, ...]:
    """Return records, newest first, from the one before that number."""
    asked = sa.select(search).order_by(search.c.number.desc()).limit(limit)
    if before is not None:
        asked = asked.where(search.c.number < before)
    return _read_all(tx, tx.connection.execute(asked).all())


def count_searches(tx: Transaction) -> int:
    """Return how many searches are recorded."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(search)) or 0


def find_known(tx: Transaction, references: Iterable[ReferenceId]) -> dict[ReferenceId, KnownReference]:
    """Return what the references are known by; those that were deleted are missing from the answer."""
    rows = tx.connection.execute(
        sa.select(reference.c.id, subject.c.key, photo.c.id.label("photo_id"), photo.c.captured, face.c.sample)
        .join(subject, reference.c.subject_id == subject.c.id)
        .join(photo, reference.c.photo_id == photo.c.id)
        .join(face, (face.c.photo_id == reference.c.photo_id) & (face.c.ordinal == reference.c.ordinal))
        .where(reference.c.id.in_(list(references)))
    )
    return {
        ReferenceId(row.id): KnownReference(
            subject_key=row.key,
            photo=PhotoId(row.photo_id),
            box=read_face(row.sample).box,
            captured=None if row.captured is None else CaptureDate(row.captured),
        )
        for row in rows
    }


def _read_all(tx: Transaction, rows: Sequence[sa.Row[tuple[object, ...]]]) -> tuple[NumberedRecord, ...]:
    candidates: dict[str, list[Candidate]] = {row.id: [] for row in rows}
    found = tx.connection.execute(
        sa.select(search_candidate)
        .where(search_candidate.c.search_id.in_(list(candidates)))
        .order_by(search_candidate.c.search_id, search_candidate.c.rank)
    )
    for row in found:
        candidates[row.search_id].append(
            Candidate(row.rank, SubjectId(row.subject_id), ReferenceId(row.reference_id), row.score)
        )
    return tuple(NumberedRecord(row.number, _read(row, tuple(candidates[row.id]))) for row in rows)


def _read(row: sa.Row[tuple[object, ...]], candidates: tuple[Candidate, ...]) -> SearchRecord:
    return SearchRecord(
        search=SearchId(row.id),
        when=read_time(row.at),
        person=row.person,
        case=row.case_name,
        purpose=row.purpose,
        reason=row.reason,
        outcome=SearchOutcome(row.outcome),
        probe=ProbeId(row.probe_id),
        probe_sha256=Sha256(row.probe_sha256),
        probe_name=row.probe_name,
        face=row.face,
        face_box=read_box(row.face_box),
        pack=None if row.pack is None else PackDigest(row.pack),
        gallery_subjects=row.gallery_subjects,
        gallery_references=row.gallery_references,
        gallery_version=row.gallery_version,
        limit=row.candidate_limit,
        candidates=candidates,
        rule=row.rule,
        refusal=row.refusal,
    )
