"""Look at what a node holds."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from semblance.audit.search_record import SearchRecord
from semblance.errors import NotFound
from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.subject import KEY_LENGTH_CAP, Subject, normalise_key
from semblance.store import gallery, photos, probes, searches, subjects
from semblance.store.photos import StoredPhoto
from semblance.store.probes import StoredProbe
from semblance.terms.ids import PackDigest, PhotoId, ProbeId
from semblance.terms.purpose import Purpose
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """Counts of what is held; ``gallery_pack`` is None before the first template."""

    name: str
    home: Path
    store: str
    gallery_pack: PackDigest | None
    gallery_version: int
    subjects: int
    references: int
    photos: int
    awaiting_choice: int
    kept_unsuitable: int
    probes: int
    searches: int
    purposes: tuple[Purpose, ...]


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One line of a list of subjects."""

    subject: Subject
    photos: int
    references: int


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """A page of subjects in the order of their keys; ``next_after`` asks for the page after it, None at the end."""

    rows: tuple[SubjectRow, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class PhotoDetail:
    """A photo without its bytes; ``chosen`` is the ordinal of the face that became a reference, if any did."""

    photo: PhotoId
    subject_key: str
    name: str
    status: IntakeStatus
    reasons: tuple[str, ...]
    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    chosen: int | None
    captured: CaptureDate | None
    source: str | None
    enrolled_at: datetime
    enrolled_by: str


@dataclass(frozen=True, slots=True)
class SubjectDetail:
    """A subject and its photos, oldest first."""

    subject: Subject
    photos: tuple[PhotoDetail, ...]


@dataclass(frozen=True, slots=True)
class PhotoBytes:
    """The bytes of a photo exactly as they were handed in."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ProbeDetail:
    """A probe that is held, without its bytes."""

    probe: ProbeId
    name: str
    facts: PhotoFacts
    faces: tuple[FaceSample, ...]
    submitted_at: datetime
    submitted_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of recorded searches, newest first; ``next_after`` asks for the page after it, None at the end."""

    records: tuple[SearchRecord, ...]
    next_after: int | None


def describe_node(node: Node) -> NodeSummary:
    """Return what the node holds, in numbers."""
    with node.store.reading() as tx:
        state = gallery.read_state(tx)
        counts = photos.count_photos(tx)
        return NodeSummary(
            name=node.name,
            home=node.home,
            store=node.store.kind,
            gallery_pack=state.pack,
            gallery_version=state.version,
            subjects=subjects.count_subjects(tx),
            references=state.references,
            photos=sum(counts.values()),
            awaiting_choice=counts[IntakeStatus.SEVERAL_FACES],
            kept_unsuitable=counts[IntakeStatus.KEPT_UNSUITABLE],
            probes=probes.count_probes(tx, now=node.clock()),
            searches=searches.count_searches(tx),
            purposes=node.purposes,
        )


def list_subjects(node: Node, *, after: str | None = None, limit: int = 50, text: str | None = None) -> SubjectPage:
    """Return subjects in the order of their keys, from the one after ``after``; ``text`` must occur in the key."""
    if text is not None and len(text) > KEY_LENGTH_CAP:
        return SubjectPage((), None)
    with node.store.reading() as tx:
        found = subjects.list_subjects(tx, after=after, limit=limit + 1, text=text)
    rows = tuple(SubjectRow(counted.subject, counted.photos, counted.references) for counted in found[:limit])
    return SubjectPage(rows, rows[-1].subject.key if rows and len(found) > limit else None)


def list_awaiting(node: Node, *, limit: int = 200) -> tuple[PhotoDetail, ...]:
    """Return the photos that wait for one of their faces to be chosen, oldest first."""
    with node.store.reading() as tx:
        return tuple(_describe(stored) for stored in photos.list_awaiting(tx, limit=limit))


def describe_subject(node: Node, subject_key: str) -> SubjectDetail:
    """Return a subject and its photos; raises NotFound."""
    key = normalise_key(subject_key)
    with node.store.reading() as tx:
        subject = subjects.find_subject(tx, key)
        if subject is None:
            raise NotFound(f"There is no subject {key!r}; `semblance show` lists the subjects.")
        return SubjectDetail(subject, tuple(_describe(stored) for stored in photos.list_photos(tx, key)))


def describe_photo(node: Node, photo: PhotoId) -> PhotoDetail:
    """Return a photo without its bytes; raises NotFound."""
    with node.store.reading() as tx:
        stored = photos.find_photo(tx, photo)
    if stored is None:
        raise NotFound(f"There is no photo {photo}.")
    return _describe(stored)


def read_photo(node: Node, photo: PhotoId) -> PhotoBytes:
    """Return a photo's bytes; raises NotFound."""
    with node.store.reading() as tx:
        stored = photos.find_photo(tx, photo)
        data = photos.read_photo_bytes(tx, photo)
    if stored is None or data is None:
        raise NotFound(f"There is no photo {photo}.")
    return PhotoBytes(stored.name, stored.facts.media_type, data)


def describe_probe(node: Node, probe: ProbeId) -> ProbeDetail:
    """Return a probe without its bytes; raises NotFound where it is not held, or not any more."""
    stored = _find_probe(node, probe)
    return ProbeDetail(
        probe=stored.id,
        name=stored.name,
        facts=stored.facts,
        faces=stored.faces,
        submitted_at=stored.submitted_at,
        submitted_by=stored.submitted_by,
        expires_at=stored.expires_at,
    )


def read_probe(node: Node, probe: ProbeId) -> PhotoBytes:
    """Return a probe's bytes; raises NotFound where it is not held, or not any more."""
    stored = _find_probe(node, probe)
    with node.store.reading() as tx:
        data = probes.read_probe_bytes(tx, probe)
    if data is None:
        raise NotFound(f"There is no probe {probe}, or it has expired.")
    return PhotoBytes(stored.name, stored.facts.media_type, data)


def list_searches(node: Node, *, after: int | None = None, limit: int = 50) -> SearchPage:
    """Return recorded searches, newest first."""
    with node.store.reading() as tx:
        found = searches.list_searches(tx, before=after, limit=limit + 1)
    records = tuple(numbered.record for numbered in found[:limit])
    return SearchPage(records, found[limit - 1].number if len(found) > limit else None)


def _find_probe(node: Node, probe: ProbeId) -> StoredProbe:
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
    if stored is None:
        raise NotFound(f"There is no probe {probe}, or it has expired; submit the photo again.")
    return stored


def _describe(stored: StoredPhoto) -> PhotoDetail:
    return PhotoDetail(
        photo=stored.id,
        subject_key=stored.subject_key,
        name=stored.name,
        status=stored.status,
        reasons=stored.reasons,
        facts=stored.facts,
        faces=stored.faces,
        chosen=stored.chosen,
        captured=stored.captured,
        source=stored.source,
        enrolled_at=stored.enrolled_at,
        enrolled_by=stored.enrolled_by,
    )
