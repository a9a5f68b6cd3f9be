"""Photos of subjects: facts, faces and the bytes as they were handed in."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.outcome import IntakeStatus
from semblance.store.encoding import (
    read_face,
    read_facts,
    read_strings,
    read_time,
    write_face,
    write_facts,
    write_strings,
    write_text,
    write_time,
)
from semblance.store.engine import Transaction
from semblance.store.schema import face, photo, photo_bytes, reference, subject
from semblance.terms.ids import PhotoId, Sha256, SubjectId
from semblance.terms.samples import FaceSample, PhotoFacts


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo without its bytes; ``chosen`` is the ordinal of the face that is a reference, if any is."""

    id: PhotoId
    subject: SubjectId
    subject_key: str
    name: str
    status: IntakeStatus
    reasons: tuple[str, ...]
    facts: PhotoFacts
    captured: CaptureDate | None
    source: str | None
    enrolled_at: datetime
    enrolled_by: str
    faces: tuple[FaceSample, ...]
    chosen: int | None


_WHOLE = (
    sa.select(photo, subject.c.key, reference.c.ordinal)
    .join(subject, photo.c.subject_id == subject.c.id)
    .outerjoin(reference, reference.c.photo_id == photo.c.id)
)


def add_photo(tx: Transaction, stored: StoredPhoto, data: bytes) -> None:
    """Add a photo with its faces and bytes; its reference is added to the gallery by itself."""
    tx.connection.execute(
        sa.insert(photo).values(
            id=stored.id,
            subject_id=stored.subject,
            sha256=stored.facts.sha256,
            name=write_text(stored.name),
            status=stored.status.value,
            reasons=write_strings(stored.reasons),
            facts=write_facts(stored.facts),
            captured=stored.captured,
            source=None if stored.source is None else write_text(stored.source),
            enrolled_at=write_time(stored.enrolled_at),
            enrolled_by=write_text(stored.enrolled_by),
        )
    )
    tx.connection.execute(sa.insert(photo_bytes).values(photo_id=stored.id, data=data))
    for sample in stored.faces:
        tx.connection.execute(
            sa.insert(face).values(photo_id=stored.id, ordinal=sample.ordinal, sample=write_face(sample))
        )


def rejudge_photo(
    tx: Transaction,
    photo_id: PhotoId,
    *,
    status: IntakeStatus,
    reasons: tuple[str, ...],
    faces: tuple[FaceSample, ...],
) -> None:
    """Write a new judgement of a photo that has no reference; its faces are those found now."""
    tx.connection.execute(
        sa.update(photo).where(photo.c.id == photo_id).values(status=status.value, reasons=write_strings(reasons))
    )
    tx.connection.execute(sa.delete(face).where(face.c.photo_id == photo_id))
    for sample in faces:
        tx.connection.execute(
            sa.insert(face).values(photo_id=photo_id, ordinal=sample.ordinal, sample=write_face(sample))
        )


def find_photo(tx: Transaction, photo_id: PhotoId) -> StoredPhoto | None:
    """Return the photo with that id."""
    return _first(_select(tx, _WHOLE.where(photo.c.id == photo_id)))


def find_same_photo(tx: Transaction, subject_key: str, sha256: Sha256) -> StoredPhoto | None:
    """Return the subject's photo of the same bytes."""
    return _first(_select(tx, _WHOLE.where(subject.c.key == subject_key, photo.c.sha256 == sha256)))


def find_keys_with(tx: Transaction, sha256: Sha256) -> tuple[str, ...]:
    """Return the keys of all subjects under which a photo of these bytes stands, in the order of their enrolment."""
    asked = (
        sa.select(subject.c.key)
        .join(photo, photo.c.subject_id == subject.c.id)
        .where(photo.c.sha256 == sha256)
        .order_by(photo.c.enrolled_at, photo.c.id)
    )
    return tuple(tx.connection.scalars(asked))


def list_photos(tx: Transaction, subject_key: str) -> tuple[StoredPhoto, ...]:
    """Return a subject's photos, oldest enrolment first."""
    return _select(tx, _WHOLE.where(subject.c.key == subject_key).order_by(photo.c.enrolled_at, photo.c.id))


def list_awaiting(tx: Transaction, *, limit: int) -> tuple[StoredPhoto, ...]:
    """Return the photos of which a face is still to be chosen, oldest enrolment first."""
    waiting = photo.c.status == IntakeStatus.SEVERAL_FACES.value
    return _select(tx, _WHOLE.where(waiting).order_by(photo.c.enrolled_at, photo.c.id).limit(limit))


def count_photos(tx: Transaction) -> dict[IntakeStatus, int]:
    """Return the number of photos held in each status."""
    rows = tx.connection.execute(sa.select(photo.c.status, sa.func.count()).group_by(photo.c.status)).all()
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {status: found.get(status.value, 0) for status in IntakeStatus}


def read_photo_bytes(tx: Transaction, photo_id: PhotoId) -> bytes | None:
    """Return the bytes of the photo with that id."""
    data = tx.connection.scalar(sa.select(photo_bytes.c.data).where(photo_bytes.c.photo_id == photo_id))
    return None if data is None else bytes(data)


def _first(photos: tuple[StoredPhoto, ...]) -> StoredPhoto | None:
    return photos[0] if photos else None


def _select(tx: Transaction, asked: sa.Select[tuple[object, ...]]) -> tuple[StoredPhoto, ...]:
    rows = tx.connection.execute(asked).all()
    samples: dict[str, list[FaceSample]] = {row.id: [] for row in rows}
    found = tx.connection.execute(
        sa.select(face.c.photo_id, face.c.sample)
        .where(face.c.photo_id.in_(list(samples)))
        .order_by(face.c.photo_id, face.c.ordinal)
    )
    for photo_id, sample in found:
        samples[photo_id].append(read_face(sample))
    return tuple(
        StoredPhoto(
            id=PhotoId(row.id),
            subject=SubjectId(row.subject_id),
            subject_key=row.key,
            name=row.name,
            status=IntakeStatus(row.status),
            reasons=read_strings(row.reasons),
            facts=read_facts(row.facts),
            captured=None if row.captured is None else CaptureDate(row.captured),
            source=row.source,
            enrolled_at=read_time(row.enrolled_at),
            enrolled_by=row.enrolled_by,
            faces=tuple(samples[row.id]),
            chosen=row.ordinal,
        )
        for row in rows
    )
