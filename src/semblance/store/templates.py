"""The templates of the gallery's references: of the pack that is searched, and of others beside it.

A reference has the template of the pack that it was enrolled by in its own row, and those of other packs beside it, so
that two packs can be searched and the gallery be switched from one to the other by a single word.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from semblance.errors import NotFound
from semblance.search.index import IndexRow
from semblance.store import gallery
from semblance.store.encoding import read_facts_row
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import find_damaged
from semblance.store.rows import add_row, count_rows, delete_rows
from semblance.store.schema.gallery import gallery_change, gallery_state, other_template, reference, subject
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.store.vault import load_keys, seal, unseal
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.samples import Metric, Template

_CHUNK: Final = 4096
_ASKED: Final = 500


def read_size(tx: Transaction, pack: PackDigest | None) -> tuple[int, int]:
    """Return how many references have a template of that pack, and how many numbers it has (0 where there is none).

    Of the pack that is searched every reference has one, or a fault that says why not: nothing but indexes is read.
    """
    state = tx.connection.execute(sa.select(gallery_state.c.pack, gallery_state.c.dimension)).one()
    mine = other_template.c.pack == pack
    if pack is not None and pack == state.pack:
        faults = count_rows(tx, other_template, mine, other_template.c.fault.is_not(None))
        return count_rows(tx, reference) - faults, state.dimension
    made = count_rows(tx, other_template, mine, other_template.c.fault.is_(None))
    dimension = tx.connection.scalar(sa.select(other_template.c.dimension).where(mine).limit(1))
    return count_rows(tx, reference, reference.c.pack == pack) + made, dimension or 0


def iterate_references(
    tx: Transaction, *, after: int, pack: PackDigest | None = None, damaged: set[SubjectId] | None = None
) -> Iterator[tuple[IndexRow, ...]]:
    """Give the references that got a template after that version and are still held, in order, some thousand at a time.

    Those whose record was changed by hand are left out, and named in ``damaged``. ``pack`` made the templates; None is
    the one that is searched.
    """
    pack = pack or gallery.read_pack(tx)
    if pack is None:
        return
    if after == 0:
        load_keys(tx)
    moment = reference.c.sequence
    asked = _select_rows(pack)
    if after:
        moment = gallery_change.c.version
        asked = asked.join(gallery_change, gallery_change.c.reference_id == reference.c.id)
        asked = asked.where(gallery_change.c.kind.in_([gallery.ADDED, gallery.TEMPLATED]))
    while True:
        rows = tx.connection.execute(
            asked.add_columns(moment.label("moment")).where(moment > after).order_by(moment).limit(_CHUNK)
        ).all()
        if not rows:
            return
        yield _read_rows(tx, rows, pack, damaged)
        after = rows[-1].moment


def iterate_missing(
    tx: Transaction, holds: Callable[[ReferenceId], bool], *, pack: PackDigest
) -> Iterator[tuple[IndexRow, ...]]:
    """Give the references with a template of a pack that somebody does not hold, in order, some hundred at a time."""
    after = 0
    while True:
        held = tx.connection.execute(
            sa.select(reference.c.id, reference.c.sequence)
            .where(reference.c.sequence > after)
            .order_by(reference.c.sequence)
            .limit(_CHUNK)
        ).all()
        if not held:
            return
        missing = [row.id for row in held if not holds(ReferenceId(row.id))]
        for start in range(0, len(missing), _ASKED):
            asked = _select_rows(pack).order_by(reference.c.sequence)
            some = missing[start : start + _ASKED]
            yield _read_rows(tx, list(_iterate_chosen(tx, asked, some)), pack)
        after = held[-1].sequence


def read_rows(tx: Transaction, references: Sequence[ReferenceId], *, pack: PackDigest) -> dict[ReferenceId, IndexRow]:
    """Return the rows of these references that are held, not changed by hand, and have a template of the pack."""
    rows = _read_rows(tx, list(_iterate_chosen(tx, _select_rows(pack), references)), pack)
    return {row.reference: row for row in rows}


def list_references(tx: Transaction, *, after: int, pack: PackDigest) -> tuple[tuple[ReferenceId, int], ...]:
    """Return some references with a template of the pack, each with its place in the order of enrolment."""
    own = reference.c.pack == pack
    beside = (other_template.c.reference_id == reference.c.id) & (other_template.c.pack == pack)
    rows = tx.connection.execute(
        sa.select(reference.c.id, reference.c.sequence)
        .outerjoin(other_template, beside)
        .where(reference.c.sequence > after, own | other_template.c.template.is_not(None))
        .order_by(reference.c.sequence)
        .limit(_CHUNK)
    )
    return tuple((ReferenceId(row.id), row.sequence) for row in rows)


def read_templates(
    tx: Transaction, references: Sequence[ReferenceId], *, pack: PackDigest | None = None
) -> list[bytes]:
    """Return the values of these references' templates, in this order; raises NotFound where one is not held.

    ``pack`` made the templates; None is the one that is searched.
    """
    pack = pack or gallery.read_pack(tx)
    found: dict[ReferenceId, bytes] = {}
    if pack is not None:
        chosen = _iterate_chosen(tx, _select_sealed(pack), references)
        found = {row.id: _unseal_template(tx, row, pack) for row in chosen}
    missing = [reference_id for reference_id in references if reference_id not in found]
    if missing:
        raise NotFound(
            "gallery.no-reference",
            "The gallery no longer holds the reference {reference}; search again.",
            reference=missing[0],
        )
    return [found[reference_id] for reference_id in references]


def keep_template(tx: Transaction, of: ReferenceId, template: Template) -> bool:
    """Keep a reference's template of another pack than it has; return whether it is held and had none of it."""
    row = tx.connection.execute(
        sa.select(subject.c.key_id, reference.c.pack)
        .join_from(reference, subject, subject.c.id == reference.c.subject_id)
        .where(reference.c.id == of)
    ).one_or_none()
    mine = (other_template.c.reference_id == of) & (other_template.c.pack == template.pack)
    there = sa.select(sa.exists().select_from(other_template).where(mine, other_template.c.template.is_not(None)))
    if row is None or row.pack == template.pack or tx.connection.scalar(there):
        return False
    delete_rows(tx, other_template, mine)
    sealed = seal(tx, KeyId(row.key_id), _name_place(of, template.pack), template.values)
    add_row(tx, other_template, template, reference_id=of, template=sealed)
    gallery.log_change(tx, gallery.TEMPLATED, of)
    return True


def _name_place(of: str, pack: str) -> str:
    return f"template/{of}/{pack}"


def _iterate_chosen(tx: Transaction, asked: sa.Select[Any], references: Sequence[ReferenceId]) -> Iterator[Any]:
    """Give the rows of these references, some hundred at a time in memory, with their keys ready."""
    for start in range(0, len(references), _ASKED):
        rows = tx.connection.execute(asked.where(reference.c.id.in_(references[start : start + _ASKED]))).all()
        load_keys(tx, [KeyId(row.key_id) for row in rows])
        yield from rows


def _select_sealed(pack: PackDigest) -> sa.Select[Any]:
    """Return the references that have a template of the pack, with where it stands: in ``reference`` or beside it."""
    own = reference.c.pack == pack
    beside = (other_template.c.reference_id == reference.c.id) & (other_template.c.pack == pack)
    return (
        sa.select(
            reference.c.id,
            subject.c.key_id,
            own.label("own"),
            sa.case((own, reference.c.metric), else_=other_template.c.metric).label("metric"),
            sa.case((own, reference.c.dimension), else_=other_template.c.dimension).label("dimension"),
            sa.case((own, reference.c.template), else_=other_template.c.template).label("template"),
        )
        .join_from(reference, subject, subject.c.id == reference.c.subject_id)
        .outerjoin(other_template, beside)
        .where(own | other_template.c.template.is_not(None))
    )


def _select_rows(pack: PackDigest) -> sa.Select[Any]:
    return (
        _select_sealed(pack)
        .add_columns(reference.c.subject_id, reference.c.sequence, *RECORD_FACTS)
        .join(record, record.c.subject_id == reference.c.subject_id)
        .join(audience)
    )


def _unseal_template(tx: Transaction, row: Any, pack: PackDigest) -> bytes:
    place = f"template/{row.id}" if row.own else _name_place(row.id, pack)
    return unseal(tx, KeyId(row.key_id), place, bytes(row.template))


def _read_rows(
    tx: Transaction, rows: Sequence[Any], pack: PackDigest, damaged: set[SubjectId] | None = None
) -> tuple[IndexRow, ...]:
    found = find_damaged(tx, PowerKind.RECORD, (row.subject_id for row in rows))
    if damaged is not None:
        damaged.update(map(SubjectId, found))
    return tuple(_read_row(tx, row, pack) for row in rows if row.subject_id not in found)


def _read_row(tx: Transaction, row: Any, pack: PackDigest) -> IndexRow:
    return IndexRow(
        ReferenceId(row.id),
        SubjectId(row.subject_id),
        row.sequence,
        Template(pack, Metric(row.metric), row.dimension, _unseal_template(tx, row, pack)),
        read_facts_row(row),
    )
