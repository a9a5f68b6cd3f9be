"""Authorisations of the searches for a probe."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from semblance.cases.case import Authorisation, AuthorisationState
from semblance.store.encoding import write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, count_groups, find_first, read_key, read_row
from semblance.store.schema.case import authorisation, case_file
from semblance.store.vault import seal_text, unseal_text
from semblance.terms.ids import AuthorisationId, AuthorityCode, CaseId, ProbeId


def add_authorisation(tx: Transaction, made: Authorisation) -> None:
    """Add a request; there must be none for the probe yet."""
    add_row(tx, authorisation, made, reason=None)


def find_authorisation(
    tx: Transaction, authorisation_id: AuthorisationId, authority: AuthorityCode
) -> Authorisation | None:
    """Return the authority's authorisation with that id."""
    return find_first(_list(tx, (authorisation.c.id == authorisation_id) & (authorisation.c.authority == authority)))


def find_for_probe(tx: Transaction, probe: ProbeId) -> Authorisation | None:
    """Return the authorisation of a probe."""
    return find_first(_list(tx, authorisation.c.probe_id == probe))


def list_authorisations(
    tx: Transaction, authority: AuthorityCode, *, state: AuthorisationState | None, limit: int
) -> tuple[Authorisation, ...]:
    """Return the authority's authorisations: those with the nearest end of their clock first."""
    mine = authorisation.c.authority == authority
    order = (authorisation.c.due_at.is_(None), authorisation.c.due_at, authorisation.c.id)
    return _list(tx, mine if state is None else mine & (authorisation.c.state == state), *order, limit=limit)


def list_late(tx: Transaction, *, now: datetime, limit: int) -> tuple[Authorisation, ...]:
    """Return the waiting authorisations whose clock ran out."""
    late = (authorisation.c.state == AuthorisationState.WAITING) & (authorisation.c.due_at <= now)
    return _list(tx, late, authorisation.c.due_at, limit=limit)


def decide_authorisation(
    tx: Transaction, held: Authorisation, state: AuthorisationState, *, at: datetime, person: str, reason: str
) -> None:
    """Write what became of a request."""
    sealed = seal_text(tx, read_key(tx, case_file, held.case), f"authorisation/{held.id}", write_text(reason))
    decided = {"state": state, "decided_at": at, "decided_by": person, "reason": sealed}
    change_rows(tx, authorisation, authorisation.c.id == held.id, **decided)


def end_waiting(tx: Transaction, case_id: CaseId, *, at: datetime, person: str, clockless_only: bool = False) -> None:
    """Write that nobody decided about what waits in a case; ``clockless_only``: about what no clock ends."""
    waiting = (authorisation.c.case_id == case_id) & (authorisation.c.state == AuthorisationState.WAITING)
    if clockless_only:
        waiting &= authorisation.c.due_at.is_(None)
    change_rows(tx, authorisation, waiting, state=AuthorisationState.LATE, decided_at=at, decided_by=person)


def forget_reasons(tx: Transaction, case_id: CaseId) -> None:
    """Erase why the authorisations in a case were decided as they were."""
    change_rows(tx, authorisation, authorisation.c.case_id == case_id, reason=None)


def count_states(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, str, int], ...]:
    """Return the number of authorisations asked for since then, by authority and what became of them."""
    columns = (authorisation.c.authority, authorisation.c.state)
    rows = count_groups(tx, *columns, where=authorisation.c.requested_at >= since)
    return tuple((row[0], row[1], row[2]) for row in rows)


def _list(
    tx: Transaction, which: sa.ColumnElement[bool], *order: sa.ColumnElement[Any], limit: int | None = None
) -> tuple[Authorisation, ...]:
    asked = sa.select(authorisation, case_file.c.key_id).join(case_file).where(which).order_by(*order)
    if limit is None:
        rows = list(tx.connection.execute(asked))
        require_sealed(tx, PowerKind.CASE, (row.case_id for row in rows))
    else:
        rows = take_sealed(tx, PowerKind.CASE, asked, lambda row: row.case_id, limit)
    return tuple(read_row(Authorisation, row, reason=_read_reason(tx, row)) for row in rows)


def _read_reason(tx: Transaction, row: sa.Row[Any]) -> str | None:
    if row.reason is None:
        return None
    return unseal_text(tx, KeyId(row.key_id), f"authorisation/{row.id}", row.reason)
