"""Subjects, and the record that one was deleted."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.gallery.subject import Subject
from semblance.store.encoding import read_time, write_text, write_time
from semblance.store.engine import Transaction
from semblance.store.schema import deletion, face, intake_outcome, photo, photo_bytes, reference, subject
from semblance.terms.ids import SubjectId, make_id


@dataclass(frozen=True, slots=True)
class CountedSubject:
    """A subject with the number of its photos and references."""

    subject: Subject
    photos: int
    references: int


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows of each kind went."""

    photos: int
    faces: int
    outcomes: int


def find_subject(tx: Transaction, key: str) -> Subject | None:
    """Return the subject with that normalised key."""
    row = tx.connection.execute(sa.select(subject).where(subject.c.key == key)).one_or_none()
    return None if row is None else _read(row)


def add_subject(tx: Transaction, key: str, *, at: datetime, person: str) -> Subject:
    """Add a subject; the key must be normalised, free of faults, and new."""
    made = Subject(SubjectId(make_id()), key, at, write_text(person))
    tx.connection.execute(
        sa.insert(subject).values(id=made.id, key=key, created_at=write_time(at), created_by=made.created_by)
    )
    return made


def list_subjects(tx: Transaction, *, after: str | None, limit: int, text: str | None) -> tuple[CountedSubject, ...]:
    """Return subjects ordered by key; ``text`` must occur in the key, in whatever case ASCII letters are."""
    photos = sa.select(sa.func.count()).where(photo.c.subject_id == subject.c.id).scalar_subquery()
    references = sa.select(sa.func.count()).where(reference.c.subject_id == subject.c.id).scalar_subquery()
    asked = sa.select(subject, photos.label("photos"), references.label("references_held")).order_by(subject.c.key)
    if after is not None:
        asked = asked.where(subject.c.key > after)
    if text:
        asked = asked.where(subject.c.key.icontains(text, autoescape=True))
    rows = tx.connection.execute(asked.limit(limit)).all()
    return tuple(CountedSubject(_read(row), row.photos, row.references_held) for row in rows)


def count_subjects(tx: Transaction) -> int:
    """Return how many subjects are held, with or without references."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(subject)) or 0


def delete_subject(tx: Transaction, key: str) -> Removed:
    """Delete a subject, its photos, their bytes and faces, and all intake outcomes under the key.

    The subject's references must have been removed from the gallery before.
    """
    of_subject = sa.select(photo.c.id).join(subject, photo.c.subject_id == subject.c.id).where(subject.c.key == key)
    tx.connection.execute(sa.delete(photo_bytes).where(photo_bytes.c.photo_id.in_(of_subject)))
    faces = tx.connection.execute(sa.delete(face).where(face.c.photo_id.in_(of_subject))).rowcount
    photos = tx.connection.execute(sa.delete(photo).where(photo.c.id.in_(of_subject))).rowcount
    outcomes = tx.connection.execute(sa.delete(intake_outcome).where(intake_outcome.c.subject_key == key)).rowcount
    tx.connection.execute(sa.delete(subject).where(subject.c.key == key))
    return Removed(photos, faces, outcomes)


def record_deletion(
    tx: Transaction,
    subject_id: SubjectId | None,
    removed: Removed,
    *,
    references: int,
    at: datetime,
    person: str,
    reason: str,
) -> None:
    """Keep who deleted, when and why; of the subject only its random id."""
    tx.connection.execute(
        sa.insert(deletion).values(
            subject_id=subject_id,
            at=write_time(at),
            person=write_text(person),
            reason=write_text(reason),
            photos=removed.photos,
            faces=removed.faces,
            references_removed=references,
            outcomes=removed.outcomes,
        )
    )


def _read(row: sa.Row[tuple[object, ...]]) -> Subject:
    return Subject(SubjectId(row.id), row.key, read_time(row.created_at), row.created_by)
