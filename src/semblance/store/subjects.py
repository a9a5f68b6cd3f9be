"""Subjects, the keys that seal everything about them, and the record that one was erased."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.gallery.subject import Subject
from semblance.store import examinations, leads, reconciliations
from semblance.store.encoding import write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.rows import add_row, count_groups, count_rows, delete_rows
from semblance.store.schema.gallery import (
    deletion,
    face,
    intake_outcome,
    photo,
    photo_bytes,
    reference,
    subject,
    subject_seal,
)
from semblance.store.schema.record import record, record_version
from semblance.store.vault import blind, destroy_key, make_key
from semblance.terms.ids import AuthorityCode, SubjectId, make_id


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows of each kind went."""

    photos: int
    faces: int
    outcomes: int
    versions: int


def find_subject_id(tx: Transaction, owner: AuthorityCode, key: str) -> SubjectId | None:
    """Return the id of the owner's subject with that normalised key."""
    return tx.connection.scalar(sa.select(subject.c.id).where(subject.c.blind == blind_key(tx, owner, key)))


def add_subject(tx: Transaction, owner: AuthorityCode, key: str, *, at: datetime, person: str) -> Subject:
    """Add a subject; the key must be normalised, free of faults, and new for its owner. Its record is added beside."""
    made = Subject(SubjectId(make_id()), owner, key, at, write_text(person))
    add_row(tx, subject, made, blind=blind_key(tx, owner, key), key_id=require_seal(tx, owner, key))
    return made


def count_held(tx: Transaction, subjects: list[SubjectId]) -> dict[SubjectId, tuple[int, int]]:
    """Return the number of photos and of references of each of these subjects."""
    photos, references = (
        {row[0]: row[1] for row in count_groups(tx, table.c.subject_id, where=table.c.subject_id.in_(subjects))}
        for table in (photo, reference)
    )
    return {which: (photos.get(which, 0), references.get(which, 0)) for which in subjects}


def blind_key(tx: Transaction, owner: AuthorityCode, key: str) -> str:
    """Return what a subject is found by: a keyed digest of its owner and key."""
    return blind(tx, "subject", owner, write_text(key))


def require_seal(tx: Transaction, owner: AuthorityCode, key: str) -> KeyId:
    """Return the key that seals what is held under the owner's subject key, made where there was none."""
    found = find_seal(tx, blind_key(tx, owner, key))
    if found is not None:
        return found
    made = make_key(tx, "subject")
    add_row(tx, subject_seal, blind=blind_key(tx, owner, key), key_id=made)
    return made


def find_seal(tx: Transaction, subject_blind: str) -> KeyId | None:
    """Return the key that seals what is held under that keyed digest."""
    return tx.connection.scalar(sa.select(subject_seal.c.key_id).where(subject_seal.c.blind == subject_blind))


def erase_subject(tx: Transaction, subject_id: SubjectId) -> Removed:
    """Delete a subject, its record, photos, faces and all intake outcomes, and destroy their key.

    The subject's references must have been removed from the gallery before.
    """
    row = tx.connection.execute(sa.select(subject).where(subject.c.id == subject_id)).one()
    examinations.forget_subject(tx, subject_id)
    leads.forget_subject(tx, subject_id)
    reconciliations.forget_subject(tx, subject_id)
    of_subject = sa.select(photo.c.id).where(photo.c.subject_id == subject_id)
    delete_rows(tx, photo_bytes, photo_bytes.c.photo_id.in_(of_subject))
    faces = delete_rows(tx, face, face.c.photo_id.in_(of_subject))
    photos = delete_rows(tx, photo, photo.c.subject_id == subject_id)
    versions = delete_rows(tx, record_version, record_version.c.subject_id == subject_id)
    delete_rows(tx, record, record.c.subject_id == subject_id)
    delete_rows(tx, subject, subject.c.id == subject_id)
    return Removed(photos, faces, erase_outcomes(tx, row.blind), versions)


def erase_outcomes(tx: Transaction, subject_blind: str) -> int:
    """Delete the intake outcomes under the keyed digest, destroy their key, and return how many there were."""
    key = find_seal(tx, subject_blind)
    outcomes = delete_rows(tx, intake_outcome, intake_outcome.c.subject_blind == subject_blind)
    delete_rows(tx, subject_seal, subject_seal.c.blind == subject_blind)
    if key is not None:
        destroy_key(tx, key)
    return outcomes


def record_deletion(
    tx: Transaction,
    subject_id: SubjectId | None,
    removed: Removed,
    *,
    references: int,
    at: datetime,
    person: str,
    entry: int,
) -> None:
    """Keep who erased and when, and the ledger entry that says why; of the subject only its random id."""
    erased = {"subject_id": subject_id, "at": at, "person": person, "entry": entry}
    add_row(tx, deletion, removed, **erased, references_removed=references)


def count_erased(tx: Transaction, *, since: datetime) -> int:
    """Return how many subjects were erased since then."""
    return count_rows(tx, deletion, deletion.c.at >= since)
