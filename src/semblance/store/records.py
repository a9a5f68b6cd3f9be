"""Records and their versions: what names anybody is sealed under the subject's own key.

Records whose last day is near or over are found without opening anything, in the order of their ids.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.cases.lead_check import Field
from semblance.errors import VerificationError
from semblance.gallery.record import Record, RecordVersion
from semblance.gallery.request import RequestState
from semblance.store.encoding import read_facts_row, read_strings, write_strings
from semblance.store.engine import Transaction
from semblance.store.gallery import log_alteration
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import describe_damage, find_damaged, require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, read_key
from semblance.store.schema.gallery import subject
from semblance.store.schema.link import pseudonym_count
from semblance.store.schema.record import RECORD_FACTS, audience, record, record_version
from semblance.store.schema.request import reminder, request, request_record
from semblance.store.vault import seal, seal_text, unseal, unseal_text
from semblance.store.worker_notes import RECORD_ENDS
from semblance.terms.ids import AuthorityCode, SubjectId
from semblance.terms.record import RecordFacts, RecordState, Restriction

_CHUNK: Final = 2000
_RECORD: Final = TypeAdapter(Record)
_VERSION: Final = TypeAdapter(RecordVersion)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list shows of a record: its number and the name in it."""

    subject: SubjectId
    facts: RecordFacts
    number: str
    name: str
    version: int


def add_record(tx: Transaction, version: RecordVersion) -> None:
    """Add the first version of a record; its subject must have been added."""
    made = version.record
    key = read_key(tx, subject, made.subject)
    add_row(tx, record, subject_id=made.subject, **_write(tx, key, version))
    _add_version(tx, key, version)


def change_record(tx: Transaction, version: RecordVersion) -> None:
    """Put a new version in the place of the newest; indexes in memory learn what the law sees of it now."""
    changed = version.record
    key = read_key(tx, subject, changed.subject)
    before = find_facts(tx, changed.subject)
    change_rows(tx, record, record.c.subject_id == changed.subject, **_write(tx, key, version))
    _add_version(tx, key, version)
    if before != changed.facts:
        log_alteration(tx, changed.subject)


def find_record(tx: Transaction, subject_id: SubjectId) -> Record | None:
    """Return the subject's record as it stands."""
    require_sealed(tx, PowerKind.RECORD, [subject_id])
    row = tx.connection.execute(
        sa.select(record.c.sealed, record.c.version, subject.c.key_id, *RECORD_FACTS)
        .join_from(record, audience)
        .join(subject, subject.c.id == record.c.subject_id)
        .where(record.c.subject_id == subject_id)
    ).one_or_none()
    if row is None:
        return None
    opened = _RECORD.validate_json(unseal(tx, KeyId(row.key_id), f"record/{subject_id}", bytes(row.sealed)))
    if (opened.version, opened.facts) != (row.version, read_facts_row(row)):
        # that of another version, which was sealed in the same place
        raise VerificationError(describe_damage(PowerKind.RECORD, subject_id))
    return opened


def find_facts(tx: Transaction, subject_id: SubjectId) -> RecordFacts | None:
    """Return what the law sees of the subject's record, without opening anything sealed."""
    require_sealed(tx, PowerKind.RECORD, [subject_id])
    asked = sa.select(*RECORD_FACTS).join_from(record, audience).where(record.c.subject_id == subject_id)
    row = tx.connection.execute(asked).one_or_none()
    return None if row is None else read_facts_row(row)


def find_version(tx: Transaction, subject_id: SubjectId) -> int | None:
    """Return the number of the subject's newest version, without opening anything sealed."""
    return tx.connection.scalar(sa.select(record.c.version).where(record.c.subject_id == subject_id))


def list_versions(tx: Transaction, subject_id: SubjectId) -> tuple[RecordVersion, ...]:
    """Return all versions of the subject's record, newest first."""
    key = read_key(tx, subject, subject_id)
    rows = tx.connection.execute(
        sa.select(record_version.c.version, record_version.c.sealed)
        .where(record_version.c.subject_id == subject_id)
        .order_by(record_version.c.version.desc())
    )
    return tuple(
        _VERSION.validate_json(unseal(tx, key, f"version/{subject_id}/{row.version}", bytes(row.sealed)))
        for row in rows
    )


def read_headings(tx: Transaction, subjects: list[SubjectId]) -> dict[SubjectId, Heading]:
    """Return the headings of these records; those that are not held, or changed by hand, are missing from it."""
    found: dict[SubjectId, Heading] = {}
    damaged = find_damaged(tx, PowerKind.RECORD, subjects)
    subjects = [subject_id for subject_id in subjects if subject_id not in damaged]
    for start in range(0, len(subjects), _CHUNK):
        rows = tx.connection.execute(
            sa.select(record.c.subject_id, record.c.heading, record.c.version, *RECORD_FACTS, subject.c.key_id)
            .join_from(record, audience)
            .join(subject, subject.c.id == record.c.subject_id)
            .where(record.c.subject_id.in_(subjects[start : start + _CHUNK]))
        )
        for row in rows:
            heading = unseal_text(tx, KeyId(row.key_id), f"heading/{row.subject_id}", row.heading)
            number, name = read_strings(heading)
            found[row.subject_id] = Heading(row.subject_id, read_facts_row(row), number, name, row.version)
    return found


def name_record(held: Record) -> str:
    """Return the name that a list shows: family name and given names, or else the name in its own script.

    Of somebody whom nobody could name it is the name that was assigned, and before that the pseudonym.
    """
    personal = held.draft.personal
    latin = ", ".join(part for part in (personal.family_name, personal.given_names) if part)
    assigned = {} if held.assigned is None else dict(held.assigned.fields)
    return latin or personal.original_script or assigned.get(Field.NAMES) or held.pseudonym or ""


def take_pseudonym(tx: Transaction, owner: AuthorityCode, year: int) -> str:
    """Return a new pseudonym for somebody whom nobody could name: ``U-DE-2026-0007``; each is given once."""
    mine = (pseudonym_count.c.owner == owner) & (pseudonym_count.c.year == year)
    if not change_rows(tx, pseudonym_count, mine, last=pseudonym_count.c.last + 1):
        add_row(tx, pseudonym_count, owner=owner, year=year, last=1)
    number = tx.connection.scalars(sa.select(pseudonym_count.c.last).where(mine)).one()
    return f"U-{owner}-{year}-{number:04}"


def _write(tx: Transaction, key: KeyId, version: RecordVersion) -> dict[str, object]:
    held, restriction = version.record, version.record.draft.restriction
    heading = write_strings((held.number, name_record(held)))
    return {
        "audience_id": _require_audience(tx, held.owner, restriction),
        "kind": held.draft.kind,
        "state": held.state,
        "retain_until": held.draft.retain_until,
        "created_at": held.created_at,
        "version": held.version,
        "changed_at": version.at,
        "heading": seal_text(tx, key, f"heading/{held.subject}", heading),
        "sealed": seal(tx, key, f"record/{held.subject}", _RECORD.dump_json(held)),
    }


def _require_audience(tx: Transaction, owner: AuthorityCode, restriction: Restriction) -> int:
    """Return the row for the owner and whom the restriction lets, made where there was none."""
    columns = {
        "owner": owner,
        "restriction": restriction.mode,
        "restricted": write_strings(sorted(restriction.authorities)),
    }
    found: int | None = tx.connection.scalar(sa.select(audience.c.id).filter_by(**columns))
    if found is None:
        found = tx.connection.scalars(sa.insert(audience).values(columns).returning(audience.c.id)).one()
    return found


def _add_version(tx: Transaction, key: KeyId, version: RecordVersion) -> None:
    held = version.record
    sealed = seal(tx, key, f"version/{held.subject}/{held.version}", _VERSION.dump_json(version))
    add_row(tx, record_version, version, subject_id=held.subject, version=held.version, sealed=sealed)


_LIVING: Final = tuple(state for state in RecordState if state is not RecordState.EXPIRED)
_OPEN: Final = (RecordState.DRAFT, RecordState.ACTIVE, RecordState.BLOCKED)


@dataclass(frozen=True, slots=True)
class Ending:
    """A record and its last day."""

    subject: SubjectId
    owner: AuthorityCode
    last_day: date


def find_ended(tx: Transaction, *, today: date, after: str, limit: int) -> tuple[SubjectId, ...]:
    """Return records that are not expired though their last day has passed, from the one after that id."""
    ended = (record.c.retain_until < today) & record.c.state.in_(_LIVING)
    return _list_ids(tx, ended, after, limit)


def find_erasable(tx: Transaction, *, ended_before: date, limit: int) -> tuple[SubjectId, ...]:
    """Return expired records whose last day lies before that day and about which no request waits for its answer."""
    waiting = (
        sa.select(request_record.c.subject_id)
        .join(request, request.c.id == request_record.c.request_id)
        .where(request.c.state == RequestState.RECEIVED)
    )
    ended = (record.c.retain_until < ended_before) & (record.c.state == RecordState.EXPIRED)
    return _list_ids(tx, ended & record.c.subject_id.not_in(waiting), "", limit)


def find_unreminded(tx: Transaction, *, today: date, last: date, limit: int) -> tuple[Ending, ...]:
    """Return records whose last day lies between both days and of which their owner was not reminded yet, by owner."""
    told = sa.exists().where(
        reminder.c.kind == RECORD_ENDS,
        reminder.c.about == record.c.subject_id,
        reminder.c.due_on == record.c.retain_until,
    )
    near = record.c.retain_until.between(today, last) & record.c.state.in_(_OPEN)
    rows = tx.connection.execute(
        sa.select(record.c.subject_id, audience.c.owner, record.c.retain_until)
        .join(audience)
        .where(near, ~told)
        .order_by(audience.c.owner, record.c.retain_until, record.c.subject_id)
        .limit(limit)
    )
    return tuple(Ending(SubjectId(row.subject_id), AuthorityCode(row.owner), row.retain_until) for row in rows)


def find_reminded(tx: Transaction, owner: AuthorityCode, *, limit: int) -> tuple[tuple[SubjectId, RecordFacts], ...]:
    """Return the owner's records of which it was reminded, and whose last day is still the one that it was told."""
    told = (reminder.c.kind == RECORD_ENDS) & (reminder.c.about == record.c.subject_id)
    asked = (
        sa.select(record.c.subject_id, *RECORD_FACTS)
        .join_from(record, audience)
        .join(reminder, told & (reminder.c.due_on == record.c.retain_until))
        .where(audience.c.owner == owner, record.c.state.in_(_OPEN))
        .order_by(record.c.retain_until, record.c.subject_id)
    )
    rows = take_sealed(tx, PowerKind.RECORD, asked, lambda row: row.subject_id, limit)
    return tuple((SubjectId(row.subject_id), read_facts_row(row)) for row in rows)


def _list_ids(tx: Transaction, which: sa.ColumnElement[bool], after: str, limit: int) -> tuple[SubjectId, ...]:
    asked = sa.select(record.c.subject_id).where(which, record.c.subject_id > after).order_by(record.c.subject_id)
    rows = take_sealed(tx, PowerKind.RECORD, asked, lambda row: row.subject_id, limit)
    return tuple(row.subject_id for row in rows)
