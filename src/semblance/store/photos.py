"""Photos of subjects: facts, faces and the bytes as they were handed in, sealed under the subject's key.

What the intake of each photo ended in is remembered, so that a resumed enrolment repeats nothing.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.outcome import CaptureDate, IntakeOutcome, IntakeStatus
from semblance.gallery.record import ImageSource
from semblance.messages.message import Message
from semblance.messages.stored import StoredMessage, read_message, write_message
from semblance.store.encoding import WrittenFacts, read_face, write_face, write_fields, write_json, write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.rows import add_row, add_rows, change_rows, count_rows, delete_rows, find_first, read_key, read_row
from semblance.store.schema.gallery import face, intake_outcome, photo, photo_bytes, reference, subject
from semblance.store.subjects import blind_key, find_seal, require_seal
from semblance.store.vault import blind, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, PhotoId, Sha256, SubjectId
from semblance.terms.samples import Extraction, FaceSample


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

    @property
    def chosen_face(self) -> FaceSample | None:
        """Return the face that is a reference."""
        return next((face for face in self.faces if face.ordinal == self.chosen), None)


_CHUNK: Final = 256
_PHOTO: Final = TypeAdapter(StoredPhoto)
_SEALED: Final = {"name", "reasons", "facts", "captured", "source", "note"}
_WHOLE: Final = (
    sa.select(photo, subject.c.key_id, subject.c.owner, reference.c.ordinal)
    .join(subject, photo.c.subject_id == subject.c.id)
    .outerjoin(reference, reference.c.photo_id == photo.c.id)
)


def add_photo(tx: Transaction, stored: StoredPhoto, data: bytes) -> None:
    """Add a photo with its faces and bytes; its reference is added to the gallery by itself."""
    key = read_key(tx, subject, stored.subject)
    add_row(tx, photo, stored, blind=blind_bytes(tx, stored.facts.sha256), sealed=_seal(tx, key, stored))
    add_row(tx, photo_bytes, photo_id=stored.id, data=seal(tx, key, f"photo.data/{stored.id}", data))
    _add_faces(tx, key, stored.id, stored.faces)


def rejudge_photo(
    tx: Transaction, photo_id: PhotoId, extraction: Extraction, *, status: IntakeStatus, reasons: tuple[Message, ...]
) -> None:
    """Write a new judgement of a photo that has no reference; facts and faces are those found now."""
    stored = find_photo(tx, photo_id)
    assert stored is not None
    key = read_key(tx, subject, stored.subject)
    judged = replace(stored, status=status, reasons=reasons, facts=extraction.facts)
    change_rows(tx, photo, photo.c.id == photo_id, status=status, sealed=_seal(tx, key, judged))
    delete_rows(tx, face, face.c.photo_id == photo_id)
    _add_faces(tx, key, photo_id, extraction.faces)


def find_photo(tx: Transaction, photo_id: PhotoId) -> StoredPhoto | None:
    """Return the photo with that id."""
    return find_first(_select(tx, _WHOLE.where(photo.c.id == photo_id)))


def find_subject(tx: Transaction, photo_id: PhotoId) -> SubjectId | None:
    """Return whose photo it is, without opening anything sealed."""
    return tx.connection.scalar(sa.select(photo.c.subject_id).where(photo.c.id == photo_id))


def find_same_photo(tx: Transaction, subject_id: SubjectId, sha256: Sha256) -> StoredPhoto | None:
    """Return the subject's photo of the same bytes."""
    same = (photo.c.subject_id == subject_id) & (photo.c.blind == blind_bytes(tx, sha256))
    return find_first(_select(tx, _WHOLE.where(same)))


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
    waiting = (photo.c.status == IntakeStatus.SEVERAL_FACES) & (subject.c.owner == owner)
    return _select(tx, _WHOLE.where(waiting).order_by(photo.c.enrolled_at, photo.c.id).limit(limit))


def list_references(tx: Transaction, owner: AuthorityCode, *, after: int) -> tuple[tuple[int, PhotoId], ...]:
    """Return some of an owner's references after that place in the order of enrolment: each place, and its photo."""
    rows = tx.connection.execute(_select_held(owner, after).order_by(reference.c.sequence).limit(_CHUNK))
    return tuple((row.sequence, PhotoId(row.photo_id)) for row in rows)


def count_references(tx: Transaction, owner: AuthorityCode, *, after: int) -> int:
    """Return how many references of an owner stand after that place."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(_select_held(owner, after).subquery())) or 0


def _select_held(owner: AuthorityCode, after: int) -> sa.Select[tuple[int, str]]:
    held = sa.select(reference.c.sequence, reference.c.photo_id)
    held = held.join_from(reference, subject, subject.c.id == reference.c.subject_id)
    return held.where(subject.c.owner == owner, reference.c.sequence > after)


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
    sealed = (
        {
            "ordinal": sample.ordinal,
            "sample": seal_text(tx, key, f"face/{photo_id}/{sample.ordinal}", write_face(sample)),
        }
        for sample in faces
    )
    add_rows(tx, face, sealed, photo_id=photo_id)


def _seal(tx: Transaction, key: KeyId, stored: StoredPhoto) -> bytes:
    return seal_text(tx, key, f"photo/{stored.id}", write_fields(_PHOTO, stored, _SEALED))


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
    photos = []
    for row in rows:
        document = json.loads(unseal_text(tx, keys[row.id], f"photo/{row.id}", row.sealed))
        others = {"faces": tuple(samples[row.id]), "chosen": row.ordinal}
        photos.append(read_row(StoredPhoto, row, **document, **others))
    return tuple(photos)


def find_outcome(
    tx: Transaction, owner: AuthorityCode, subject_key: str, name: str, sha256: Sha256
) -> IntakeOutcome | None:
    """Return what is remembered of these bytes, handed in under that name for that owner's subject."""
    identity = _identify(tx, owner, subject_key, name, sha256)
    row = tx.connection.execute(sa.select(intake_outcome).where(intake_outcome.c.id == identity)).one_or_none()
    if row is None:
        return None
    key = find_seal(tx, row.subject_blind)
    assert key is not None
    reasons = tuple(map(read_message, json.loads(unseal_text(tx, key, f"outcome/{identity}", row.reasons))))
    return read_row(IntakeOutcome, row, subject_key=subject_key, name=name, sha256=sha256, reasons=reasons)


def remember_outcome(tx: Transaction, owner: AuthorityCode, outcome: IntakeOutcome) -> None:
    """Remember an outcome in the place of an older one; one without any bytes is not worth remembering."""
    if outcome.sha256 is None:
        return
    identity = _identify(tx, owner, outcome.subject_key, outcome.name, outcome.sha256)
    key = require_seal(tx, owner, outcome.subject_key)
    delete_rows(tx, intake_outcome, intake_outcome.c.id == identity)
    found_by = {"id": identity, "subject_blind": blind_key(tx, owner, outcome.subject_key)}
    add_row(tx, intake_outcome, outcome, **found_by, reasons=_seal_reasons(tx, key, identity, outcome.reasons))


def update_photo_outcomes(tx: Transaction, of: PhotoId, status: IntakeStatus, reasons: tuple[Message, ...]) -> None:
    """Write the new outcome of a photo whose face was chosen after its intake."""
    about = (intake_outcome.c.photo_id == of) & (intake_outcome.c.status != IntakeStatus.DUPLICATE)
    for row in tx.connection.execute(sa.select(intake_outcome).where(about)).all():
        key = find_seal(tx, row.subject_blind)
        assert key is not None
        sealed = _seal_reasons(tx, key, row.id, reasons)
        change_rows(tx, intake_outcome, intake_outcome.c.id == row.id, status=status, reasons=sealed)


def count_outcomes(tx: Transaction, owner: AuthorityCode, subject_key: str) -> int:
    """Return how many outcomes are remembered under the owner's key."""
    return count_rows(tx, intake_outcome, intake_outcome.c.subject_blind == blind_key(tx, owner, subject_key))


def _seal_reasons(tx: Transaction, key: KeyId, identity: str, reasons: tuple[Message, ...]) -> bytes:
    return seal_text(tx, key, f"outcome/{identity}", write_json(list(map(write_message, reasons))))


def _identify(tx: Transaction, owner: AuthorityCode, subject_key: str, name: str, sha256: Sha256) -> str:
    return blind(tx, "outcome", owner, write_text(subject_key), write_text(name), sha256)
