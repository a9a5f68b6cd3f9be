"""Probes: photos that are held in a case for searching, until they expire, each sealed under a key of its own."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.store.encoding import WrittenFace, WrittenFacts, write_fields
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.schema.gallery import probe, probe_bytes
from semblance.store.schema.workbench import preparation
from semblance.store.vault import destroy_key, make_key, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import CaseId, ProbeId


@dataclass(frozen=True, slots=True)
class StoredProbe:
    """A probe without its bytes."""

    id: ProbeId
    case: CaseId
    name: str
    facts: WrittenFacts
    faces: tuple[WrittenFace, ...]
    submitted_at: datetime
    submitted_by: str
    expires_at: datetime


_PROBE: Final = TypeAdapter(StoredProbe)


def add_probe(tx: Transaction, stored: StoredProbe, data: bytes) -> None:
    """Hold a probe with its faces and bytes."""
    key = make_key(tx, "probe")
    tx.connection.execute(
        sa.insert(probe).values(
            id=stored.id,
            case_id=stored.case,
            key_id=key,
            submitted_at=stored.submitted_at,
            submitted_by=stored.submitted_by,
            expires_at=stored.expires_at,
            sealed=seal_text(tx, key, f"probe/{stored.id}", write_fields(_PROBE, stored, {"name", "facts", "faces"})),
        )
    )
    sealed = seal(tx, key, f"probe.data/{stored.id}", data)
    tx.connection.execute(sa.insert(probe_bytes).values(probe_id=stored.id, data=sealed))


def find_probe(tx: Transaction, probe_id: ProbeId, *, now: datetime) -> StoredProbe | None:
    """Return the probe with that id unless it has expired."""
    held = (probe.c.id == probe_id) & (probe.c.expires_at > now)
    row = tx.connection.execute(sa.select(probe).where(held)).one_or_none()
    return None if row is None else _read(tx, row)


def list_probes(tx: Transaction, case: CaseId, *, now: datetime) -> tuple[StoredProbe, ...]:
    """Return the probes of a case that have not expired, oldest first."""
    held = (probe.c.case_id == case) & (probe.c.expires_at > now)
    rows = tx.connection.execute(sa.select(probe).where(held).order_by(probe.c.submitted_at, probe.c.id)).all()
    return tuple(_read(tx, row) for row in rows)


def read_probe_bytes(tx: Transaction, probe_id: ProbeId) -> bytes | None:
    """Return the bytes of the probe with that id."""
    row = tx.connection.execute(
        sa.select(probe_bytes.c.data, probe.c.key_id)
        .join(probe, probe.c.id == probe_bytes.c.probe_id)
        .where(probe_bytes.c.probe_id == probe_id)
    ).one_or_none()
    return None if row is None else unseal(tx, KeyId(row.key_id), f"probe.data/{probe_id}", bytes(row.data))


def keep_probe_until(tx: Transaction, probe_id: ProbeId, moment: datetime) -> None:
    """Move the day on which the probe expires."""
    tx.connection.execute(sa.update(probe).where(probe.c.id == probe_id).values(expires_at=moment))


def find_expired(tx: Transaction, *, now: datetime, limit: int) -> tuple[ProbeId, ...]:
    """Return probes that have expired."""
    expired = sa.select(probe.c.id).where(probe.c.expires_at <= now).order_by(probe.c.id).limit(limit)
    return tuple(map(ProbeId, tx.connection.scalars(expired)))


def find_of_case(tx: Transaction, case: CaseId) -> tuple[ProbeId, ...]:
    """Return all probes of a case, also those that have expired."""
    return tuple(map(ProbeId, tx.connection.scalars(sa.select(probe.c.id).where(probe.c.case_id == case))))


def delete_probes(tx: Transaction, probes: tuple[ProbeId, ...]) -> int:
    """Delete these probes with what was prepared from them, destroy their keys, and return how many were held."""
    for key in tx.connection.scalars(sa.select(probe.c.key_id).where(probe.c.id.in_(probes))).all():
        destroy_key(tx, KeyId(key))
    tx.connection.execute(sa.delete(preparation).where(preparation.c.probe_id.in_(probes)))
    tx.connection.execute(sa.delete(probe_bytes).where(probe_bytes.c.probe_id.in_(probes)))
    return tx.connection.execute(sa.delete(probe).where(probe.c.id.in_(probes))).rowcount


def _read(tx: Transaction, row: Any) -> StoredProbe:
    document = json.loads(unseal_text(tx, KeyId(row.key_id), f"probe/{row.id}", row.sealed))
    return _PROBE.validate_python({**row._asdict(), **document, "case": row.case_id})
