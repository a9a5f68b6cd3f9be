"""Cases: found by a keyed digest of their number, read with their own key."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from semblance.cases.case import Case, CaseDraft, CaseState, Category
from semblance.store.encoding import read_strings, write_strings, write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, find_first, read_key, read_row
from semblance.store.schema.base import Moment, StoredText
from semblance.store.schema.case import case_file
from semblance.store.vault import blind, destroy_key, make_key, seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, CaseId
from semblance.terms.permission import Purpose

_WHOLE: Final = sa.select(case_file)


def add_case(tx: Transaction, case: Case) -> None:
    """Add a case; its number must be new for its authority."""
    key, draft = make_key(tx, "case"), case.draft
    sealed = write_strings((draft.number, draft.aim, draft.offence, draft.link))
    add_row(
        tx,
        case_file,
        case,
        blind=_blind(tx, case.authority, draft.number),
        key_id=key,
        purpose=draft.purpose,
        category=draft.category,
        sealed=seal_text(tx, key, f"case/{case.id}", sealed),
    )


def find_case(tx: Transaction, case_id: CaseId, authority: AuthorityCode | None = None) -> Case | None:
    """Return the case with that id; where an authority is named, only if it is that one's."""
    require_sealed(tx, PowerKind.CASE, [case_id])
    asked = _WHOLE.where(case_file.c.id == case_id)
    rows = tx.connection.execute(asked if authority is None else asked.where(case_file.c.authority == authority))
    return find_first(_read(tx, row) for row in rows)


def find_authority(tx: Transaction, case_id: CaseId) -> AuthorityCode:
    """Return whose case it is; it must be held."""
    require_sealed(tx, PowerKind.CASE, [case_id])
    return AuthorityCode(tx.connection.scalars(sa.select(case_file.c.authority).where(case_file.c.id == case_id)).one())


def find_numbered(tx: Transaction, authority: AuthorityCode, number: str) -> Case | None:
    """Return the authority's case of that number."""
    mine = sa.select(case_file.c.id).where(case_file.c.blind == _blind(tx, authority, number))
    found = tx.connection.scalar(mine)
    return None if found is None else find_case(tx, found)


def list_cases(
    tx: Transaction, authority: AuthorityCode, *, state: CaseState | None, before: Case | None, limit: int
) -> tuple[Case, ...]:
    """Return the authority's cases, the one opened last first, from the one before that case."""
    asked = _WHOLE.where(case_file.c.authority == authority)
    if state is not None:
        asked = asked.where(case_file.c.state == state)
    if before is not None:
        last = sa.tuple_(sa.literal(before.opened_at, Moment), sa.literal(before.id, StoredText))
        asked = asked.where(sa.tuple_(case_file.c.opened_at, case_file.c.id) < last)
    asked = asked.order_by(case_file.c.opened_at.desc(), case_file.c.id.desc())
    return tuple(_read(tx, row) for row in take_sealed(tx, PowerKind.CASE, asked, lambda row: row.id, limit))


def change_state(tx: Transaction, case_id: CaseId, state: CaseState) -> None:
    """Move a case to another state."""
    change_rows(tx, case_file, case_file.c.id == case_id, state=state)


def touch_case(tx: Transaction, case_id: CaseId, at: datetime) -> None:
    """Note that something was done in the case."""
    change_rows(tx, case_file, case_file.c.id == case_id, last_act_at=at)


def find_idle(tx: Transaction, *, before: datetime, states: tuple[CaseState, ...], limit: int) -> tuple[CaseId, ...]:
    """Return cases in one of the states in which nothing was done since that moment, the longest idle first."""
    asked = (
        sa.select(case_file.c.id)
        .where(case_file.c.last_act_at < before, case_file.c.state.in_(states))
        .order_by(case_file.c.last_act_at, case_file.c.id)
    )
    return tuple(CaseId(row.id) for row in take_sealed(tx, PowerKind.CASE, asked, lambda row: row.id, limit))


def erase_case(tx: Transaction, case_id: CaseId) -> None:
    """Erase what was said in a case and destroy its key; its probes and searches must have been dealt with before."""
    destroy_key(tx, read_key(tx, case_file, case_id))
    gone = {"state": CaseState.ERASED, "sealed": None, "blind": f"erased-{case_id}"}
    change_rows(tx, case_file, case_file.c.id == case_id, **gone)


def _blind(tx: Transaction, authority: AuthorityCode, number: str) -> str:
    return blind(tx, "case", authority, write_text(number))


def _read(tx: Transaction, row: sa.Row[Any]) -> Case:
    number = aim = offence = link = ""
    if row.sealed is not None:
        number, aim, offence, link = read_strings(unseal_text(tx, KeyId(row.key_id), f"case/{row.id}", row.sealed))
    return read_row(
        Case, row, draft=CaseDraft(number, Purpose(row.purpose), Category(row.category), aim, offence, link)
    )
