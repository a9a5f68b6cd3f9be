"""The gallery: its state, its references, and the log of what changed, in the order of the commits.

Templates are sealed under the subject's key; the matrix that is searched is in memory only.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from semblance.errors import NotFound, PackConflict
from semblance.gallery.state import GalleryState
from semblance.search.index import Allowed, IndexRow
from semblance.store import index_snapshots
from semblance.store.engine import Transaction
from semblance.store.keyring import KeyId
from semblance.store.record_facts import read_facts_row
from semblance.store.schema import gallery_change, gallery_state, reference, subject
from semblance.store.schema_record import record
from semblance.store.vault import load_keys, seal, unseal
from semblance.terms.ids import PackDigest, PhotoId, ReferenceId, SubjectId, make_id
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template

_CHUNK: Final = 4096
_ASKED: Final = 500
_ADDED: Final = "added"
_REMOVED: Final = "removed"
_ALTERED: Final = "altered"


def read_version(tx: Transaction) -> int:
    """Return the gallery's version; it rises by one with every reference added, removed or altered."""
    version: int = tx.connection.scalars(sa.select(gallery_state.c.version)).one()
    return version


def read_state(tx: Transaction) -> GalleryState:
    """Return the gallery's version, pack and counts."""
    row = tx.connection.execute(sa.select(gallery_state.c.version, gallery_state.c.pack)).one()
    counts = tx.connection.execute(
        sa.select(sa.func.count(sa.distinct(reference.c.subject_id)), sa.func.count()).select_from(reference)
    ).one()
    pack = None if row.pack is None else PackDigest(row.pack)
    return GalleryState(version=row.version, pack=pack, subjects=counts[0], references=counts[1])


def read_pack(tx: Transaction) -> PackDigest | None:
    """Return the pack that made the gallery's templates; an empty gallery has none."""
    found: str | None = tx.connection.scalars(sa.select(gallery_state.c.pack)).one()
    return None if found is None else PackDigest(found)


def read_size(tx: Transaction) -> tuple[int, int]:
    """Return how many references the gallery holds, and how many numbers a template has (0 in an empty gallery)."""
    dimension = tx.connection.scalars(sa.select(gallery_state.c.dimension)).one()
    references = tx.connection.scalar(sa.select(sa.func.count()).select_from(reference)) or 0
    return references, dimension or 0


def require_pack(tx: Transaction, pack: PackDigest, pack_name: str) -> None:
    """Raise PackConflict where the gallery's templates were made by another pack."""
    row = tx.connection.execute(sa.select(gallery_state.c.pack, gallery_state.c.pack_name)).one()
    if row.pack is not None and row.pack != pack:
        raise PackConflict(
            f"The gallery's templates were made by the pack {row.pack_name!r} ({row.pack[:12]}), and this node "
            f"now uses {pack_name!r} ({pack[:12]}); their scores cannot be compared. Switch back with "
            f"`semblance models use {row.pack_name}`, or start a new node and enrol again."
        )


def add_reference(
    tx: Transaction, *, owner: SubjectId, photo: PhotoId, ordinal: int, template: Template, pack_name: str
) -> ReferenceId:
    """Add one face of one photo of the subject ``owner`` to the gallery; raises PackConflict."""
    require_pack(tx, template.pack, pack_name)
    tx.connection.execute(
        sa.update(gallery_state).values(
            pack=template.pack, pack_name=pack_name, metric=template.metric.value, dimension=template.dimension
        )
    )
    made = ReferenceId(make_id())
    version = _log_change(tx, _ADDED, made)
    key = KeyId(tx.connection.scalars(sa.select(subject.c.key_id).where(subject.c.id == owner)).one())
    tx.connection.execute(
        sa.insert(reference).values(
            id=made,
            sequence=version,
            subject_id=owner,
            photo_id=photo,
            ordinal=ordinal,
            pack=template.pack,
            metric=template.metric.value,
            dimension=template.dimension,
            template=seal(tx, key, f"template/{made}", template.values),
        )
    )
    return made


def remove_references(tx: Transaction, owner: SubjectId) -> tuple[ReferenceId, ...]:
    """Remove all references of a subject and return their ids; an emptied gallery may be filled by another pack."""
    of_subject = reference.c.subject_id == owner
    gone = tuple(
        ReferenceId(found)
        for found in tx.connection.scalars(sa.select(reference.c.id).where(of_subject).order_by(reference.c.sequence))
    )
    tx.connection.execute(sa.delete(reference).where(of_subject))
    for removed in gone:
        _log_change(tx, _REMOVED, removed)
    if gone:
        index_snapshots.retire_all(tx)
    if gone and not tx.connection.scalar(sa.select(sa.exists().select_from(reference))):
        tx.connection.execute(sa.update(gallery_state).values(pack=None, pack_name=None, metric=None, dimension=None))
    return gone


def read_removed(tx: Transaction, *, after: int) -> tuple[ReferenceId, ...]:
    """Return the references that were removed after that version."""
    found = tx.connection.scalars(
        sa.select(gallery_change.c.reference_id)
        .where(gallery_change.c.version > after, gallery_change.c.kind == _REMOVED)
        .order_by(gallery_change.c.version)
    )
    return tuple(ReferenceId(reference_id) for reference_id in found)


def log_alteration(tx: Transaction, owner: SubjectId) -> None:
    """Note that what the law sees of a subject's record changed, so that every index in memory learns it."""
    held = reference.c.subject_id == owner
    for found in tx.connection.scalars(sa.select(reference.c.id).where(held).order_by(reference.c.sequence)).all():
        _log_change(tx, _ALTERED, ReferenceId(found))


def read_altered(tx: Transaction, *, after: int) -> dict[ReferenceId, RecordFacts]:
    """Return the references still held whose record changed after that version, with its facts as they are now."""
    rows = tx.connection.execute(
        sa.select(reference.c.id, record)
        .join(gallery_change, gallery_change.c.reference_id == reference.c.id)
        .join(record, record.c.subject_id == reference.c.subject_id)
        .where(gallery_change.c.version > after, gallery_change.c.kind == _ALTERED)
    )
    return {ReferenceId(row.id): read_facts_row(row) for row in rows}


def count_added(tx: Transaction, *, after: int, until: int, allowed: Allowed) -> int:
    """Return how many of the references added after one version and until another are held and allowed now."""
    facts = (
        record.c.kind,
        record.c.owner,
        record.c.state,
        record.c.retain_until,
        record.c.restriction,
        record.c.restricted,
    )
    rows = tx.connection.execute(
        sa.select(*facts, sa.func.count().label("held"))
        .join_from(reference, record, record.c.subject_id == reference.c.subject_id)
        .where(reference.c.sequence > after, reference.c.sequence <= until)
        .group_by(*facts)
    )
    return sum(row.held for row in rows if allowed(read_facts_row(row)))


def iterate_references(tx: Transaction, *, after: int) -> Iterator[tuple[IndexRow, ...]]:
    """Give the references added after that version and still held, in order, a few thousand at a time."""
    if after == 0:
        load_keys(tx)
    while True:
        rows = tx.connection.execute(_select_rows().where(reference.c.sequence > after).limit(_CHUNK)).all()
        if not rows:
            return
        yield tuple(_read_row(tx, row) for row in rows)
        after = rows[-1].sequence


def iterate_missing(tx: Transaction, holds: Callable[[ReferenceId], bool]) -> Iterator[tuple[IndexRow, ...]]:
    """Give the references of the gallery that somebody does not hold, in order, some hundred at a time."""
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
            asked = _select_rows().where(reference.c.id.in_(missing[start : start + _ASKED]))
            rows = tx.connection.execute(asked).all()
            load_keys(tx, [KeyId(row.key_id) for row in rows])
            yield tuple(_read_row(tx, row) for row in rows)
        after = held[-1].sequence


def read_templates(tx: Transaction, references: Sequence[ReferenceId]) -> list[bytes]:
    """Return the values of these references' templates, in this order; raises NotFound where one is not held."""
    found: dict[str, bytes] = {}
    for start in range(0, len(references), _ASKED):
        rows = tx.connection.execute(
            sa.select(reference.c.id, reference.c.template, subject.c.key_id)
            .join(subject, subject.c.id == reference.c.subject_id)
            .where(reference.c.id.in_(references[start : start + _ASKED]))
        )
        for row in rows:
            found[row.id] = unseal(tx, KeyId(row.key_id), f"template/{row.id}", bytes(row.template))
    missing = [one for one in references if one not in found]
    if missing:
        raise NotFound(f"The gallery no longer holds the reference {missing[0]}; search again.")
    return [found[one] for one in references]


def _select_rows() -> sa.Select[Any]:
    return (
        sa.select(
            reference.c.id,
            reference.c.subject_id,
            reference.c.sequence,
            reference.c.pack,
            reference.c.metric,
            reference.c.dimension,
            reference.c.template,
            subject.c.key_id,
            record.c.kind,
            record.c.owner,
            record.c.state,
            record.c.retain_until,
            record.c.restriction,
            record.c.restricted,
        )
        .join(subject, subject.c.id == reference.c.subject_id)
        .join(record, record.c.subject_id == reference.c.subject_id)
        .order_by(reference.c.sequence)
    )


def _read_row(tx: Transaction, row: Any) -> IndexRow:
    values = unseal(tx, KeyId(row.key_id), f"template/{row.id}", bytes(row.template))
    return IndexRow(
        ReferenceId(row.id),
        SubjectId(row.subject_id),
        row.sequence,
        Template(PackDigest(row.pack), Metric(row.metric), row.dimension, values),
        read_facts_row(row),
    )


def _log_change(tx: Transaction, kind: str, changed: ReferenceId) -> int:
    version: int = tx.connection.scalars(
        sa.update(gallery_state).values(version=gallery_state.c.version + 1).returning(gallery_state.c.version)
    ).one()
    tx.connection.execute(sa.insert(gallery_change).values(version=version, kind=kind, reference_id=changed))
    return version
