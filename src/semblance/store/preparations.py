"""Prepared probes: lists of steps, and the faces found after them, sealed under the probe's own key."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from semblance.store.encoding import read_face, write_face
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.gallery import probe
from semblance.store.schema.workbench import preparation
from semblance.store.vault import seal_text, unseal_text
from semblance.terms.ids import PreparationId, ProbeId
from semblance.terms.preparation import Step, read_steps, write_steps
from semblance.terms.samples import FaceSample


@dataclass(frozen=True, slots=True)
class StoredPreparation:
    """A prepared probe; ``number`` counts those of one probe from 1.

    ``width`` and ``height`` are those of the prepared photo, and the faces lie in its pixels, not in the original's.
    """

    id: PreparationId
    probe: ProbeId
    number: int
    steps: tuple[Step, ...]
    width: int
    height: int
    faces: tuple[FaceSample, ...]
    made_at: datetime
    made_by: str


def add_preparation(tx: Transaction, stored: StoredPreparation) -> None:
    """Hold a prepared version of a probe that is held; its number must be free."""
    document = {
        "steps": write_steps(stored.steps),
        "size": [stored.width, stored.height],
        "faces": [write_face(face) for face in stored.faces],
    }
    key = KeyId(tx.connection.scalars(sa.select(probe.c.key_id).where(probe.c.id == stored.probe)).one())
    tx.connection.execute(
        sa.insert(preparation).values(
            id=stored.id,
            probe_id=stored.probe,
            number=stored.number,
            made_at=stored.made_at,
            made_by=stored.made_by,
            sealed=seal_text(tx, key, f"preparation/{stored.id}", json.dumps(document)),
        )
    )


def find_next_number(tx: Transaction, probe_id: ProbeId) -> int:
    """Return the number of the probe's next prepared version."""
    highest = sa.select(sa.func.max(preparation.c.number)).where(preparation.c.probe_id == probe_id)
    return (tx.connection.scalar(highest) or 0) + 1


def find_preparation(tx: Transaction, preparation_id: PreparationId) -> StoredPreparation | None:
    """Return the prepared version with that id; whether its probe has expired is not asked."""
    return next(iter(_read_all(tx, preparation.c.id == preparation_id)), None)


def list_preparations(tx: Transaction, probe_id: ProbeId) -> tuple[StoredPreparation, ...]:
    """Return the prepared versions of a probe in the order in which they were made."""
    return _read_all(tx, preparation.c.probe_id == probe_id)


def _read_all(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[StoredPreparation, ...]:
    rows = tx.connection.execute(
        sa.select(preparation, probe.c.key_id)
        .join(probe, probe.c.id == preparation.c.probe_id)
        .where(which)
        .order_by(preparation.c.number)
    )
    return tuple(_read(tx, row) for row in rows.all())


def _read(tx: Transaction, row: Any) -> StoredPreparation:
    document = json.loads(unseal_text(tx, KeyId(row.key_id), f"preparation/{row.id}", row.sealed))
    width, height = document["size"]
    return StoredPreparation(
        id=PreparationId(row.id),
        probe=ProbeId(row.probe_id),
        number=row.number,
        steps=read_steps(document["steps"]),
        width=width,
        height=height,
        faces=tuple(read_face(face) for face in document["faces"]),
        made_at=row.made_at,
        made_by=row.made_by,
    )
