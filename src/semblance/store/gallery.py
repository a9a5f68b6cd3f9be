"""The gallery: its state, its references, and the log of what changed, in the order of the commits.

Templates are sealed under the subject's key; the matrix that is searched is in memory only.
"""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from semblance.errors import PackConflict
from semblance.gallery.subject import GalleryState
from semblance.search.index import Allowed
from semblance.store.encoding import read_facts_row
from semblance.store.engine import Transaction
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import keep_sealed
from semblance.store.rows import add_row, change_rows, delete_rows, read_key
from semblance.store.schema.gallery import gallery_change, gallery_state, other_template, reference, subject
from semblance.store.schema.record import RECORD_FACTS, audience, record
from semblance.store.snapshot_files import retire_all
from semblance.store.vault import seal
from semblance.terms.ids import PackDigest, PhotoId, ReferenceId, SubjectId, make_id
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template

ADDED: Final = "added"
REMOVED: Final = "removed"
ALTERED: Final = "altered"
TEMPLATED: Final = "templated"
"""What becomes of a reference: the last is that it got a template of another pack, too."""


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
    return GalleryState(version=row.version, pack=row.pack, subjects=counts[0], references=counts[1])


def read_pack(tx: Transaction) -> PackDigest | None:
    """Return the pack that made the gallery's templates; an empty gallery has none."""
    return tx.connection.scalar(sa.select(gallery_state.c.pack))


def require_pack(tx: Transaction, pack: PackDigest, pack_name: str) -> None:
    """Raise PackConflict where the gallery's templates were made by another pack."""
    row = tx.connection.execute(sa.select(gallery_state.c.pack, gallery_state.c.pack_name)).one()
    if row.pack is not None and row.pack != pack:
        raise PackConflict(
            "gallery.other-pack",
            "The gallery's templates were made by the pack '{old}' ({digest}), and this program uses '{new}' "
            "({other}); their scores cannot be compared. If the pack was switched, start the program anew; or "
            "else switch back with `semblance models use {name}`, or make templates of the other pack, too, "
            "with `semblance models migrate {pack}`.",
            old=row.pack_name,
            digest=row.pack[:12],
            new=pack_name,
            other=pack[:12],
            name=row.pack_name,
            pack=pack_name,
        )


def add_reference(
    tx: Transaction, *, owner: SubjectId, photo: PhotoId, ordinal: int, template: Template, pack_name: str
) -> ReferenceId:
    """Add one face of one photo of the subject ``owner`` to the gallery; raises PackConflict."""
    require_pack(tx, template.pack, pack_name)
    set_pack(tx, template.pack, pack_name, template.metric, template.dimension)
    made = ReferenceId(make_id())
    version = log_change(tx, ADDED, made)
    sealed = seal(tx, read_key(tx, subject, owner), f"template/{made}", template.values)
    place = {"sequence": version, "subject_id": owner, "photo_id": photo, "ordinal": ordinal}
    add_row(tx, reference, template, id=made, **place, template=sealed)
    return made


def set_pack(
    tx: Transaction, pack: PackDigest | None, name: str | None, metric: Metric | None, dimension: int | None
) -> None:
    """Make a pack the one that is searched, of which references have templates already; None in an empty gallery."""
    change_rows(tx, gallery_state, sa.true(), pack=pack, pack_name=name, metric=metric, dimension=dimension)


def remove_references(tx: Transaction, owner: SubjectId) -> tuple[ReferenceId, ...]:
    """Remove all references of a subject and return their ids; an emptied gallery may be filled by another pack."""
    of_subject = reference.c.subject_id == owner
    mine = sa.select(reference.c.id).where(of_subject)
    gone = tuple(tx.connection.scalars(mine.order_by(reference.c.sequence)))
    delete_rows(tx, other_template, other_template.c.reference_id.in_(mine))
    delete_rows(tx, reference, of_subject)
    for removed in gone:
        log_change(tx, REMOVED, removed)
    if gone:
        retire_all(tx)
    if gone and not tx.connection.scalar(sa.select(sa.exists().select_from(reference))):
        set_pack(tx, None, None, None, None)
    return gone


def read_removed(tx: Transaction, *, after: int) -> tuple[ReferenceId, ...]:
    """Return the references that were removed after that version."""
    removed = (gallery_change.c.version > after) & (gallery_change.c.kind == REMOVED)
    asked = sa.select(gallery_change.c.reference_id).where(removed).order_by(gallery_change.c.version)
    return tuple(tx.connection.scalars(asked))


def log_alteration(tx: Transaction, owner: SubjectId) -> None:
    """Note that what the law sees of a subject's record changed, so that every index in memory learns it."""
    held = reference.c.subject_id == owner
    for found in tx.connection.scalars(sa.select(reference.c.id).where(held).order_by(reference.c.sequence)).all():
        log_change(tx, ALTERED, found)


def read_altered(tx: Transaction, *, after: int) -> dict[ReferenceId, RecordFacts]:
    """Return the references still held whose record changed after that version, with its facts as they are now."""
    asked = (
        sa.select(reference.c.id, reference.c.subject_id, *RECORD_FACTS)
        .join_from(reference, gallery_change, gallery_change.c.reference_id == reference.c.id)
        .join(record, record.c.subject_id == reference.c.subject_id)
        .join(audience)
        .where(gallery_change.c.version > after, gallery_change.c.kind == ALTERED)
    )
    rows = keep_sealed(tx, PowerKind.RECORD, tx.connection.execute(asked).all(), lambda row: row.subject_id)
    return {ReferenceId(row.id): read_facts_row(row) for row in rows}


def read_facts_of(tx: Transaction, subjects: Iterable[SubjectId]) -> dict[SubjectId, RecordFacts]:
    """Return what the law sees of these subjects' records now; those that were changed by hand are left out."""
    asked = sa.select(record.c.subject_id, *RECORD_FACTS).join_from(record, audience)
    rows = tx.connection.execute(asked.where(record.c.subject_id.in_(list(subjects)))).all()
    whole = keep_sealed(tx, PowerKind.RECORD, rows, lambda row: row.subject_id)
    return {SubjectId(row.subject_id): read_facts_row(row) for row in whole}


def count_added(tx: Transaction, *, after: int, until: int, allowed: Allowed) -> int:
    """Return how many of the references added after one version and until another are held and allowed now."""
    rows = tx.connection.execute(
        sa.select(*RECORD_FACTS, sa.func.count().label("held"))
        .join_from(reference, record, record.c.subject_id == reference.c.subject_id)
        .join(audience)
        .where(reference.c.sequence > after, reference.c.sequence <= until)
        .group_by(*RECORD_FACTS)
    )
    return sum(row.held for row in rows if allowed(read_facts_row(row)))


def log_change(tx: Transaction, kind: str, changed: ReferenceId) -> int:
    """Note what became of a reference, and return the gallery's new version."""
    version: int = tx.connection.scalars(
        sa.update(gallery_state).values(version=gallery_state.c.version + 1).returning(gallery_state.c.version)
    ).one()
    add_row(tx, gallery_change, version=version, kind=kind, reference_id=changed)
    return version
