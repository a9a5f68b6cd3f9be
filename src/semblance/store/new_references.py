"""What came to the gallery since a change of it, or became another thing to the law: what a night compares.

A record that was a draft, blocked or closed to an authority when its photos were enrolled is compared when it is open,
so every reference whose record changed counts as new, besides those that were added or got a template.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from semblance.search.index import Allowed, IndexRow
from semblance.store import templates
from semblance.store.encoding import read_facts_row
from semblance.store.engine import Transaction
from semblance.store.gallery import ADDED, ALTERED, TEMPLATED
from semblance.store.schema.gallery import gallery_change, reference
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.terms.ids import PackDigest, ReferenceId

_AT_ONCE: Final = 4096


@dataclass(frozen=True, slots=True)
class NewRow:
    """A reference with the newest change of it; from ``after`` 0 on it is its place in the order of enrolment."""

    row: IndexRow
    version: int


@dataclass(frozen=True, slots=True)
class NewCount:
    """How much is new among what is open: subjects, and their references."""

    subjects: int
    references: int


def iterate_new(tx: Transaction, *, after: int, pack: PackDigest) -> Iterator[tuple[NewRow, ...]]:
    """Give the references that are new since that change, are held and have a template of the pack, each once.

    Some thousand at a time; after 0 the whole gallery. Those whose record was changed by hand are left out.
    """
    if not after:
        for rows in templates.iterate_references(tx, after=0, pack=pack):
            yield tuple(NewRow(row, row.sequence) for row in rows)
        return
    newest = sa.func.max(gallery_change.c.version)
    asked = (
        sa.select(gallery_change.c.reference_id, newest).where(_is_new(after)).group_by(gallery_change.c.reference_id)
    )
    changed = {ReferenceId(row[0]): int(row[1]) for row in tx.connection.execute(asked)}
    wanted = list(changed)
    for start in range(0, len(wanted), _AT_ONCE):
        read = templates.read_rows(tx, wanted[start : start + _AT_ONCE], pack=pack)
        yield tuple(NewRow(row, changed[reference_id]) for reference_id, row in read.items())


def count_new(tx: Transaction, *, after: int, allowed: Allowed) -> NewCount:
    """Return how much of what is new since that change is open now; nothing but facts is read."""
    rows = tx.connection.execute(_count(after).group_by(*RECORD_FACTS)).all()
    found = [row for row in rows if allowed(read_facts_row(row))]
    return NewCount(sum(row.subjects for row in found), sum(row.held for row in found))


def _count(after: int) -> sa.Select[Any]:
    asked = (
        sa.select(
            *RECORD_FACTS,
            sa.func.count(sa.distinct(reference.c.subject_id)).label("subjects"),
            sa.func.count().label("held"),
        )
        .join_from(reference, record, record.c.subject_id == reference.c.subject_id)
        .join(audience)
    )
    if not after:
        return asked
    return asked.where(reference.c.id.in_(sa.select(gallery_change.c.reference_id).where(_is_new(after))))


def _is_new(after: int) -> sa.ColumnElement[bool]:
    return (gallery_change.c.version > after) & gallery_change.c.kind.in_([ADDED, TEMPLATED, ALTERED])
