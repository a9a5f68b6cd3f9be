"""Authorisations of the searches for a probe."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from semblance.cases.case import Authorisation, AuthorisationState
from semblance.store.cases import find_case_key
from semblance.store.encoding import write_text
from semblance.store.engine import Transaction
from semblance.store.schema.case import authorisation, case_file
from semblance.store.vault import seal_text, unseal_text
from semblance.terms.ids import AuthorisationId, AuthorityCode, CaseId, ProbeId


def add_authorisation(tx: Transaction, made: Authorisation) -> None:
    """Add a request; there must be none for the probe yet."""
    tx.connection.execute(
        sa.insert(authorisation).values(
            id=made.id,
            case_id=made.case,
            probe_id=made.probe,
            authority=made.authority,
            requested_at=made.requested_at,
            requested_by=made.requested_by,
            due_at=made.due_at,
            state=made.state.value,
        )
    )


def find_authorisation(tx: Transaction, authorisation_id: AuthorisationId) -> Authorisation | None:
    """Return the authorisation with that id."""
    row = tx.connection.execute(sa.select(authorisation).where(authorisation.c.id == authorisation_id)).one_or_none()
    return None if row is None else _read(tx, row)


def find_for_probe(tx: Transaction, probe: ProbeId) -> Authorisation | None:
    """Return the authorisation of a probe."""
    row = tx.connection.execute(sa.select(authorisation).where(authorisation.c.probe_id == probe)).one_or_none()
    return None if row is None else _read(tx, row)


def list_authorisations(
    tx: Transaction, authority: AuthorityCode, *, state: AuthorisationState | None, limit: int
) -> tuple[Authorisation, ...]:
    """Return the authority's authorisations: those with the nearest end of their clock first."""
    asked = sa.select(authorisation).where(authorisation.c.authority == authority)
    if state is not None:
        asked = asked.where(authorisation.c.state == state.value)
    order = (authorisation.c.due_at.is_(None), authorisation.c.due_at, authorisation.c.id)
    return tuple(_read(tx, row) for row in tx.connection.execute(asked.order_by(*order).limit(limit)).all())


def list_late(tx: Transaction, *, now: datetime, limit: int) -> tuple[Authorisation, ...]:
    """Return the waiting authorisations whose clock ran out."""
    late = (authorisation.c.state == AuthorisationState.WAITING.value) & (authorisation.c.due_at <= now)
    rows = tx.connection.execute(sa.select(authorisation).where(late).order_by(authorisation.c.due_at).limit(limit))
    return tuple(_read(tx, row) for row in rows.all())


def decide_authorisation(
    tx: Transaction, held: Authorisation, state: AuthorisationState, *, at: datetime, person: str, reason: str
) -> None:
    """Write what became of a request."""
    sealed = seal_text(tx, find_case_key(tx, held.case), f"authorisation/{held.id}", write_text(reason))
    tx.connection.execute(
        sa.update(authorisation)
        .where(authorisation.c.id == held.id)
        .values(state=state.value, decided_at=at, decided_by=person, reason=sealed)
    )


def end_waiting(tx: Transaction, case_id: CaseId, *, at: datetime, person: str, clockless_only: bool = False) -> None:
    """Write that nobody decided about what waits in a case; ``clockless_only``: about what no clock ends."""
    waiting = (authorisation.c.case_id == case_id) & (authorisation.c.state == AuthorisationState.WAITING.value)
    if clockless_only:
        waiting &= authorisation.c.due_at.is_(None)
    ended = {"state": AuthorisationState.LATE.value, "decided_at": at, "decided_by": person}
    tx.connection.execute(sa.update(authorisation).where(waiting).values(**ended))


def forget_reasons(tx: Transaction, case_id: CaseId) -> None:
    """Erase why the authorisations in a case were decided as they were."""
    tx.connection.execute(sa.update(authorisation).where(authorisation.c.case_id == case_id).values(reason=None))


def _read(tx: Transaction, row: Any) -> Authorisation:
    reason = None
    if row.reason is not None:
        key = tx.connection.scalars(sa.select(case_file.c.key_id).where(case_file.c.id == row.case_id)).one()
        reason = unseal_text(tx, key, f"authorisation/{row.id}", row.reason)
    return Authorisation(
        id=AuthorisationId(row.id),
        case=CaseId(row.case_id),
        probe=ProbeId(row.probe_id),
        authority=AuthorityCode(row.authority),
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        due_at=row.due_at,
        state=AuthorisationState(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=reason,
    )
