"""Submit a probe, search the gallery for one face of it, and read the answer again later."""

from dataclasses import dataclass

from semblance.audit.search_record import SearchRecord
from semblance.cases.justification import Justification, Refusal
from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.suitability import Shortfall
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.geometry import Box
from semblance.terms.ids import PhotoId, ProbeId, ReferenceId, SearchId, SubjectId
from semblance.terms.samples import Extraction, FaceSample
from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class SubmittedProbe:
    """A probe that is held for searching, until it expires.

    ``shortfalls`` has one entry for each face of the extraction: what a reference would be refused for. A probe is
    searched all the same; whoever reads the candidates should know.
    """

    probe: ProbeId
    name: str
    extraction: Extraction
    shortfalls: tuple[tuple[Shortfall, ...], ...]


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A candidate with what is needed to show it.

    After the subject or the reference was deleted ``erased`` is True and everything that they were known by is None.
    """

    rank: int
    score: float
    subject: SubjectId
    reference: ReferenceId
    subject_key: str | None
    photo: PhotoId | None
    face_box: Box | None
    captured: CaptureDate | None
    erased: bool


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A recorded search and its candidates; no candidates is an answer like any other."""

    record: SearchRecord
    candidates: tuple[ShownCandidate, ...]

    @property
    def search(self) -> SearchId:
        return self.record.search


@dataclass(frozen=True, slots=True)
class ChoiceNeeded:
    """The probe shows several faces and none was chosen; nothing was searched or recorded."""

    probe: ProbeId
    faces: tuple[FaceSample, ...]


@dataclass(frozen=True, slots=True)
class NoFaceFound:
    """The probe shows no face that could be searched: a failure to extract, recorded; not the same as no candidates."""

    search: SearchId
    reason: str


def submit_probe(node: Node, data: bytes, *, name: str, person: str) -> SubmittedProbe:
    """Hold a photo as a probe and return the faces found in it.

    Unless it is searched, the probe expires after an hour. Raises a kind of IntakeError where the bytes are no readable
    photo; nothing is held then.
    """
    raise NotImplementedError


def search_probe(
    node: Node,
    probe: ProbeId,
    *,
    justification: Justification,
    face: int | None = None,
    limit: int = CANDIDATE_CAP,
) -> SearchAnswer | Refusal | ChoiceNeeded | NoFaceFound:
    """Search the gallery for one face of the probe.

    Every search is recorded, also where it was refused, impossible or found nobody. The probe never becomes a
    reference; searched, it expires after 30 days. ``limit`` is cut to 1 … 50. Raises NotFound where the probe is not
    held (any more) or has no such face, PackConflict where the gallery was filled by another pack.
    """
    raise NotImplementedError


def read_search(node: Node, search: SearchId) -> SearchAnswer:
    """Return a recorded search as it was answered then, deleted subjects shown as erased; raises NotFound."""
    raise NotImplementedError
