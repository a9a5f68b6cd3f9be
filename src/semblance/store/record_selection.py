"""Which records a list is of: the policy's answers and the filter, as conditions that an index can be read along."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

import sqlalchemy as sa

from semblance.store.encoding import read_standing
from semblance.store.engine import Transaction
from semblance.store.schema.record import audience, record
from semblance.terms.ids import AuthorityCode
from semblance.terms.record import RecordKind, RecordStanding, RecordState

_FEW: Final = 8
"""So many audiences are read one by one, each along its own index; more are looked for in what the others give."""
_MANY: Final = 500
"""Longer lists of audiences stand in a statement once."""


class SelectionOrder(Enum):
    """In which order a selection is read: by the newest record, the one that ends first, the one longest unchanged.

    The last has no index of its own; it is for selections that are small.
    """

    NEWEST = "created_at"
    ENDING = "retain_until"
    UNCHANGED = "changed_at"


@dataclass(frozen=True, slots=True)
class Selection:
    """Records that a list is of; every one of them meets exactly one of the conditions."""

    lanes: tuple[sa.ColumnElement[bool], ...]
    order: SelectionOrder

    @property
    def condition(self) -> sa.ColumnElement[bool]:
        """Return what all of them meet, and nothing else."""
        return sa.or_(sa.false(), *self.lanes)


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a list is narrowed to; the default narrows nothing, and the newest record comes first.

    ``ending_before``: the last day of the record lies before that day; the one that ends first comes first.
    """

    kinds: frozenset[RecordKind] = frozenset()
    states: frozenset[RecordState] = frozenset()
    owner: AuthorityCode | None = None
    ending_before: date | None = None


EVERYTHING: Final = RecordFilter()


def select_records(
    tx: Transaction, lets: Callable[[RecordStanding], bool], narrowed: RecordFilter = EVERYTHING
) -> Selection:
    """Return the selection of what passes the filter and ``lets``, asked once for whatever it can tell apart."""
    rows = tx.connection.execute(sa.select(audience)).all()
    asked = [row for row in rows if narrowed.owner in (None, row.owner)]
    by_audiences: dict[frozenset[int], list[RecordState]] = defaultdict(list)
    for state in narrowed.states or RecordState:
        passed = (row.id for row in asked if lets(read_standing(row.owner, state, row.restriction, row.restricted)))
        by_audiences[frozenset(passed)].append(state)
    by_audiences.pop(frozenset(), None)
    everybody = frozenset(row.id for row in rows)
    lanes: list[sa.ColumnElement[bool]] = []
    kinds, ending_before = narrowed.kinds, narrowed.ending_before
    for audiences, group in by_audiences.items():
        if ending_before is not None:
            lanes += _make_ending_lanes(_narrow(audiences, everybody), kinds, group, ending_before)
        else:
            lanes += _make_lanes(audiences, everybody, kinds, group)
    return Selection(tuple(lanes), SelectionOrder.NEWEST if ending_before is None else SelectionOrder.ENDING)


def _make_lanes(
    audiences: frozenset[int], everybody: frozenset[int], kinds: frozenset[RecordKind], states: list[RecordState]
) -> Iterable[sa.ColumnElement[bool]]:
    if audiences != everybody and len(audiences) <= _FEW:
        whose: list[sa.ColumnElement[bool]] = [record.c.audience_id == audience_id for audience_id in sorted(audiences)]
    else:
        whose = [_narrow(audiences, everybody)]
    if not kinds and len(states) == len(RecordState):
        return whose
    if min(len(audiences), len(everybody - audiences)) > _MANY:
        return [whose[0] & record.c.state.in_(states) & record.c.kind.in_(kinds or RecordKind)]
    return [
        mine & (record.c.state == state) & (record.c.kind == kind)
        for mine in whose
        for state in states
        for kind in sorted(kinds or RecordKind)
    ]


def _make_ending_lanes(
    whose: sa.ColumnElement[bool], kinds: frozenset[RecordKind], states: list[RecordState], day: date
) -> Iterable[sa.ColumnElement[bool]]:
    kind = record.c.kind.in_(sorted(kinds)) if kinds else sa.true()
    ends = record.c.retain_until < day
    return [whose & kind & ends & (record.c.state == state) for state in states]


def _narrow(audiences: frozenset[int], everybody: frozenset[int]) -> sa.ColumnElement[bool]:
    """Return the condition in its shorter form; the numbers stand in the statement, which may hold few parameters."""
    others = everybody - audiences
    if not others:
        return sa.true()
    if len(others) < len(audiences):
        return record.c.audience_id.not_in(_write(others))
    return record.c.audience_id.in_(_write(audiences))


def _write(audiences: frozenset[int]) -> sa.BindParameter[Any]:
    return sa.bindparam(None, sorted(audiences), expanding=True, literal_execute=True)
