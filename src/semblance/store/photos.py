"""Photos of subjects: facts, faces and the bytes as they were handed in, sealed under the subject's key."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.outcome import CaptureDate, IntakeStatus
from semblance.gallery.record import ImageSource
from semblance.messages.message import Message
from semblance.messages.stored import StoredMessage
from semblance.store.encoding import WrittenFacts, read_face, write_face, write_fields
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.gallery import face, photo, photo_bytes, reference, subject
from semblance.store.subjects import find_seal_of
from semblance.store.vault import blind, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, PhotoId, Sha256, SubjectId
from semblance.terms.samples import FaceSample


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo without its bytes; ``chosen`` is the ordinal of the face that is a reference, if any is.

    ``note`` is what a manifest says of where the photo comes from, beside the source that every image must have.
    """

    id: PhotoId
    subject: SubjectId
    owner: AuthorityCode
    name: str
    status: IntakeStatus
    reasons: tuple[StoredMessage, ...]
    facts: WrittenFacts
    captured: CaptureDate | None
    source: ImageSource
    note: str | None
    enrolled_at: datetime
    enrolled_by: str
    faces: tuple[FaceSample, ...]
    chosen: int | None


_PHOTO: Final = TypeAdapter(StoredPhoto)
_SEALED: Final = {"name", "reasons", "facts", "captured", "source", "note"}
_WHOLE: Final = (
    sa.select(photo, subject.c.key_id, subject.c.owner, reference.c.ordinal)
    .join(subject, photo.c.subject_id == subject.c.id)
    .outerjoin(reference, reference.c.photo_id == photo.c.id)
)


def add_photo(tx: Transaction, stored: StoredPhoto, data: bytes) -> None:
    """Add a photo with its faces and bytes; its reference is added to the gallery by itself."""
    key = _require_key(tx, stored.subject)
    tx.connection.execute(
        sa.insert(photo).values(
            id=stored.id,
            subject_id=stored.subject,
            blind=blind_bytes(tx, stored.facts.sha256),
            status=stored.status.value,
            enrolled_at=stored.enrolled_at,
            enrolled_by=stored.enrolled_by,
            sealed=_seal(tx, key, stored),
        )
    )
    sealed = seal(tx, key, f"photo.data/{stored.id}", data)
    tx.connection.execute(sa.insert(photo_bytes).values(photo_id=stored.id, data=sealed))
    _add_faces(tx, key, stored.id, stored.faces)


def rejudge_photo(
    tx: Transaction,
    photo_id: PhotoId,
    *,
    status: IntakeStatus,
    reasons: tuple[Message, ...],
    faces: tuple[FaceSample, ...],
) -> None:
    """Write a new judgement of a photo that has no reference; its faces are those found now."""
    stored = find_photo(tx, photo_id)
    assert stored is not None
    key = _require_key(tx, stored.subject)
    judged = replace(stored, status=status, reasons=reasons)
    tx.connection.execute(
        sa.update(photo).where(photo.c.id == photo_id).values(status=status.value, sealed=_seal(tx, key, judged))
    )
    tx.connection.execute(sa.delete(face).where(face.c.photo_id == photo_id))
    _add_faces(tx, key, photo_id, faces)


def find_photo(tx: Transaction, photo_id: PhotoId) -> StoredPhoto | None:
    """Return the photo with that id."""
    return _first(_select(tx, _WHOLE.where(photo.c.id == photo_id)))


def find_same_photo(tx: Transaction, subject_id: SubjectId, sha256: Sha256) -> StoredPhoto | None:
    """Return the subject's photo of the same bytes."""
    same = (photo.c.subject_id == subject_id) & (photo.c.blind == blind_bytes(tx, sha256))
    return _first(_select(tx, _WHOLE.where(same)))


def find_subjects_with(tx: Transaction, sha256: Sha256) -> tuple[SubjectId, ...]:
    """Return all subjects under which a photo of these bytes stands, in the order of their enrolment."""
    asked = (
        sa.select(photo.c.subject_id)
        .where(photo.c.blind == blind_bytes(tx, sha256))
        .order_by(photo.c.enrolled_at, photo.c.id)
    )
    return tuple(map(SubjectId, tx.connection.scalars(asked)))


def list_photos(tx: Transaction, subject_id: SubjectId) -> tuple[StoredPhoto, ...]:
    """Return a subject's photos, oldest enrolment first."""
    return _select(tx, _WHOLE.where(photo.c.subject_id == subject_id).order_by(photo.c.enrolled_at, photo.c.id))


def list_awaiting(tx: Transaction, owner: AuthorityCode, *, limit: int) -> tuple[StoredPhoto, ...]:
    """Return an owner's photos of which a face is still to be chosen, oldest enrolment first."""
    waiting = (photo.c.status == IntakeStatus.SEVERAL_FACES.value) & (subject.c.owner == owner)
    return _select(tx, _WHOLE.where(waiting).order_by(photo.c.enrolled_at, photo.c.id).limit(limit))


def read_photo_bytes(tx: Transaction, photo_id: PhotoId) -> bytes | None:
    """Return the bytes of the photo with that id."""
    row = tx.connection.execute(
        sa.select(photo_bytes.c.data, subject.c.key_id)
        .join(photo, photo.c.id == photo_bytes.c.photo_id)
        .join(subject, subject.c.id == photo.c.subject_id)
        .where(photo_bytes.c.photo_id == photo_id)
    ).one_or_none()
    return None if row is None else unseal(tx, KeyId(row.key_id), f"photo.data/{photo_id}", bytes(row.data))


def blind_bytes(tx: Transaction, sha256: Sha256) -> str:
    """Return what a photo is found by: a keyed digest of the digest of its bytes."""
    return blind(tx, "photo", sha256)


def _add_faces(tx: Transaction, key: KeyId, photo_id: PhotoId, faces: tuple[FaceSample, ...]) -> None:
    for sample in faces:
        sealed = seal_text(tx, key, f"face/{photo_id}/{sample.ordinal}", write_face(sample))
        tx.connection.execute(sa.insert(face).values(photo_id=photo_id, ordinal=sample.ordinal, sample=sealed))


def _seal(tx: Transaction, key: KeyId, stored: StoredPhoto) -> bytes:
    return seal_text(tx, key, f"photo/{stored.id}", write_fields(_PHOTO, stored, _SEALED))


def _require_key(tx: Transaction, subject_id: SubjectId) -> KeyId:
    key = find_seal_of(tx, subject_id)
    assert key is not None
    return key


def _first(photos: tuple[StoredPhoto, ...]) -> StoredPhoto | None:
    return photos[0] if photos else None


def _select(tx: Transaction, asked: sa.Select[tuple[object, ...]]) -> tuple[StoredPhoto, ...]:
    rows = tx.connection.execute(asked).all()
    keys = {row.id: KeyId(row.key_id) for row in rows}
    samples: dict[str, list[FaceSample]] = {row.id: [] for row in rows}
    found = tx.connection.execute(
        sa.select(face).where(face.c.photo_id.in_(list(samples))).order_by(face.c.photo_id, face.c.ordinal)
    )
    for row in found:
        text = unseal_text(tx, keys[row.photo_id], f"face/{row.photo_id}/{row.ordinal}", row.sample)
        samples[row.photo_id].append(read_face(text))
    return tuple(_read(tx, row, tuple(samples[row.id])) for row in rows)


def _read(tx: Transaction, row: Any, faces: tuple[FaceSample, ...]) -> StoredPhoto:
    document = json.loads(unseal_text(tx, KeyId(row.key_id), f"photo/{row.id}", row.sealed))
    others = {"subject": row.subject_id, "faces": faces, "chosen": row.ordinal}
    return _PHOTO.validate_python({**row._asdict(), **document, **others})
