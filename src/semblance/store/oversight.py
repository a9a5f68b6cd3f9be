"""Counts for whoever watches over the node; nothing sealed is opened."""

from datetime import datetime

import sqlalchemy as sa

from semblance.store.engine import Transaction
from semblance.store.schema.case import authorisation
from semblance.store.schema.gallery import deletion
from semblance.store.schema.vault import doomed_key
from semblance.terms.ids import AuthorityCode


def count_authorisations(tx: Transaction, *, since: datetime) -> tuple[tuple[AuthorityCode, str, int], ...]:
    """Return the number of authorisations asked for since then, by authority and what became of them."""
    columns = (authorisation.c.authority, authorisation.c.state)
    rows = tx.connection.execute(
        sa.select(*columns, sa.func.count())
        .where(authorisation.c.requested_at >= since)
        .group_by(*columns)
        .order_by(*columns)
    )
    return tuple((AuthorityCode(row[0]), row[1], row[2]) for row in rows)


def count_erased(tx: Transaction, *, since: datetime) -> int:
    """Return how many subjects were erased since then."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(deletion).where(deletion.c.at >= since)) or 0


def count_doomed_keys(tx: Transaction) -> int:
    """Return how many keys were ever doomed to destruction: subjects', cases' and requests'."""
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(doomed_key)) or 0
