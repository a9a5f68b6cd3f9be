"""Moving a gallery to another pack: what wants a template of it, which pack is searched, and what is left over."""

import json
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from semblance.messages.message import Message
from semblance.messages.stored import read_message, write_message
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.rows import add_row, change_rows, count_rows, delete_rows
from semblance.store.schema.gallery import gallery_state, other_template, reference, subject
from semblance.store.vault import seal, unseal
from semblance.terms.ids import PackDigest, PhotoId, ReferenceId
from semblance.terms.samples import Metric

_CHUNK: Final = 256


@dataclass(frozen=True, slots=True)
class WantingReference:
    """A reference without a template of a pack."""

    id: ReferenceId
    sequence: int
    photo: PhotoId


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many references a gallery holds, and how many of them have a template of a pack, or were found to have none.

    ``pack_name`` and ``searched`` are of the pack that is searched now.
    """

    references: int
    made: int
    faults: int
    pack_name: str | None
    searched: PackDigest | None

    @property
    def wanting(self) -> int:
        """Return how many were not looked at yet."""
        return self.references - self.made - self.faults


def read_coverage(tx: Transaction, pack: PackDigest) -> Coverage:
    """Return how far the gallery has templates of a pack."""
    state = tx.connection.execute(sa.select(gallery_state.c.pack, gallery_state.c.pack_name)).one()
    mine = other_template.c.pack == pack
    return Coverage(
        references=count_rows(tx, reference),
        made=count_rows(tx, reference, reference.c.pack == pack)
        + count_rows(tx, other_template, mine, other_template.c.fault.is_(None)),
        faults=count_rows(tx, other_template, mine, other_template.c.fault.is_not(None)),
        pack_name=state.pack_name,
        searched=state.pack,
    )


def list_wanting(tx: Transaction, pack: PackDigest, *, after: int) -> tuple[WantingReference, ...]:
    """Return some references after that one in the order of enrolment that were not looked at with the pack yet."""
    beside = (other_template.c.reference_id == reference.c.id) & (other_template.c.pack == pack)
    rows = tx.connection.execute(
        sa.select(reference.c.id, reference.c.sequence, reference.c.photo_id)
        .outerjoin_from(reference, other_template, beside)
        .where(reference.c.sequence > after, reference.c.pack != pack, other_template.c.pack.is_(None))
        .order_by(reference.c.sequence)
        .limit(_CHUNK)
    )
    return tuple(WantingReference(ReferenceId(row.id), row.sequence, PhotoId(row.photo_id)) for row in rows)


def keep_fault(
    tx: Transaction, of: ReferenceId, pack: PackDigest, metric: Metric, dimension: int, why: Message
) -> bool:
    """Note why a reference has no template of a pack; return whether it is held and had none."""
    held = tx.connection.scalar(sa.select(reference.c.pack).where(reference.c.id == of))
    mine = (other_template.c.reference_id == of) & (other_template.c.pack == pack)
    if held in (None, pack) or tx.connection.scalar(sa.select(sa.exists().select_from(other_template).where(mine))):
        return False
    made = {"reference_id": of, "pack": pack, "metric": metric, "dimension": dimension}
    add_row(tx, other_template, **made, template=None, fault=json.dumps(write_message(why)))
    return True


def count_faults(tx: Transaction, pack: PackDigest) -> dict[Message, int]:
    """Return why references have no template of a pack, and how many for each reason."""
    rows = tx.connection.execute(
        sa.select(other_template.c.fault, sa.func.count())
        .where(other_template.c.pack == pack, other_template.c.fault.is_not(None))
        .group_by(other_template.c.fault)
        .order_by(sa.func.count().desc(), other_template.c.fault)
    )
    # stores of before hold sentences
    return {read_message(json.loads(fault) if fault.startswith("{") else fault): count for fault, count in rows}


def forget_faults(tx: Transaction, pack: PackDigest) -> int:
    """Have the references without a template looked at again; return how many."""
    void = (other_template.c.pack == pack) & other_template.c.template.is_(None)
    return delete_rows(tx, other_template, void)


def settle_templates(tx: Transaction) -> int:
    """Put the searched pack's template of some references in place of their own, and delete theirs of other packs.

    Return how many references that was; 0 when nothing is left to do. One that has no template of the searched pack
    keeps what it has.
    """
    pack = tx.connection.scalar(sa.select(gallery_state.c.pack))
    beside = (other_template.c.reference_id == reference.c.id) & (other_template.c.pack == pack)
    rows = tx.connection.execute(
        sa.select(reference.c.id, subject.c.key_id, other_template)
        .join_from(reference, subject, subject.c.id == reference.c.subject_id)
        .join(other_template, beside)
        .where(other_template.c.template.is_not(None))
        .limit(_CHUNK)
    ).all()
    for row in rows:
        key = KeyId(row.key_id)
        values = unseal(tx, key, f"template/{row.id}/{pack}", bytes(row.template))
        moved = {"pack": pack, "metric": row.metric, "dimension": row.dimension}
        template = seal(tx, key, f"template/{row.id}", values)
        change_rows(tx, reference, reference.c.id == row.id, **moved, template=template)
        delete_rows(tx, other_template, other_template.c.reference_id == row.id)
    return len(rows)


def forget_beside(tx: Transaction) -> int:
    """Delete all templates and faults that stand beside references' own; return how many templates."""
    templates = count_rows(tx, other_template, other_template.c.fault.is_(None))
    delete_rows(tx, other_template, sa.true())
    return templates
