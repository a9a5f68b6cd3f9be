"""Probes: photos that are held in a case for searching, until they expire, each sealed under a key of its own.

Prepared probes stand beside them: lists of steps, and the faces found after them, sealed under the probe's own key.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from semblance.cases.check import is_open
from semblance.cases.standing_search import StandingState, find_last_moment
from semblance.errors import VerificationError
from semblance.gallery.following import TrackOrigin
from semblance.store import records, standing_searches
from semblance.store.encoding import WrittenFace, WrittenFacts, read_face, write_face, write_fields
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import keep_sealed, require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, delete_rows, find_first, read_key, read_row
from semblance.store.schema.case import case_file
from semblance.store.schema.gallery import probe, probe_bytes
from semblance.store.schema.standing import standing_search
from semblance.store.schema.workbench import preparation
from semblance.store.vault import destroy_key, make_key, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, CaseId, PreparationId, ProbeId, SubjectId, SubmissionId
from semblance.terms.preparation import Step, read_steps, write_steps
from semblance.terms.samples import FaceSample


@dataclass(frozen=True, slots=True)
class StoredProbe:
    """A probe without its bytes; ``submission`` is the one that its photo comes from, where it does.

    ``origin`` is whose record it was handed in from, None for nobody known here. ``track`` is that of a video whose
    frames it is searched with together.
    """

    id: ProbeId
    case: CaseId
    name: str
    facts: WrittenFacts
    faces: tuple[WrittenFace, ...]
    submitted_at: datetime
    submitted_by: str
    expires_at: datetime
    submission: SubmissionId | None = None
    origin: SubjectId | None = None
    track: TrackOrigin | None = None


_PROBE: Final = TypeAdapter(StoredProbe)


def add_probe(tx: Transaction, stored: StoredProbe, data: bytes, frames: bytes | None = None) -> None:
    """Hold a probe with its faces and bytes; ``frames`` are those of its track, as whoever searches it reads them."""
    key = make_key(tx, "probe")
    document = write_fields(_PROBE, stored, {"name", "facts", "faces", "submission", "track"})
    add_row(tx, probe, stored, key_id=key, sealed=seal_text(tx, key, f"probe/{stored.id}", document))
    sealed = None if frames is None else seal(tx, key, f"probe.frames/{stored.id}", frames)
    add_row(tx, probe_bytes, probe_id=stored.id, data=seal(tx, key, f"probe.data/{stored.id}", data), frames=sealed)


def find_probe(
    tx: Transaction, probe_id: ProbeId, authority: AuthorityCode | None = None, *, now: datetime
) -> StoredProbe | None:
    """Return the probe with that id unless it has expired; where an authority is named, only if the case is its own.

    One from a record that is not active any more, or not open to the case's authority, is not held either.
    """
    require_sealed(tx, PowerKind.PROBE, [probe_id])
    which = (probe.c.id == probe_id) & (probe.c.expires_at > now)
    if authority is not None:
        which &= probe.c.case_id.in_(sa.select(case_file.c.id).where(case_file.c.authority == authority))
    return find_first(_list(tx, which, now))


def list_probes(tx: Transaction, case: CaseId, *, now: datetime) -> tuple[StoredProbe, ...]:
    """Return the probes of a case that have not expired, oldest first."""
    return _list(tx, (probe.c.case_id == case) & (probe.c.expires_at > now), now)


def read_probe_bytes(tx: Transaction, probe_id: ProbeId) -> bytes | None:
    """Return the bytes of the probe with that id."""
    require_sealed(tx, PowerKind.PROBE, [probe_id])
    row = tx.connection.execute(
        sa.select(probe_bytes.c.data, probe.c.key_id)
        .join(probe, probe.c.id == probe_bytes.c.probe_id)
        .where(probe_bytes.c.probe_id == probe_id)
    ).one_or_none()
    return None if row is None else unseal(tx, KeyId(row.key_id), f"probe.data/{probe_id}", bytes(row.data))


def read_frames(tx: Transaction, stored: StoredProbe) -> bytes | None:
    """Return the frames of a probe's track, None where it is a photo; raises VerificationError if they are missing."""
    if stored.track is None:
        return None
    asked = sa.select(probe_bytes.c.frames).where(probe_bytes.c.probe_id == stored.id)
    frames = tx.connection.scalar(asked)
    if frames is None:
        raise VerificationError(
            "store.probe-frames-missing", "The frames of a probe were deleted by hand; restore the database."
        )
    return unseal(tx, read_key(tx, probe, stored.id), f"probe.frames/{stored.id}", bytes(frames))


def keep_probe_until(tx: Transaction, probe_id: ProbeId, moment: datetime) -> None:
    """Move the day on which the probe expires; while a standing search for it runs, it is held to its last day."""
    sought = standing_searches.list_of_probe(tx, probe_id)
    running = (standing.last_day for standing in sought if standing.state is StandingState.RUNNING)
    until = max([moment, *map(find_last_moment, running)])
    change_rows(tx, probe, probe.c.id == probe_id, expires_at=until)


def find_expired(tx: Transaction, *, now: datetime, limit: int) -> tuple[ProbeId, ...]:
    """Return probes that have expired."""
    expired = sa.select(probe.c.id).where(probe.c.expires_at <= now).order_by(probe.c.id)
    return tuple(ProbeId(row.id) for row in take_sealed(tx, PowerKind.PROBE, expired, lambda row: row.id, limit))


def find_of_case(tx: Transaction, case: CaseId) -> tuple[ProbeId, ...]:
    """Return all probes of a case, also those that have expired."""
    return tuple(map(ProbeId, tx.connection.scalars(sa.select(probe.c.id).where(probe.c.case_id == case))))


def find_from_record(tx: Transaction, subject: SubjectId) -> tuple[ProbeId, ...]:
    """Return the probes that were handed in from a record, also those that have expired."""
    return tuple(map(ProbeId, tx.connection.scalars(sa.select(probe.c.id).where(probe.c.origin_id == subject))))


def delete_probes(tx: Transaction, probes: tuple[ProbeId, ...]) -> int:
    """Delete these probes with what was prepared from them, destroy their keys, and return how many were held."""
    for key in tx.connection.scalars(sa.select(probe.c.key_id).where(probe.c.id.in_(probes))).all():
        destroy_key(tx, KeyId(key))
    delete_rows(tx, preparation, preparation.c.probe_id.in_(probes))
    delete_rows(tx, probe_bytes, probe_bytes.c.probe_id.in_(probes))
    sought = standing_search.c.probe_id.in_(probes) & standing_search.c.template.is_not(None)
    change_rows(tx, standing_search, sought, template=None, template_pack=None)
    return delete_rows(tx, probe, probe.c.id.in_(probes))


def _list(tx: Transaction, which: sa.ColumnElement[bool], now: datetime) -> tuple[StoredProbe, ...]:
    rows = tx.connection.execute(sa.select(probe).where(which).order_by(probe.c.submitted_at, probe.c.id)).all()
    whole = keep_sealed(tx, PowerKind.PROBE, rows, lambda row: row.id)
    return tuple(
        read_row(StoredProbe, row, **_open(tx, row))
        for row in whole
        if row.origin_id is None or _may_be_compared(tx, row, now)
    )


def _may_be_compared(tx: Transaction, row: sa.Row[Any], now: datetime) -> bool:
    facts = records.find_facts(tx, SubjectId(row.origin_id))
    authority = tx.connection.scalar(sa.select(case_file.c.authority).where(case_file.c.id == row.case_id))
    return facts is not None and authority is not None and is_open(facts, AuthorityCode(authority), now.date())


def _open(tx: Transaction, row: sa.Row[Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(unseal_text(tx, KeyId(row.key_id), f"probe/{row.id}", row.sealed))
    return document


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
    key = read_key(tx, probe, stored.probe)
    add_row(tx, preparation, stored, sealed=seal_text(tx, key, f"preparation/{stored.id}", json.dumps(document)))


def find_next_number(tx: Transaction, probe_id: ProbeId) -> int:
    """Return the number of the probe's next prepared version."""
    highest = sa.select(sa.func.max(preparation.c.number)).where(preparation.c.probe_id == probe_id)
    return (tx.connection.scalar(highest) or 0) + 1


def find_preparation(tx: Transaction, preparation_id: PreparationId, probe_id: ProbeId) -> StoredPreparation | None:
    """Return the probe's prepared version with that id; whether the probe has expired is not asked."""
    mine = (preparation.c.id == preparation_id) & (preparation.c.probe_id == probe_id)
    return find_first(_list_prepared(tx, mine))


def list_preparations(tx: Transaction, probe_id: ProbeId) -> tuple[StoredPreparation, ...]:
    """Return the prepared versions of a probe in the order in which they were made."""
    return _list_prepared(tx, preparation.c.probe_id == probe_id)


def _list_prepared(tx: Transaction, which: sa.ColumnElement[bool]) -> tuple[StoredPreparation, ...]:
    rows = tx.connection.execute(
        sa.select(preparation, probe.c.key_id)
        .join(probe, probe.c.id == preparation.c.probe_id)
        .where(which)
        .order_by(preparation.c.number)
    )
    return tuple(_read_prepared(tx, row) for row in rows.all())


def _read_prepared(tx: Transaction, row: sa.Row[Any]) -> StoredPreparation:
    document = json.loads(unseal_text(tx, KeyId(row.key_id), f"preparation/{row.id}", row.sealed))
    width, height = document["size"]
    faces = tuple(map(read_face, document["faces"]))
    steps = read_steps(document["steps"])
    return read_row(StoredPreparation, row, steps=steps, width=width, height=height, faces=faces)
