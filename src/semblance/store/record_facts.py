"""What the law sees of a record, from the columns that name nobody."""

from datetime import date
from functools import lru_cache
from typing import Any

from semblance.store.encoding import read_strings
from semblance.terms.ids import AuthorityCode
from semblance.terms.record import RecordFacts, RecordKind, RecordStanding, RecordState, Restriction, RestrictionMode


def read_facts_row(row: Any) -> RecordFacts:
    """Return the facts in a row that has the columns ``RECORD_FACTS``."""
    return read_facts(row.kind, row.owner, row.state, row.retain_until, row.restriction, row.restricted)


@lru_cache(maxsize=65536)
def read_facts(kind: str, owner: str, state: str, until: date, mode: str, restricted: str) -> RecordFacts:
    """Return the facts in these columns of the tables ``record`` and ``audience``."""
    return RecordFacts(
        kind=RecordKind(kind),
        owner=AuthorityCode(owner),
        state=RecordState(state),
        retain_until=until,
        restriction=_read_restriction(mode, restricted),
    )


@lru_cache(maxsize=65536)
def read_standing(owner: str, state: str, mode: str, restricted: str) -> RecordStanding:
    """Return the standing of records of an audience in a state."""
    return RecordStanding(AuthorityCode(owner), RecordState(state), _read_restriction(mode, restricted))


def _read_restriction(mode: str, restricted: str) -> Restriction:
    return Restriction(RestrictionMode(mode), frozenset(map(AuthorityCode, read_strings(restricted))))
