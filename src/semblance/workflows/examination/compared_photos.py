"""The two photos that people compare: the searched probe, and the reference that was found."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.search_record import SearchRecord
from semblance.errors import NotFound
from semblance.store import photos, probes, searches
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.ids import AuthorityCode, PhotoId, ProbeId, ReferenceId
from semblance.terms.samples import FaceSample, PhotoFacts


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """A photo and the face in it that is compared; its name is not told, since names tell who it is."""

    photo: str
    facts: PhotoFacts
    face: FaceSample


@dataclass(frozen=True, slots=True)
class ComparedPhoto(ComparedFace):
    """A compared photo with its bytes."""

    data: bytes


def find_probe_face(tx: Transaction, record: SearchRecord | None, now: datetime) -> ComparedFace | None:
    """Return the searched face in the original probe, while that is held."""
    stored = None if record is None else probes.find_probe(tx, record.probe, now=now)
    if record is None or stored is None:
        return None
    face = find_searched_face(stored, record)
    return None if face is None else ComparedFace(stored.id, stored.facts, face)


def find_reference_face(tx: Transaction, authority: AuthorityCode, reference: ReferenceId) -> ComparedFace | None:
    """Return the photo and face of a reference while it is held and open to the authority that searched."""
    known = searches.find_known(tx, [reference]).get(reference)
    if known is None or not known.facts.is_visible_to(authority):
        return None
    stored = photos.find_photo(tx, known.photo)
    if stored is None:
        return None
    face = next((face for face in stored.faces if face.ordinal == stored.chosen), None)
    return None if face is None else ComparedFace(stored.id, stored.facts, face)


def load_probe(tx: Transaction, record: SearchRecord | None, now: datetime) -> ComparedPhoto | None:
    """Return the original probe with the searched face, while it is held."""
    compared = find_probe_face(tx, record, now)
    data = None if compared is None else probes.read_probe_bytes(tx, ProbeId(compared.photo))
    return _join(compared, data)


def load_reference(tx: Transaction, authority: AuthorityCode, reference: ReferenceId) -> ComparedPhoto | None:
    """Return the photo of a reference while it is held and open to the authority that searched."""
    compared = find_reference_face(tx, authority, reference)
    data = None if compared is None else photos.read_photo_bytes(tx, PhotoId(compared.photo))
    return _join(compared, data)


def find_searched_face(stored: StoredProbe, record: SearchRecord) -> FaceSample | None:
    """Return the searched face in the original's pixels; None where none was searched.

    Where it was found in a prepared version only, it is that face, traced back.
    """
    if record.face is None:
        return None if record.prepared is None else record.prepared.original
    return next((face for face in stored.faces if face.ordinal == record.face), None)


def probe_gone() -> NotFound:
    """Return the error for a probe that was deleted while it was compared."""
    return NotFound(
        "examination.probe-gone",
        "The probe was deleted when its time was over; nobody can form an opinion on it any more.",
    )


def _join(compared: ComparedFace | None, data: bytes | None) -> ComparedPhoto | None:
    if compared is None or data is None:
        return None
    return ComparedPhoto(compared.photo, compared.facts, compared.face, data)
