"""Probes: photos that are searched with and then forgotten; no table of the gallery knows them."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.store.encoding import read_face, read_facts, read_time, write_face, write_facts, write_text, write_time
from semblance.store.engine import Transaction
from semblance.store.schema import probe, probe_bytes
from semblance.terms.ids import ProbeId
from semblance.terms.samples import FaceSample, PhotoFacts


@dataclass(frozen=True, slots=True)
class StoredProbe:
    """A probe without its bytes."""

    id: ProbeId
    name: str
    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    submitted_at: datetime
    submitted_by: str
    expires_at: datetime


def add_probe(tx: Transaction, stored: StoredProbe, data: bytes) -> None:
    """Hold a probe and its bytes."""
    tx.connection.execute(
        sa.insert(probe).values(
            id=stored.id,
            name=write_text(stored.name),
            facts=write_facts(stored.facts),
            faces=json.dumps([write_face(sample) for sample in stored.faces]),
            submitted_at=write_time(stored.submitted_at),
            submitted_by=write_text(stored.submitted_by),
            expires_at=write_time(stored.expires_at),
        )
    )
    tx.connection.execute(sa.insert(probe_bytes).values(probe_id=stored.id, data=data))


def find_probe(tx: Transaction, probe_id: ProbeId, *, now: datetime) -> StoredProbe | None:
    """Return the probe with that id unless it has expired."""
    held = (probe.c.id == probe_id) & (probe.c.expires_at > write_time(now))
    row = tx.connection.execute(sa.select(probe).where(held)).one_or_none()
    if row is None:
        return None
    return StoredProbe(
        id=ProbeId(row.id),
        name=row.name,
        facts=read_facts(row.facts),
        faces=tuple(read_face(sample) for sample in json.loads(row.faces)),
        submitted_at=read_time(row.submitted_at),
        submitted_by=row.submitted_by,
        expires_at=read_time(row.expires_at),
    )


def read_probe_bytes(tx: Transaction, probe_id: ProbeId) -> bytes | None:
    """Return the bytes of the probe with that id."""
    data = tx.connection.scalar(sa.select(probe_bytes.c.data).where(probe_bytes.c.probe_id == probe_id))
    return None if data is None else bytes(data)


def keep_probe_until(tx: Transaction, probe_id: ProbeId, moment: datetime) -> None:
    """Move the day on which the probe expires."""
    tx.connection.execute(sa.update(probe).where(probe.c.id == probe_id).values(expires_at=write_time(moment)))


def count_probes(tx: Transaction, *, now: datetime) -> int:
    """Return how many probes are held and have not expired."""
    alive = probe.c.expires_at > write_time(now)
    return tx.connection.scalar(sa.select(sa.func.count()).select_from(probe).where(alive)) or 0


def delete_expired(tx: Transaction, *, now: datetime) -> int:
    """Delete the probes that have expired and return how many."""
    expired = sa.select(probe.c.id).where(probe.c.expires_at <= write_time(now))
    tx.connection.execute(sa.delete(probe_bytes).where(probe_bytes.c.probe_id.in_(expired)))
    return tx.connection.execute(sa.delete(probe).where(probe.c.expires_at <= write_time(now))).rowcount


def has_expired(tx: Transaction, *, now: datetime) -> bool:
    """Return whether any probe waits to be deleted."""
    expired = sa.select(probe.c.id).where(probe.c.expires_at <= write_time(now))
    return bool(tx.connection.scalar(sa.select(expired.exists())))
