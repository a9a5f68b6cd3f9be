"""Many records at once, for lists: their facts without opening anything, and their headings opened in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from semblance.gallery.outcome import IntakeStatus
from semblance.store.encoding import read_strings
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.record_facts import read_facts, read_facts_row
from semblance.store.schema.gallery import photo, reference, subject
from semblance.store.schema.record import record
from semblance.store.vault import load_keys, unseal_text
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordState


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a record without opening what is sealed; ``heading`` is its number and name, sealed."""

    subject: SubjectId
    facts: RecordFacts
    created_at: datetime
    changed_at: datetime
    version: int
    key: KeyId
    heading: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """What names a record in a list."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How much is held of all records that look the same to the law."""

    facts: RecordFacts
    records: int
    photos: int
    references: int
    awaiting_choice: int
    kept_unsuitable: int


_FACTS: Final = (
    record.c.kind,
    record.c.owner,
    record.c.state,
    record.c.retain_until,
    record.c.restriction,
    record.c.restricted,
)


def count_held(tx: Transaction) -> list[Counted]:
    """Return how much is held, apart for whatever the law sees differently."""
    kept = (IntakeStatus.SEVERAL_FACES, IntakeStatus.KEPT_UNSUITABLE)
    photos = _count(tx, photo, *(sa.func.count().filter(photo.c.status == status.value) for status in kept))
    references = _count(tx, reference)
    found = []
    for row in tx.connection.execute(sa.select(*_FACTS, sa.func.count().label("held")).group_by(*_FACTS)):
        facts = read_facts_row(row)
        of_photos, awaiting, unsuitable = photos.get(facts, (0, 0, 0))
        of_references, *_ = references.get(facts, (0,))
        found.append(Counted(facts, row.held, of_photos, of_references, awaiting, unsuitable))
    return found


def find_listed(
    tx: Transaction,
    lets: Callable[[RecordFacts], bool],
    *,
    kinds: frozenset[RecordKind] = frozenset(),
    states: frozenset[RecordState] = frozenset(),
    owner: AuthorityCode | None = None,
    ending_before: date | None = None,
) -> list[Listed]:
    """Return the records of these kinds and states (empty: of all) that ``lets`` passes, newest first."""
    asked = sa.select(
        *_FACTS,
        record.c.subject_id,
        subject.c.created_at,
        record.c.changed_at,
        record.c.version,
        subject.c.key_id,
        record.c.heading,
    ).join(subject, subject.c.id == record.c.subject_id)
    if kinds:
        asked = asked.where(record.c.kind.in_([kind.value for kind in kinds]))
    if states:
        asked = asked.where(record.c.state.in_([state.value for state in states]))
    if owner is not None:
        asked = asked.where(record.c.owner == owner)
    if ending_before is not None:
        asked = asked.where(record.c.retain_until < ending_before)
    rows = tx.connection.execute(asked.order_by(subject.c.created_at.desc(), subject.c.id.desc())).all()
    # the answer for each combination of columns, None where it may not be seen
    passed: dict[tuple[Any, ...], RecordFacts | None] = {}
    found = []
    for kind, held_by, state, until, mode, restricted, *rest in rows:
        columns = (kind, held_by, state, until, mode, restricted)
        if columns not in passed:
            facts = read_facts(*columns)
            passed[columns] = facts if lets(facts) else None
        seen = passed[columns]
        if seen is not None:
            found.append(Listed(rest[0], seen, *rest[1:]))
    return found


def open_names(tx: Transaction, listed: Iterable[Listed]) -> dict[SubjectId, Named]:
    """Return the numbers and names of these records, opened in memory."""
    wanted = list(listed)
    load_keys(tx, (one.key for one in wanted))
    return {
        one.subject: Named(*read_strings(unseal_text(tx, one.key, f"heading/{one.subject}", one.heading)))
        for one in wanted
    }


def _count(tx: Transaction, table: sa.Table, *others: sa.ColumnElement[int]) -> dict[RecordFacts, tuple[int, ...]]:
    """Return the number of rows, and the other counts over them, for whatever the law sees differently."""
    rows = tx.connection.execute(
        sa.select(*_FACTS, sa.func.count(), *others)
        .select_from(table)
        .join(record, record.c.subject_id == table.c.subject_id)
        .group_by(*_FACTS)
    )
    return {read_facts_row(row): tuple(row[len(_FACTS) :]) for row in rows}
