"""Records of searches, each sealed under a key of its own, which goes when what was said in it has had its time."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.cases.examination import OPEN_STATES
from semblance.gallery.outcome import CaptureDate
from semblance.messages.message import Message
from semblance.store.encoding import read_face, write_fields
from semblance.store.engine import Transaction
from semblance.store.examinations import forget_examinations
from semblance.store.keyring.keyring import KeyId
from semblance.store.leads import forget_leads
from semblance.store.photos import find_photo
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.records import read_headings
from semblance.store.rows import add_row, add_rows, change_rows, count_rows, delete_rows, read_row, read_values
from semblance.store.schema.examination import examination
from semblance.store.schema.gallery import face, probe, reference, search, search_candidate, subject
from semblance.store.schema.standing import standing_found
from semblance.store.schema.workbench import search_probe
from semblance.store.touched import forget_touched
from semblance.store.vault import destroy_key, make_key, seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, CaseId, PhotoId, ProbeId, ReferenceId, SearchId, SubjectId
from semblance.terms.permission import Purpose
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Box
from semblance.terms.search import EVERYBODY, Candidate

_SEARCH: Final = TypeAdapter(SearchRecord)
_NOTHING: Final[dict[str, Any]] = {
    "case": "",
    "reason": "",
    "probe_sha256": "",
    "probe_name": "",
    "face": None,
    "face_box": None,
    "refusal": None,
    "prepared": None,
    "also": (),
    "narrowed": EVERYBODY,
    "left_out": 0,
    "standing": None,
    "answered": 0,
    "again": "",
    "frames": 0,
}
"""What the sealed document says, as it reads after it was erased."""


@dataclass(frozen=True, slots=True)
class KnownReference:
    """What a reference is known by while it is held."""

    number: str
    facts: RecordFacts
    photo: PhotoId
    box: Box
    captured: CaptureDate | None
    notes: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Appearance:
    """One search in which somebody was shown as a candidate; nothing of the case."""

    at: datetime
    authority: AuthorityCode
    purpose: str


@dataclass(frozen=True, slots=True)
class NumberedRecord:
    """A record with its number in the order of recording."""

    number: int
    record: SearchRecord


def add_search(tx: Transaction, record: SearchRecord) -> KeyId:
    """Record a search with its candidates, and return the key that seals it."""
    key = make_key(tx, "search")
    sealed = seal_text(tx, key, f"search/{record.search}", write_fields(_SEARCH, record, set(_NOTHING)))
    others = {"id": record.search, "at": record.when, "candidate_limit": record.limit}
    if record.origin is None:
        # whoever searches, by themselves or each night, cannot forget whose record the photo is of
        others["origin_id"] = tx.connection.scalar(sa.select(probe.c.origin_id).where(probe.c.id == record.probe))
    add_row(tx, search, record, key_id=key, sealed=sealed, **others)
    searched = dict.fromkeys((record.probe, *(other.probe for other in record.also)))
    add_rows(tx, search_probe, ({"probe_id": probe} for probe in searched), search_id=record.search)
    add_rows(tx, search_candidate, record.candidates, search_id=record.search)
    return key


def find_search(tx: Transaction, search_id: SearchId, authority: AuthorityCode | None = None) -> SearchRecord | None:
    """Return the record of the search with that id; where an authority is named, only if it is that one's."""
    require_sealed(tx, PowerKind.SEARCH, [search_id])
    asked = sa.select(search).where(search.c.id == search_id)
    asked = asked if authority is None else asked.where(search.c.authority == authority)
    found = _list(tx, tx.connection.execute(asked).all())
    return found[0].record if found else None


def find_search_key(tx: Transaction, search_id: SearchId) -> KeyId | None:
    """Return the key that seals a search; None where what was said in it is erased."""
    kept = (search.c.id == search_id) & search.c.sealed.is_not(None)
    return tx.connection.scalar(sa.select(search.c.key_id).where(kept))


def list_searches(
    tx: Transaction, authority: AuthorityCode, *, before: int | None, limit: int, case: CaseId | None = None
) -> tuple[NumberedRecord, ...]:
    """Return an authority's records, newest first, from the one before that number."""
    asked = sa.select(search).where(search.c.authority == authority).order_by(search.c.number.desc())
    if case is not None:
        asked = asked.where(search.c.case_id == case)
    if before is not None:
        asked = asked.where(search.c.number < before)
    return _list(tx, take_sealed(tx, PowerKind.SEARCH, asked, lambda row: row.id, limit))


def list_answered(tx: Transaction, *, limit: int) -> tuple[SearchRecord, ...]:
    """Return the newest answered searches of all authorities of which what was said is not erased."""
    asked = (
        sa.select(search)
        .where(search.c.outcome == SearchOutcome.ANSWERED, search.c.sealed.is_not(None))
        .order_by(search.c.number.desc())
    )
    rows = take_sealed(tx, PowerKind.SEARCH, asked, lambda row: row.id, limit)
    return tuple(numbered.record for numbered in _list(tx, rows))


def count_searches(
    tx: Transaction,
    authority: AuthorityCode | None = None,
    *,
    since: datetime | None = None,
    purpose: Purpose | None = None,
) -> int:
    """Return how many searches are recorded, of one authority or of all.

    With ``since``: those that people made and that were answered since then; standing searches have a cap of their own.
    """
    which: list[sa.ColumnElement[bool]] = []
    if authority is not None:
        which.append(search.c.authority == authority)
    if purpose is not None:
        which.append(search.c.purpose == purpose)
    if since is not None:
        by_itself = sa.exists().where(standing_found.c.search_id == search.c.id)
        which += [search.c.at >= since, search.c.outcome == SearchOutcome.ANSWERED, ~by_itself]
    return count_rows(tx, search, *which)


def count_by_day(tx: Transaction, *, since: datetime) -> tuple[tuple[str, AuthorityCode, str, str, int], ...]:
    """Return the number of searches by day, authority, purpose and outcome, newest day first."""
    day = sa.func.substr(search.c.at, 1, 10).label("day")
    columns = (day, search.c.authority, search.c.purpose, search.c.outcome)
    rows = tx.connection.execute(
        sa.select(*columns, sa.func.count())
        .where(search.c.at >= since)
        .group_by(*columns)
        .order_by(day.desc(), search.c.authority, search.c.purpose, search.c.outcome)
    )
    return tuple((row[0], row[1], row[2], row[3], row[4]) for row in rows)


def list_appearances(tx: Transaction, subject: SubjectId) -> tuple[Appearance, ...]:
    """Return the searches in which the subject was a candidate, oldest first; those whose time is over are gone.

    Those whose candidates people still examine are left out.
    """
    shown = sa.select(search_candidate.c.search_id).where(search_candidate.c.subject_id == subject)
    examined = sa.select(examination.c.search_id).where(examination.c.state.in_(OPEN_STATES))
    told = search.c.id.in_(shown) & search.c.id.not_in(examined)
    return read_values(tx, Appearance, sa.select(search).where(told).order_by(search.c.number))


def erase_searches_of(tx: Transaction, probes: Sequence[ProbeId]) -> tuple[int, int]:
    """Erase what was said and found in the searches of these probes, also of those that were joined with others.

    Return how many searches and candidates.
    """
    joined = sa.select(search_probe.c.search_id).where(search_probe.c.probe_id.in_(probes))
    return _erase(tx, search.c.id.in_(joined))


def find_justified(tx: Transaction, *, before: datetime, limit: int) -> tuple[SearchId, ...]:
    """Return searches made before that moment whose justification is held still, oldest first."""
    due = sa.select(search.c.id).where(search.c.at < before, search.c.sealed.is_not(None))
    rows = take_sealed(tx, PowerKind.SEARCH, due.order_by(search.c.number), lambda row: row.id, limit)
    return tuple(SearchId(row.id) for row in rows)


def erase_searches_before(tx: Transaction, moment: datetime, *, limit: int) -> tuple[int, int]:
    """Erase what was said and found in searches made before that moment; return how many searches and candidates."""
    return _erase(tx, search.c.id.in_(find_justified(tx, before=moment, limit=limit)))


def erase_search(tx: Transaction, search_id: SearchId) -> tuple[int, int]:
    """Erase what was said and found in one search; return how many searches and candidates."""
    return _erase(tx, search.c.id == search_id)


def erase_searches_from(tx: Transaction, subject: SubjectId) -> tuple[int, int]:
    """Erase what was said and found in searches for photos of a record; return how many searches and candidates."""
    return _erase(tx, search.c.origin_id == subject)


def erase_searches_in(tx: Transaction, case: CaseId) -> tuple[int, int]:
    """Erase what was said and found in the searches of a case; return how many searches and candidates."""
    return _erase(tx, search.c.case_id == case)


def find_known(tx: Transaction, references: Iterable[ReferenceId]) -> dict[ReferenceId, KnownReference]:
    """Return what the references are known by; those that were erased, or changed by hand, are missing from it."""
    rows = tx.connection.execute(
        sa.select(
            reference.c.id,
            reference.c.subject_id,
            reference.c.ordinal,
            reference.c.photo_id,
            subject.c.key_id,
            face.c.sample,
        )
        .join(subject, reference.c.subject_id == subject.c.id)
        .join(face, (face.c.photo_id == reference.c.photo_id) & (face.c.ordinal == reference.c.ordinal))
        .where(reference.c.id.in_(list(references)))
    ).all()
    headings = read_headings(tx, [row.subject_id for row in rows])
    known = {}
    for row in rows:
        if row.subject_id not in headings:
            continue
        heading, stored = headings[row.subject_id], find_photo(tx, row.photo_id)
        sample = unseal_text(tx, row.key_id, f"face/{row.photo_id}/{row.ordinal}", row.sample)
        captured, notes = (None, ()) if stored is None else (stored.captured, stored.facts.notes)
        box = read_face(sample).box
        known[row.id] = KnownReference(heading.number, heading.facts, row.photo_id, box, captured, notes)
    return known


def _erase(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[int, int]:
    sealed = which & search.c.sealed.is_not(None)
    for key in tx.connection.scalars(sa.select(search.c.key_id).where(sealed)).all():
        forget_touched(tx, key)
        destroy_key(tx, key)
    ended = sa.select(search.c.id).where(which)
    forget_leads(tx, ended)
    forget_examinations(tx, ended)
    candidates = delete_rows(tx, search_candidate, search_candidate.c.search_id.in_(ended))
    return change_rows(tx, search, sealed, sealed=None, origin_id=None), candidates


def _list(tx: Transaction, rows: Sequence[sa.Row[Any]]) -> tuple[NumberedRecord, ...]:
    candidates: dict[str, list[Candidate]] = {row.id: [] for row in rows}
    found = tx.connection.execute(
        sa.select(search_candidate)
        .where(search_candidate.c.search_id.in_(list(candidates)))
        .order_by(search_candidate.c.search_id, search_candidate.c.rank)
    )
    for row in found:
        candidates[row.search_id].append(read_row(Candidate, row))
    return tuple(NumberedRecord(row.number, _read(tx, row, tuple(candidates[row.id]))) for row in rows)


def _read(tx: Transaction, row: Any, candidates: tuple[Candidate, ...]) -> SearchRecord:
    document: dict[str, Any] = {}
    if row.sealed is not None:
        document = json.loads(unseal_text(tx, KeyId(row.key_id), f"search/{row.id}", row.sealed))
        _open_former(document)
    return _SEARCH.validate_python(
        {
            **row._asdict(),
            **_NOTHING,
            **document,
            "search": row.id,
            "when": row.at,
            "probe": row.probe_id,
            "origin": row.origin_id,
            "limit": row.candidate_limit,
            "candidates": candidates,
            "erased": row.sealed is None,
        }
    )


def _open_former(document: dict[str, Any]) -> None:
    """Open what stores of before hold as texts of JSON in the document."""
    if isinstance(document.get("face_box"), str):
        document["face_box"] = Box(*json.loads(document["face_box"]))
    for searched in (document, *document.get("also", ())):
        prepared = searched.get("prepared")
        if prepared is not None and isinstance(prepared["box"], str):
            prepared["box"] = Box(*json.loads(prepared["box"]))
            prepared["original"] = read_face(prepared["original"])
    if document.get("narrowed") is None:
        document.pop("narrowed", None)
