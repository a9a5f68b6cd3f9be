"""Cases: found by a keyed digest of their number, read with their own key."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from semblance.cases.case import Case, CaseDraft, CaseState, Category
from semblance.store.encoding import read_strings, write_strings, write_text
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.case import case_file
from semblance.store.schema.column_types import Moment, StoredText
from semblance.store.vault import blind, destroy_key, make_key, seal_text, unseal_text
from semblance.terms.ids import AuthorityCode, CaseId
from semblance.terms.permission import Purpose


def add_case(tx: Transaction, case: Case) -> None:
    """Add a case; its number must be new for its authority."""
    key = make_key(tx, "case")
    draft = case.draft
    sealed = write_strings((draft.number, draft.aim, draft.offence, draft.link))
    tx.connection.execute(
        sa.insert(case_file).values(
            id=case.id,
            blind=_blind(tx, case.authority, draft.number),
            key_id=key,
            authority=case.authority,
            purpose=draft.purpose.value,
            category=draft.category.value,
            state=case.state.value,
            opened_at=case.opened_at,
            opened_by=case.opened_by,
            last_act_at=case.last_act_at,
            sealed=seal_text(tx, key, f"case/{case.id}", sealed),
        )
    )


def find_case(tx: Transaction, case_id: CaseId) -> Case | None:
    """Return the case with that id."""
    row = tx.connection.execute(sa.select(case_file).where(case_file.c.id == case_id)).one_or_none()
    return None if row is None else _read(tx, row)


def find_numbered(tx: Transaction, authority: AuthorityCode, number: str) -> Case | None:
    """Return the authority's case of that number."""
    mine = case_file.c.blind == _blind(tx, authority, number)
    row = tx.connection.execute(sa.select(case_file).where(mine)).one_or_none()
    return None if row is None else _read(tx, row)


def list_cases(
    tx: Transaction, authority: AuthorityCode, *, state: CaseState | None, before: Case | None, limit: int
) -> tuple[Case, ...]:
    """Return the authority's cases, the one opened last first, from the one before that case."""
    asked = sa.select(case_file).where(case_file.c.authority == authority)
    if state is not None:
        asked = asked.where(case_file.c.state == state.value)
    if before is not None:
        last = sa.tuple_(sa.literal(before.opened_at, Moment), sa.literal(before.id, StoredText))
        asked = asked.where(sa.tuple_(case_file.c.opened_at, case_file.c.id) < last)
    rows = tx.connection.execute(asked.order_by(case_file.c.opened_at.desc(), case_file.c.id.desc()).limit(limit))
    return tuple(_read(tx, row) for row in rows.all())


def change_state(tx: Transaction, case_id: CaseId, state: CaseState) -> None:
    """Move a case to another state."""
    tx.connection.execute(sa.update(case_file).where(case_file.c.id == case_id).values(state=state.value))


def touch_case(tx: Transaction, case_id: CaseId, at: datetime) -> None:
    """Note that something was done in the case."""
    tx.connection.execute(sa.update(case_file).where(case_file.c.id == case_id).values(last_act_at=at))


def find_idle(tx: Transaction, *, before: datetime, states: tuple[CaseState, ...], limit: int) -> tuple[CaseId, ...]:
    """Return cases in one of the states in which nothing was done since that moment, the longest idle first."""
    found = tx.connection.scalars(
        sa.select(case_file.c.id)
        .where(case_file.c.last_act_at < before, case_file.c.state.in_([state.value for state in states]))
        .order_by(case_file.c.last_act_at, case_file.c.id)
        .limit(limit)
    )
    return tuple(map(CaseId, found))


def erase_case(tx: Transaction, case_id: CaseId) -> None:
    """Erase what was said in a case and destroy its key; its probes and searches must have been dealt with before."""
    destroy_key(tx, find_case_key(tx, case_id))
    gone = {"state": CaseState.ERASED.value, "sealed": None, "blind": f"erased-{case_id}"}
    tx.connection.execute(sa.update(case_file).where(case_file.c.id == case_id).values(**gone))


def find_case_key(tx: Transaction, case_id: CaseId) -> KeyId:
    """Return the key that seals what is held in a case."""
    return KeyId(tx.connection.scalars(sa.select(case_file.c.key_id).where(case_file.c.id == case_id)).one())


def _blind(tx: Transaction, authority: AuthorityCode, number: str) -> str:
    return blind(tx, "case", authority, write_text(number))


def _read(tx: Transaction, row: Any) -> Case:
    number = aim = offence = link = ""
    if row.sealed is not None:
        number, aim, offence, link = read_strings(unseal_text(tx, KeyId(row.key_id), f"case/{row.id}", row.sealed))
    return Case(
        id=CaseId(row.id),
        authority=AuthorityCode(row.authority),
        draft=CaseDraft(number, Purpose(row.purpose), Category(row.category), aim, offence, link),
        state=CaseState(row.state),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        last_act_at=row.last_act_at,
    )
