"""Look at what a node holds."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from semblance.audit.search_record import SearchRecord
from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.subject import Subject
from semblance.terms.ids import PackDigest, PhotoId, ProbeId
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
    raise NotImplementedError


def list_subjects(node: Node, *, after: str | None = None, limit: int = 50, text: str | None = None) -> SubjectPage:
    """Return subjects in the order of their keys, from the one after ``after``; ``text`` must occur in the key."""
    raise NotImplementedError


def list_awaiting(node: Node, *, limit: int = 200) -> tuple[PhotoDetail, ...]:
    """Return the photos that wait for one of their faces to be chosen, oldest first."""
    raise NotImplementedError


def describe_subject(node: Node, subject_key: str) -> SubjectDetail:
    """Return a subject and its photos; raises NotFound."""
    raise NotImplementedError


def describe_photo(node: Node, photo: PhotoId) -> PhotoDetail:
    """Return a photo without its bytes; raises NotFound."""
    raise NotImplementedError


def read_photo(node: Node, photo: PhotoId) -> PhotoBytes:
    """Return a photo's bytes; raises NotFound."""
    raise NotImplementedError


def describe_probe(node: Node, probe: ProbeId) -> ProbeDetail:
    """Return a probe without its bytes; raises NotFound where it is not held, or not any more."""
    raise NotImplementedError


def read_probe(node: Node, probe: ProbeId) -> PhotoBytes:
    """Return a probe's bytes; raises NotFound where it is not held, or not any more."""
    raise NotImplementedError


def list_searches(node: Node, *, after: int | None = None, limit: int = 50) -> SearchPage:
    """Return recorded searches, newest first."""
    raise NotImplementedError
