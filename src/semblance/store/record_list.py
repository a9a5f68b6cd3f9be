"""Many records at once, for lists: pages read by key, counts, and headings opened in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import Personal, Record
from semblance.store.encoding import read_facts, read_facts_row, read_standing, read_strings
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import find_damaged
from semblance.store.record_selection import Selection, SelectionOrder
from semblance.store.schema.gallery import photo, reference, subject
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.store.vault import load_keys, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordStanding, RecordState

Place = tuple[datetime | date, str]
"""Where a record stands in a list: what the list is ordered by, and the record's id."""


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
class ListedPage:
    """Some records of a selection in its order; ``next_after`` is where the rest begins, None where there is none.

    ``damaged`` are those of which something was changed by hand: who may see them, or where they belong, is not known.
    """

    listed: list[Listed]
    damaged: tuple[SubjectId, ...]
    next_after: SubjectId | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What names a record in a list."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How much is held of all records of a kind that the policy cannot tell apart."""

    kind: RecordKind
    standing: RecordStanding
    records: int
    photos: int
    references: int
    awaiting_choice: int
    kept_unsuitable: int


_LISTED: Final = (
    sa.select(
        *RECORD_FACTS,
        record.c.subject_id,
        record.c.created_at,
        record.c.changed_at,
        record.c.version,
        subject.c.key_id,
        record.c.heading,
    )
    .join_from(record, audience)
    .join(subject, subject.c.id == record.c.subject_id)
)
_CHUNK: Final = 2000
_RECORD: Final = TypeAdapter(Record)
# in the order of an index, so that groups are counted along it
_ALIKE: Final = (record.c.audience_id, record.c.state, record.c.kind)


def find_place(tx: Transaction, selection: Selection, subject_id: SubjectId) -> Place | None:
    """Return where a record stands in the selection, or None where it does not belong to it."""
    found = sa.select(_find_order(selection), record.c.subject_id).where(record.c.subject_id == subject_id)
    row = tx.connection.execute(found.where(selection.condition)).one_or_none()
    return None if row is None else (row[0], row[1])


def find_page(tx: Transaction, selection: Selection, *, after: Place | None, limit: int) -> ListedPage:
    """Return the first records of the selection in its order, from the one after that place."""
    if not selection.lanes:
        return ListedPage([], ())
    column, down = _find_order(selection), selection.order is SelectionOrder.NEWEST
    order = [key.desc() if down else key.asc() for key in (column, record.c.subject_id)]
    beyond: sa.ColumnElement[bool] = sa.true()
    if after is not None:
        last = sa.tuple_(sa.literal(after[0], column.type), sa.literal(after[1], record.c.subject_id.type))
        here = sa.tuple_(column, record.c.subject_id)
        beyond = here < last if down else here > last
    pages = [
        sa.select(column, record.c.subject_id).where(lane, beyond).order_by(*order).limit(limit + 1)
        for lane in selection.lanes
    ]
    page: Any = pages[0]
    if len(pages) > 1:
        page = sa.union_all(*(sa.select(part.subquery()) for part in pages)).order_by(
            *(sa.desc(key.name) if down else sa.asc(key.name) for key in (column, record.c.subject_id))
        )
    subjects = [row.subject_id for row in tx.connection.execute(page.limit(limit + 1))]
    shown = subjects[:limit]
    damaged = find_damaged(tx, PowerKind.RECORD, shown)
    whole = [subject_id for subject_id in shown if subject_id not in damaged]
    rows = tx.connection.execute(_LISTED.where(record.c.subject_id.in_(whole)))
    found = {listed.subject: listed for listed in map(_read, rows)}
    return ListedPage(
        [found[subject_id] for subject_id in whole],
        tuple(subject_id for subject_id in shown if subject_id in damaged),
        shown[-1] if len(subjects) > limit else None,
    )


def find_all(tx: Transaction, selection: Selection) -> ListedPage:
    """Return every record of the selection, in its order; slow where there are many."""
    column = _find_order(selection)
    keys = (column, record.c.subject_id)
    order = [key.desc() if selection.order is SelectionOrder.NEWEST else key.asc() for key in keys]
    rows = tx.connection.execute(_LISTED.where(selection.condition).order_by(*order)).all()
    damaged = find_damaged(tx, PowerKind.RECORD, (row.subject_id for row in rows))
    whole = [_read(row) for row in rows if row.subject_id not in damaged]
    return ListedPage(whole, tuple(sorted(map(SubjectId, damaged))))


def count_records(tx: Transaction, selection: Selection, *, cap: int | None = None) -> int:
    """Return how many records the selection has; no further than ``cap`` is counted."""
    if not selection.lanes:
        return 0
    lanes = [sa.select(record.c.subject_id).where(lane).limit(cap) for lane in selection.lanes]
    every = sa.union_all(*(sa.select(lane.subquery()) for lane in lanes)).limit(cap).subquery()
    return tx.connection.scalars(sa.select(sa.func.count()).select_from(every)).one()


def open_names(tx: Transaction, listed: Iterable[Listed]) -> dict[SubjectId, Named]:
    """Return the numbers and names of these records, opened in memory."""
    wanted = list(listed)
    load_keys(tx, (entry.key for entry in wanted))
    return {
        entry.subject: Named(*read_strings(unseal_text(tx, entry.key, f"heading/{entry.subject}", entry.heading)))
        for entry in wanted
    }


def iterate_personal(tx: Transaction, lets: Callable[[RecordFacts], bool]) -> Iterator[tuple[SubjectId, Personal]]:
    """Give each record that ``lets`` passes, and what it says of the person; what it does not pass stays sealed."""
    rows = tx.connection.execute(
        sa.select(record.c.subject_id, subject.c.key_id, *RECORD_FACTS)
        .join_from(record, audience)
        .join(subject, subject.c.id == record.c.subject_id)
    )
    keys = {SubjectId(row.subject_id): KeyId(row.key_id) for row in rows if _passes(lets, row)}
    load_keys(tx, keys.values())
    subjects = list(keys)
    for start in range(0, len(subjects), _CHUNK):
        part = subjects[start : start + _CHUNK]
        damaged = find_damaged(tx, PowerKind.RECORD, part)
        some = record.c.subject_id.in_([subject_id for subject_id in part if subject_id not in damaged])
        for row in tx.connection.execute(sa.select(record.c.subject_id, record.c.sealed).where(some)):
            opened = unseal(tx, keys[row.subject_id], f"record/{row.subject_id}", row.sealed)
            yield row.subject_id, _RECORD.validate_json(opened).draft.personal


def count_held(tx: Transaction) -> list[Counted]:
    """Return how much is held, apart for whatever the policy sees differently."""
    kept = (IntakeStatus.SEVERAL_FACES, IntakeStatus.KEPT_UNSUITABLE)
    photos = _count(tx, photo, *(sa.func.count().filter(photo.c.status == status) for status in kept))
    references = _count(tx, reference)
    audiences = {row.id: row for row in tx.connection.execute(sa.select(audience))}
    found = []
    for number, state, kind, count in tx.connection.execute(sa.select(*_ALIKE, sa.func.count()).group_by(*_ALIKE)):
        whose = audiences[number]
        found.append(
            Counted(
                RecordKind(kind),
                read_standing(whose.owner, state, whose.restriction, whose.restricted),
                count,
                photos.get((number, state, kind), (0, 0, 0))[0],
                references.get((number, state, kind), (0,))[0],
                *photos.get((number, state, kind), (0, 0, 0))[1:],
            )
        )
    return found


def count_visible(tx: Transaction, authority: AuthorityCode) -> tuple[int, int]:
    """Return how many active records the authority may know of, and how many references of any state."""
    audiences = tx.connection.execute(sa.select(audience)).all()

    def find_hidden(state: RecordState) -> set[int]:
        standings = ((row.id, read_standing(row.owner, state, row.restriction, row.restricted)) for row in audiences)
        return {number for number, standing in standings if not standing.is_visible_to(authority)}

    hidden = find_hidden(RecordState.ACTIVE)
    drafts = find_hidden(RecordState.DRAFT) - hidden
    # by audience and state, as an index has them: fewer than a count of the active ones would read from the table
    groups = sa.select(record.c.audience_id, record.c.state, sa.func.count())
    active = sum(
        count
        for number, state, count in tx.connection.execute(groups.group_by(record.c.audience_id, record.c.state))
        if state == RecordState.ACTIVE.value and number not in hidden
    )
    references = sa.select(sa.func.count()).select_from(reference)
    concealed = references.join(record, record.c.subject_id == reference.c.subject_id)
    known = tx.connection.scalars(references).one()
    if hidden:
        known -= tx.connection.scalars(concealed.where(record.c.audience_id.in_(hidden))).one()
    if drafts:
        unfinished = record.c.audience_id.in_(drafts) & (record.c.state == RecordState.DRAFT)
        known -= tx.connection.scalars(concealed.where(unfinished)).one()
    return active, known


def _passes(lets: Callable[[RecordFacts], bool], row: Any) -> bool:
    try:
        return lets(read_facts_row(row))
    except ValueError:
        # somebody wrote by hand what no record can be
        return False


def _find_order(selection: Selection) -> sa.Column[Any]:
    return record.c[selection.order.value]


def _read(row: Any) -> Listed:
    *facts, subject_id, created_at, changed_at, version, key, heading = row
    return Listed(SubjectId(subject_id), read_facts(*facts), created_at, changed_at, version, KeyId(key), heading)


def _count(tx: Transaction, table: sa.Table, *others: sa.ColumnElement[int]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Return the number of rows, and the other counts over them, for whatever the policy sees differently."""
    rows = tx.connection.execute(
        sa.select(*_ALIKE, sa.func.count(), *others)
        .select_from(table)
        .join(record, record.c.subject_id == table.c.subject_id)
        .group_by(*_ALIKE)
    )
    return {tuple(row[: len(_ALIKE)]): tuple(row[len(_ALIKE) :]) for row in rows}
