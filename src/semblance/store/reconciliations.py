"""Pairs of missing persons and who was found: offered, judged, concluded; and how far a night's comparison has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.cases.examination import OPEN_STATES, ExaminationState
from semblance.cases.opinion import Conclusion, Opinion, OpinionDraft
from semblance.cases.reconciliation.pair import Evidence, FoundPair
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, find_first, read_row, read_values
from semblance.store.schema.gallery import reference
from semblance.store.schema.reconciliation import found_pair, pair_opinion, reconciliation_night
from semblance.store.schema.record import record
from semblance.store.vault import destroy_key, make_key, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, PairId, ReferenceId, SubjectId
from semblance.terms.record import RecordKind, RecordState

_DRAFT: Final = TypeAdapter(OpinionDraft)
_PAIR: Final = tuple(column for column in found_pair.c if column.name not in {"key_id", "sealed"})


@dataclass(frozen=True, slots=True)
class Night:
    """How far a night's comparison has come: up to which missing person, and what was compared and offered."""

    day: date
    done_to: str
    missing: int
    found: int
    offered: int
    threshold: float | None
    ended_at: datetime | None = None


def add_pair(tx: Transaction, made: FoundPair) -> None:
    """Add a pair that waits for opinions, with a key of its own."""
    add_row(tx, found_pair, made, key_id=make_key(tx, "pair"))


def find_pair(tx: Transaction, which: PairId, authority: AuthorityCode | None = None) -> FoundPair | None:
    """Return the pair; ``authority`` narrows it to pairs of which it owns a record."""
    require_sealed(tx, PowerKind.RECONCILIATION, [which])
    mine = found_pair.c.id == which if authority is None else (found_pair.c.id == which) & _concern(authority)
    return find_first(read_values(tx, FoundPair, sa.select(*_PAIR).where(mine)))


def list_pairs(
    tx: Transaction,
    authority: AuthorityCode | None,
    *,
    states: Collection[ExaminationState],
    undecided: bool = False,
    limit: int,
) -> tuple[FoundPair, ...]:
    """Return pairs in these states, the oldest first; their ids are random, so that the order tells no rank.

    ``authority`` narrows them to those of which it owns a record, ``undecided`` to those without an outcome.
    """
    which: sa.ColumnElement[bool] = found_pair.c.state.in_(states)
    if authority is not None:
        which &= _concern(authority)
    if undecided:
        which &= found_pair.c.evidence.is_(None)
    asked = sa.select(*_PAIR).where(which).order_by(found_pair.c.offered_at, found_pair.c.id)
    rows = take_sealed(tx, PowerKind.RECONCILIATION, asked, lambda row: row.id, limit)
    return tuple(read_row(FoundPair, row) for row in rows)


def list_known(tx: Transaction, missing: SubjectId | None = None) -> dict[tuple[SubjectId, SubjectId], int]:
    """Return every pair that was offered and has not lapsed, missing first, with the place of its newest photo.

    ``missing`` narrows them to those of one missing person.
    """
    whose = sa.true() if missing is None else found_pair.c.missing_id == missing
    asked = (
        sa.select(found_pair.c.missing_id, found_pair.c.found_id, sa.func.max(found_pair.c.newest))
        .where(found_pair.c.state != ExaminationState.LAPSED, whose)
        .group_by(found_pair.c.missing_id, found_pair.c.found_id)
    )
    return {(SubjectId(row[0]), SubjectId(row[1])): row[2] for row in tx.connection.execute(asked)}


def move_pair(tx: Transaction, which: PairId, state: ExaminationState, at: datetime | None) -> None:
    """Move a pair on; ``at`` is when the faces were concluded, None before."""
    change_rows(tx, found_pair, found_pair.c.id == which, state=state, concluded_at=at)


def decide_pair(tx: Transaction, which: PairId, evidence: Evidence, *, at: datetime, person: str, reason: str) -> None:
    """Record an officer's outcome."""
    key = _require_key(tx, which)
    sealed = seal_text(tx, key, f"pair.outcome/{which}", reason)
    decided = {"evidence": evidence, "decided_at": at, "decided_by": person, "sealed": sealed}
    change_rows(tx, found_pair, found_pair.c.id == which, **decided)


def read_outcome_reason(tx: Transaction, which: PairId) -> str:
    """Return what an officer wrote of the outcome; empty before, and after an erasure."""
    row = tx.connection.execute(
        sa.select(found_pair.c.sealed, found_pair.c.key_id).where(found_pair.c.id == which)
    ).one()
    if row.sealed is None or row.key_id is None:
        return ""
    return unseal_text(tx, KeyId(row.key_id), f"pair.outcome/{which}", row.sealed)


def add_opinion(
    tx: Transaction, which: PairId, draft: OpinionDraft, *, number: int, person: str, authority: str, at: datetime
) -> None:
    """Add what somebody thinks of the faces; it stands."""
    sealed = seal(tx, _require_key(tx, which), _place(which, person), _DRAFT.dump_json(draft))
    given = {"number": number, "person": person, "authority": authority, "at": at, "sealed": sealed}
    add_row(tx, pair_opinion, pair_id=which, conclusion=draft.conclusion, **given)


def list_opinions(tx: Transaction, which: PairId) -> tuple[Opinion, ...]:
    """Return the opinions on a pair in the order in which they were given; reasons that were erased are empty."""
    require_sealed(tx, PowerKind.RECONCILIATION, [which])
    asked = (
        sa.select(pair_opinion, found_pair.c.key_id)
        .join_from(pair_opinion, found_pair)
        .where(pair_opinion.c.pair_id == which)
        .order_by(pair_opinion.c.number)
    )
    found = []
    for row in tx.connection.execute(asked).all():
        draft = OpinionDraft()
        if row.sealed is not None and row.key_id is not None:
            place = _place(which, row.person)
            draft = _DRAFT.validate_json(unseal(tx, KeyId(row.key_id), place, bytes(row.sealed)))
        found.append(Opinion(row.person, which, Conclusion(row.conclusion), row.at, reason=draft.reason))
    return tuple(found)


def forget_subject(tx: Transaction, subject: SubjectId) -> None:
    """Erase what was written of pairs with the subject, and who it was; those that waited lapse."""
    mine = (found_pair.c.missing_id == subject) | (found_pair.c.found_id == subject)
    for row in tx.connection.execute(sa.select(found_pair.c.id, found_pair.c.key_id).where(mine)).all():
        change_rows(tx, pair_opinion, pair_opinion.c.pair_id == row.id, sealed=None)
        if row.key_id is not None:
            destroy_key(tx, KeyId(row.key_id))
    change_rows(tx, found_pair, mine & found_pair.c.state.in_(OPEN_STATES), state=ExaminationState.LAPSED)
    change_rows(tx, found_pair, mine, key_id=None, sealed=None)
    change_rows(tx, found_pair, found_pair.c.missing_id == subject, missing_id="", missing_reference_id="")
    change_rows(tx, found_pair, found_pair.c.found_id == subject, found_id="", found_reference_id="")


def list_references(tx: Transaction, kinds: Collection[RecordKind]) -> tuple[ReferenceId, ...]:
    """Return the references of active records of these kinds in the order of enrolment."""
    asked = (
        sa.select(reference.c.id)
        .join(record, record.c.subject_id == reference.c.subject_id)
        .where(record.c.kind.in_(kinds), record.c.state == RecordState.ACTIVE)
        .order_by(reference.c.sequence)
    )
    return tuple(map(ReferenceId, tx.connection.scalars(asked)))


def find_night(tx: Transaction, day: date) -> Night | None:
    """Return how far the comparison of that night has come."""
    return find_first(read_values(tx, Night, sa.select(reconciliation_night).where(reconciliation_night.c.day == day)))


def find_last_night(tx: Transaction) -> Night | None:
    """Return the newest night that was begun."""
    asked = sa.select(reconciliation_night).order_by(reconciliation_night.c.day.desc()).limit(1)
    return find_first(read_values(tx, Night, asked))


def keep_night(tx: Transaction, night: Night) -> None:
    """Note how far a night has come, in the place of what was noted before."""
    tx.connection.execute(sa.delete(reconciliation_night).where(reconciliation_night.c.day == night.day))
    add_row(tx, reconciliation_night, night)


def _concern(authority: AuthorityCode) -> sa.ColumnElement[bool]:
    return (found_pair.c.missing_owner == authority) | (found_pair.c.found_owner == authority)


def _require_key(tx: Transaction, which: PairId) -> KeyId:
    return KeyId(tx.connection.scalars(sa.select(found_pair.c.key_id).where(found_pair.c.id == which)).one())


def _place(which: PairId, person: str) -> str:
    return f"pair.opinion/{which}/{person}"
