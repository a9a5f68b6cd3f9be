"""In which searches somebody was shown as a candidate: when, for which authority and purpose; nothing of the case."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.schema.gallery import search, search_candidate
from semblance.terms.ids import AuthorityCode, SubjectId


@dataclass(frozen=True, slots=True)
class Appearance:
    """One search in which the subject was a candidate."""

    at: datetime
    authority: AuthorityCode
    purpose: str


def list_appearances(tx: Transaction, subject: SubjectId) -> tuple[Appearance, ...]:
    """Return the searches in which the subject was a candidate, oldest first; those whose time is over are gone."""
    shown = sa.select(search_candidate.c.search_id).where(search_candidate.c.subject_id == subject)
    rows = tx.connection.execute(
        sa.select(search.c.at, search.c.authority, search.c.purpose)
        .where(search.c.id.in_(shown))
        .order_by(search.c.number)
    )
    return tuple(Appearance(row.at, AuthorityCode(row.authority), row.purpose) for row in rows)
