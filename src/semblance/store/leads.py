"""Leads: what the owner of a record was asked, what it answered, and what it released."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from semblance.cases.lead_check import HeldLead, LeadState
from semblance.store import notifications
from semblance.store.encoding import write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, count_groups, find_first, read_key, read_row
from semblance.store.schema.examination import examination, lead
from semblance.store.schema.gallery import search, subject
from semblance.store.vault import seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, ExaminationId, LeadId, SubjectId

_AT_ONCE: Final = 500


def add_lead(tx: Transaction, made: HeldLead) -> None:
    """Add a lead that waits for its owner."""
    add_row(tx, lead, made)


def find_lead(tx: Transaction, which: LeadId, owner: AuthorityCode) -> HeldLead | None:
    """Return the lead with that id, where it is on one of the owner's records."""
    require_sealed(tx, PowerKind.LEAD, [which])
    return find_first(_list(tx, (lead.c.id == which) & (lead.c.owner == owner)))


def list_of_examination(tx: Transaction, which: ExaminationId) -> tuple[HeldLead, ...]:
    """Return the leads of an examination in the order of the pseudonyms."""
    return _list(tx, lead.c.examination_id == which)


def list_of_owner(
    tx: Transaction, owner: AuthorityCode, *, states: Collection[LeadState], limit: int
) -> tuple[HeldLead, ...]:
    """Return the leads on an authority's records, the one with the nearest deadline first."""
    return _list(tx, (lead.c.owner == owner) & lead.c.state.in_(states), limit=limit)


def list_of_authority(
    tx: Transaction, authority: AuthorityCode, *, states: Collection[LeadState], limit: int
) -> tuple[HeldLead, ...]:
    """Return the leads that an authority's searches made, the one with the nearest deadline first."""
    return _list(tx, (lead.c.authority == authority) & lead.c.state.in_(states), limit=limit)


def list_unreminded(tx: Transaction, *, due_before: datetime, limit: int) -> tuple[HeldLead, ...]:
    """Return waiting leads that end soon and whose owner was not reminded yet."""
    soon = (lead.c.state == LeadState.WAITING) & (lead.c.due_at <= due_before) & lead.c.reminded_at.is_(None)
    return _list(tx, soon, limit=limit)


def list_overdue(tx: Transaction, *, now: datetime, limit: int) -> tuple[HeldLead, ...]:
    """Return waiting leads whose time is over."""
    return _list(tx, (lead.c.state == LeadState.WAITING) & (lead.c.due_at <= now), limit=limit)


def note_reminded(tx: Transaction, which: LeadId, at: datetime) -> None:
    """Note that the owner was reminded."""
    change_rows(tx, lead, lead.c.id == which, reminded_at=at)


def move_lead(tx: Transaction, which: LeadId, state: LeadState) -> None:
    """Move a lead to another state that nobody decided."""
    change_rows(tx, lead, lead.c.id == which, state=state)


def answer_lead(
    tx: Transaction,
    held: HeldLead,
    state: LeadState,
    *,
    reason: str,
    person: str,
    at: datetime,
    key: KeyId,
    released: Mapping[str, str] | None,
    recipients: Collection[AuthorityCode],
) -> None:
    """Keep the owner's answer: the reason under the search's key, what is released under the subject's own."""
    sealed_release = None
    if released is not None:
        document = json.dumps({"fields": dict(released), "recipients": sorted(recipients)}, ensure_ascii=False)
        sealed_release = seal_text(tx, read_key(tx, subject, held.subject), f"release/{held.id}", document)
    sealed = seal_text(tx, key, f"lead/{held.id}", write_text(reason))
    decided = {"state": state, "decided_at": at, "decided_by": person}
    change_rows(tx, lead, lead.c.id == held.id, **decided, sealed=sealed, released=sealed_release)


def read_released(tx: Transaction, which: LeadId, authority: AuthorityCode) -> dict[str, str] | None:
    """Return the fields that were released to the authority; None where none were, or where the record is gone."""
    require_sealed(tx, PowerKind.LEAD, [which])
    row = tx.connection.execute(
        sa.select(lead.c.released, subject.c.key_id)
        .join(subject, subject.c.id == lead.c.subject_id)
        .where(lead.c.id == which)
    ).one_or_none()
    if row is None or row.released is None:
        return None
    document = json.loads(unseal_text(tx, KeyId(row.key_id), f"release/{which}", row.released))
    return dict(document["fields"]) if authority in document["recipients"] else None


def forget_leads(tx: Transaction, searches: sa.Select[Any]) -> None:
    """Erase what was said about the leads of these searches, and whom they were about; their states stay as counts."""
    which = sa.select(examination.c.id).where(examination.c.search_id.in_(searches))
    change_rows(tx, lead, lead.c.examination_id.in_(which), subject_id="", sealed=None, released=None)
    _end_waiting(tx, lead.c.examination_id.in_(which))


def forget_subject(tx: Transaction, which: SubjectId) -> None:
    """Erase what was released of a subject; leads on it that waited end."""
    change_rows(tx, lead, lead.c.subject_id == which, released=None)
    _end_waiting(tx, lead.c.subject_id == which)


def count_states(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, LeadState, int], ...]:
    """Return how many leads made since then stand in which state, by the authority that searched."""
    rows = count_groups(tx, lead.c.authority, lead.c.state, where=lead.c.made_at >= since)
    return tuple((row[0], LeadState(row[1]), row[2]) for row in rows)


def _end_waiting(tx: Transaction, which: sa.ColumnElement[bool]) -> None:
    waiting = lead.c.state.in_([LeadState.WAITING, LeadState.UNANSWERED])
    ended = tx.connection.scalars(sa.select(lead.c.id).where(which, waiting)).all()
    for start in range(0, len(ended), _AT_ONCE):
        some = ended[start : start + _AT_ONCE]
        change_rows(tx, lead, lead.c.id.in_(some), state=LeadState.ERASED)
        # nobody is asked any more to check what is not there
        notifications.drop_unsent(tx, some)


def _list(tx: Transaction, which: sa.ColumnElement[bool], *, limit: int | None = None) -> tuple[HeldLead, ...]:
    asked = (
        sa.select(lead, search.c.key_id)
        .join(examination, examination.c.id == lead.c.examination_id)
        .join(search, search.c.id == examination.c.search_id)
        .where(which)
        .order_by(lead.c.due_at, lead.c.id)
    )
    if limit is None:
        rows = list(tx.connection.execute(asked))
        require_sealed(tx, PowerKind.LEAD, (row.id for row in rows))
    else:
        rows = take_sealed(tx, PowerKind.LEAD, asked, lambda row: row.id, limit)
    return tuple(_read(tx, row) for row in rows)


def _read(tx: Transaction, row: sa.Row[Any]) -> HeldLead:
    reason = None if row.sealed is None else unseal_text(tx, KeyId(row.key_id), f"lead/{row.id}", row.sealed)
    return read_row(HeldLead, row, reason=reason)
