"""Links between records of unknown people, and the verified leads that they rest on.

What is hidden from an authority is left out in memory before anything of it is checked or opened, so that a link to a
hidden record costs what no link costs.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from semblance.cases.lead_check import HeldLead, LeadState
from semblance.cases.link_check import LeadPair, RecordLink
from semblance.store.encoding import read_facts_row
from semblance.store.engine import Transaction
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import keep_sealed, require_sealed, split
from semblance.store.records import find_facts
from semblance.store.rows import add_row, change_rows, find_first, read_row, read_values
from semblance.store.schema.examination import examination, lead
from semblance.store.schema.gallery import search
from semblance.store.schema.link import record_link
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.terms.ids import AuthorityCode, LeadId, LinkId, SubjectId
from semblance.terms.record import RecordFacts

_LEADS: Final = (
    sa.select(lead, search.c.origin_id, search.c.id.label("searched"))
    .join(examination, examination.c.id == lead.c.examination_id)
    .join(search, search.c.id == examination.c.search_id)
)


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link, and what the law sees of each of its records; None where one was erased since."""

    link: RecordLink
    sides: Mapping[SubjectId, RecordFacts | None]


def order_pair(one: SubjectId, other: SubjectId) -> tuple[SubjectId, SubjectId]:
    """Return both ids, the lesser first, as links and pairs name them."""
    return (one, other) if one < other else (other, one)


def add_link(tx: Transaction, made: RecordLink) -> None:
    """Add a link; there must be no other between the two records that was not parted."""
    add_row(tx, record_link, made)


def part_link(tx: Transaction, which: LinkId, *, at: datetime, person: str, entry: int) -> None:
    """Part a link; it stays, and says so."""
    change_rows(tx, record_link, record_link.c.id == which, parted_at=at, parted_by=person, parted_in=entry)


def find_current(tx: Transaction, one: SubjectId, other: SubjectId) -> RecordLink | None:
    """Return the link between two records that was not parted."""
    first, second = order_pair(one, other)
    mine = (record_link.c.first_id == first) & (record_link.c.second_id == second) & record_link.c.parted_at.is_(None)
    return find_first(_read(tx, mine))


def find_link(tx: Transaction, which: LinkId, authority: AuthorityCode) -> RecordLink | None:
    """Return the link with that id where the authority owns one of its records and may know of the other."""
    require_sealed(tx, PowerKind.LINK, [which])
    own = (record_link.c.first_owner == authority) | (record_link.c.second_owner == authority)
    return find_first(shown.link for shown in _keep_open(tx, (record_link.c.id == which) & own, authority))


def list_links(tx: Transaction, subject: SubjectId, authority: AuthorityCode) -> tuple[FoundLink, ...]:
    """Return the links of a record as far as the authority may know of both records, the oldest first.

    One of which a record was erased since is told to both owners only: who else knew of it is forgotten.
    """
    mine = (record_link.c.first_id == subject) | (record_link.c.second_id == subject)
    return _keep_open(tx, mine, authority)


def list_linked(tx: Transaction, subject: SubjectId, authority: AuthorityCode) -> frozenset[SubjectId]:
    """Return the records that this one is linked with now, as far as the authority may know of them."""
    found = (shown.link for shown in list_links(tx, subject, authority))
    return frozenset(link.find_other(subject) for link in found if link.parted_at is None)


def find_linked(
    tx: Transaction, asked: Iterable[tuple[SubjectId, SubjectId]]
) -> frozenset[tuple[SubjectId, SubjectId]]:
    """Return those of these pairs that are linked now, as they were given; a link changed by hand is none."""
    pairs = {order_pair(*pair): pair for pair in asked}
    rows = keep_rows_of(tx, record_link, PowerKind.LINK, pairs)
    return frozenset(pairs[row.first_id, row.second_id] for row in rows if row.parted_at is None)


def keep_rows_of(
    tx: Transaction, table: sa.Table, kind: PowerKind, pairs: Collection[tuple[SubjectId, SubjectId]]
) -> list[sa.Row[Any]]:
    """Return the rows about these pairs, lesser id first, of which nothing was changed by hand."""
    found: list[sa.Row[Any]] = []
    for some in split(sorted({first for first, _ in pairs})):
        rows = tx.connection.execute(sa.select(table).where(table.c.first_id.in_(some))).all()
        found += (row for row in rows if (row.first_id, row.second_id) in pairs)
    return keep_sealed(tx, kind, found, lambda row: row.id)


def find_lead_pair(tx: Transaction, which: LeadId, authority: AuthorityCode) -> LeadPair | None:
    """Return the two records of a lead, where the authority owns one of them and may know of the other."""
    row = tx.connection.execute(_LEADS.where(lead.c.id == which, lead.c.subject_id != "")).one_or_none()
    found = None if row is None or row.origin_id is None else row
    # of no lead nothing is asked for under no ids, so that the store is asked the same
    origin, candidate = ("", "") if found is None else (found.origin_id, found.subject_id)
    facts = find_facts(tx, SubjectId(origin)), find_facts(tx, SubjectId(candidate))
    if found is None:
        return None
    pair = LeadPair(_read_lead(found), SubjectId(origin), *facts)
    if not pair.is_known_to(authority):
        return None
    _require_leads_sealed(tx, [found])
    return pair


def list_lead_pairs(tx: Transaction, subject: SubjectId, authority: AuthorityCode) -> tuple[LeadPair, ...]:
    """Return the confirmed leads between a record of the authority and others that it may know of, the oldest first."""
    mine = (search.c.origin_id == subject) | ((lead.c.subject_id == subject) & search.c.origin_id.is_not(None))
    asked = _LEADS.where(mine, lead.c.state == LeadState.CONFIRMED, lead.c.subject_id != "")
    rows = tx.connection.execute(asked.order_by(lead.c.made_at, lead.c.id)).all()
    sides = {side for row in rows for side in (row.origin_id, row.subject_id)}
    facts = read_sides(tx, sides)
    pairs = [
        (row, LeadPair(_read_lead(row), SubjectId(row.origin_id), facts.get(row.origin_id), facts.get(row.subject_id)))
        for row in rows
    ]
    known = [(row, pair) for row, pair in pairs if pair.is_known_to(authority)]
    _require_leads_sealed(tx, [row for row, _ in known])
    return tuple(pair for _, pair in known)


def _require_leads_sealed(tx: Transaction, rows: Collection[Any]) -> None:
    require_sealed(tx, PowerKind.LEAD, [row.id for row in rows])
    require_sealed(tx, PowerKind.SEARCH, [row.searched for row in rows])


def _read_lead(row: Any) -> HeldLead:
    return read_row(HeldLead, row, reason=None)


def _read(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[RecordLink, ...]:
    found = read_values(tx, RecordLink, sa.select(record_link).where(which))
    require_sealed(tx, PowerKind.LINK, [link.id for link in found])
    return found


def _keep_open(tx: Transaction, which: sa.ColumnElement[bool], authority: AuthorityCode) -> tuple[FoundLink, ...]:
    asked = sa.select(record_link).where(which).order_by(record_link.c.linked_at, record_link.c.id)
    links = read_values(tx, RecordLink, asked)
    facts = read_sides(tx, {side for link in links for side in (link.first, link.second)})
    found = []
    for link in links:
        first, second = facts.get(link.first), facts.get(link.second)
        whole = first is not None and second is not None
        owned = authority in (link.first_owner, link.second_owner)
        if all(side is None or side.is_visible_to(authority) for side in (first, second)) and (whole or owned):
            found.append(FoundLink(link, {link.first: first, link.second: second}))
    require_sealed(tx, PowerKind.LINK, [shown.link.id for shown in found])
    held = {side for shown in found for side, seen in shown.sides.items() if seen is not None}
    require_sealed(tx, PowerKind.RECORD, sorted(held))
    return tuple(found)


def read_sides(tx: Transaction, subjects: Collection[str]) -> dict[str, RecordFacts]:
    """Return what the law sees of these records, in one question also where there are none; seals are not checked."""
    asked = sa.select(record.c.subject_id, *RECORD_FACTS).join_from(record, audience)
    rows = tx.connection.execute(asked.where(record.c.subject_id.in_(list(subjects)))).all()
    return {row.subject_id: read_facts_row(row) for row in rows}
