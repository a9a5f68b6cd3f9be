"""Subjects, the keys that seal everything about them, and the record that one was erased."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.gallery.subject import Subject
from semblance.store import examinations, leads
from semblance.store.encoding import write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
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
    found = tx.connection.scalar(sa.select(subject.c.id).where(subject.c.blind == blind_key(tx, owner, key)))
    return None if found is None else SubjectId(found)


def add_subject(tx: Transaction, owner: AuthorityCode, key: str, *, at: datetime, person: str) -> Subject:
    """Add a subject; the key must be normalised, free of faults, and new for its owner. Its record is added beside."""
    made = Subject(SubjectId(make_id()), owner, key, at, write_text(person))
    tx.connection.execute(
        sa.insert(subject).values(
            id=made.id,
            blind=blind_key(tx, owner, key),
            key_id=require_seal(tx, owner, key),
            owner=owner,
            created_at=at,
            created_by=made.created_by,
        )
    )
    return made


def count_held(tx: Transaction, subjects: list[SubjectId]) -> dict[SubjectId, tuple[int, int]]:
    """Return the number of photos and of references of each of these subjects."""
    found = {}
    for table in (photo, reference):
        rows = tx.connection.execute(
            sa.select(table.c.subject_id, sa.func.count())
            .where(table.c.subject_id.in_(subjects))
            .group_by(table.c.subject_id)
        )
        found[table.name] = {SubjectId(row[0]): row[1] for row in rows}
    return {which: (found["photo"].get(which, 0), found["reference"].get(which, 0)) for which in subjects}


def blind_key(tx: Transaction, owner: AuthorityCode, key: str) -> str:
    """Return what a subject is found by: a keyed digest of its owner and key."""
    return blind(tx, "subject", owner, write_text(key))


def require_seal(tx: Transaction, owner: AuthorityCode, key: str) -> KeyId:
    """Return the key that seals what is held under the owner's subject key, made where there was none."""
    found = find_seal(tx, blind_key(tx, owner, key))
    if found is not None:
        return found
    made = make_key(tx, "subject")
    tx.connection.execute(sa.insert(subject_seal).values(blind=blind_key(tx, owner, key), key_id=made))
    return made


def find_seal(tx: Transaction, subject_blind: str) -> KeyId | None:
    """Return the key that seals what is held under that keyed digest."""
    found = tx.connection.scalar(sa.select(subject_seal.c.key_id).where(subject_seal.c.blind == subject_blind))
    return None if found is None else KeyId(found)


def find_seal_of(tx: Transaction, subject_id: SubjectId) -> KeyId | None:
    """Return the key that seals everything about a subject."""
    found = tx.connection.scalar(sa.select(subject.c.key_id).where(subject.c.id == subject_id))
    return None if found is None else KeyId(found)


def erase_subject(tx: Transaction, subject_id: SubjectId) -> Removed:
    """Delete a subject, its record, photos, faces and all intake outcomes, and destroy their key.

    The subject's references must have been removed from the gallery before.
    """
    row = tx.connection.execute(sa.select(subject).where(subject.c.id == subject_id)).one()
    examinations.forget_subject(tx, subject_id)
    leads.forget_subject(tx, subject_id)
    of_subject = sa.select(photo.c.id).where(photo.c.subject_id == subject_id)
    tx.connection.execute(sa.delete(photo_bytes).where(photo_bytes.c.photo_id.in_(of_subject)))
    faces = tx.connection.execute(sa.delete(face).where(face.c.photo_id.in_(of_subject))).rowcount
    photos = tx.connection.execute(sa.delete(photo).where(photo.c.subject_id == subject_id)).rowcount
    past = record_version.c.subject_id == subject_id
    versions = tx.connection.execute(sa.delete(record_version).where(past)).rowcount
    tx.connection.execute(sa.delete(record).where(record.c.subject_id == subject_id))
    tx.connection.execute(sa.delete(subject).where(subject.c.id == subject_id))
    return Removed(photos, faces, erase_outcomes(tx, row.blind), versions)


def erase_outcomes(tx: Transaction, subject_blind: str) -> int:
    """Delete the intake outcomes under the keyed digest, destroy their key, and return how many there were."""
    key = find_seal(tx, subject_blind)
    outcomes = tx.connection.execute(
        sa.delete(intake_outcome).where(intake_outcome.c.subject_blind == subject_blind)
    ).rowcount
    tx.connection.execute(sa.delete(subject_seal).where(subject_seal.c.blind == subject_blind))
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
    tx.connection.execute(
        sa.insert(deletion).values(
            subject_id=subject_id,
            at=at,
            person=person,
            entry=entry,
            photos=removed.photos,
            faces=removed.faces,
            references_removed=references,
            outcomes=removed.outcomes,
        )
    )
