"""Submit a probe, search the gallery for one face of it, and read the answer again later."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from semblance.audit.act import Act, Touched, Verb
from semblance.audit.search_record import SearchOutcome, SearchRecord
from semblance.cases.justification import LENGTH_CAP, Justification, check_justification
from semblance.errors import NotFound
from semblance.gallery.capture_date import CaptureDate
from semblance.gallery.suitability import Shortfall, judge_suitability
from semblance.store import gallery, ledger, probes, searches
from semblance.store.engine import Transaction
from semblance.store.probes import StoredProbe
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.geometry import Box
from semblance.terms.ids import PhotoId, ProbeId, ReferenceId, SearchId, SubjectId, make_id
from semblance.terms.permission import Refusal
from semblance.terms.samples import Extraction, FaceSample
from semblance.workflows.expire import purge_expired
from semblance.workflows.extract_face import extract_face
from semblance.workflows.node import Node
from semblance.workflows.said import require_person

UNSEARCHED_LIFE: Final = timedelta(hours=1)
SEARCHED_LIFE: Final = timedelta(days=30)
_NO_FACE: Final = "No face was found in the probe, so that nothing could be searched; try a larger or clearer photo."


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
    require_person(person, "A probe names the person who submits it; say who submits.")
    purge_expired(node)
    extraction = node.extractor.extract(data, name=name)
    now = node.clock()
    stored = StoredProbe(
        id=ProbeId(make_id()),
        name=name,
        facts=extraction.facts,
        faces=extraction.faces,
        submitted_at=now,
        submitted_by=person,
        expires_at=now + UNSEARCHED_LIFE,
    )
    with node.store.writing() as tx:
        probes.add_probe(tx, stored, data)
        act = Act(Verb.COLLECTION, "probe.submit", person, node.authority, touched=(Touched("probe", stored.id),))
        ledger.append(tx, act, at=now)
    shortfalls = tuple(judge_suitability(face, node.suitability) for face in extraction.faces)
    # a template is made when a search for one face was justified, and is not handed around before
    return SubmittedProbe(stored.id, name, replace(extraction, template=None), shortfalls)


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
    wanted = max(1, min(limit, CANDIDATE_CAP))
    with node.store.reading() as tx:
        stored = probes.find_probe(tx, probe, now=node.clock())
        data = None if stored is None else probes.read_probe_bytes(tx, probe)
    if stored is None or data is None:
        raise NotFound(f"There is no probe {probe}, or it has expired; submit the photo again.")
    draft = _draft_record(node, stored, justification, wanted)
    permit = check_justification(justification, node.purposes)
    if isinstance(permit, Refusal):
        refused = replace(draft, outcome=SearchOutcome.REFUSED, rule=permit.rule, refusal=permit.reason)
        with node.store.writing() as tx:
            searches.add_search(tx, refused)
            ledger.append(tx, _describe_act(node, refused), at=refused.when)
        return permit
    if not stored.faces:
        impossible = replace(draft, outcome=SearchOutcome.NO_FACE, rule="probe.no-face", refusal=_NO_FACE)
        with node.store.writing() as tx:
            searches.add_search(tx, impossible)
            ledger.append(tx, _describe_act(node, impossible), at=impossible.when)
        return NoFaceFound(draft.search, _NO_FACE)
    if face is None and len(stored.faces) > 1:
        return ChoiceNeeded(probe, stored.faces)
    chosen = next((found for found in stored.faces if face is None or found.ordinal == face), None)
    if chosen is None:
        raise NotFound(f"{stored.name} has no face {face}; it has the faces 0 to {len(stored.faces) - 1}.")
    template = extract_face(node.extractor, data, name=stored.name, face=chosen).template
    assert template is not None
    found = node.index.search(template, limit=wanted, pack_name=node.extractor.name)
    record = replace(
        draft,
        face=chosen.ordinal,
        face_box=chosen.box,
        pack=found.pack,
        gallery_subjects=found.gallery_subjects,
        gallery_references=found.gallery_references,
        gallery_version=found.gallery_version,
        candidates=found.candidates,
    )
    with node.store.writing() as tx:
        searches.add_search(tx, record)
        ledger.append(tx, _describe_act(node, record), at=record.when)
        probes.keep_probe_until(tx, probe, record.when + SEARCHED_LIFE)
        return _join_candidates(tx, record)


def read_search(node: Node, search: SearchId) -> SearchAnswer:
    """Return a recorded search as it was answered then, deleted subjects shown as erased; raises NotFound."""
    with node.store.reading() as tx:
        record = searches.find_search(tx, search)
        if record is None:
            raise NotFound(f"There is no search {search}.")
        return _join_candidates(tx, record)


def _draft_record(node: Node, stored: StoredProbe, justification: Justification, limit: int) -> SearchRecord:
    with node.store.reading() as tx:
        state = gallery.read_state(tx)
    return SearchRecord(
        search=SearchId(make_id()),
        when=node.clock(),
        person=_cut(justification.person),
        case=_cut(justification.case),
        purpose=_cut(justification.purpose),
        reason=_cut(justification.reason),
        outcome=SearchOutcome.ANSWERED,
        probe=stored.id,
        probe_sha256=stored.facts.sha256,
        probe_name=stored.name,
        face=None,
        face_box=None,
        pack=None,
        gallery_subjects=state.subjects,
        gallery_references=state.references,
        gallery_version=state.version,
        limit=limit,
    )


def _describe_act(node: Node, record: SearchRecord) -> Act:
    refused = record.outcome is SearchOutcome.REFUSED
    shown = tuple(Touched("subject", candidate.subject) for candidate in record.candidates)
    return Act(
        verb=Verb.REFUSAL if refused else Verb.CONSULTATION,
        action="gallery.search",
        person=record.person,
        authority=node.authority,
        case=record.case,
        purpose=record.purpose,
        reason=record.reason,
        touched=(Touched("search", record.search), Touched("probe", record.probe), *shown),
    )


def _cut(text: str) -> str:
    # a refusal for too long a text is recorded, the rest of the text is not
    return text.strip()[:LENGTH_CAP]


def _join_candidates(tx: Transaction, record: SearchRecord) -> SearchAnswer:
    known = searches.find_known(tx, [candidate.reference for candidate in record.candidates])
    shown = []
    for candidate in record.candidates:
        held = known.get(candidate.reference)
        shown.append(
            ShownCandidate(
                rank=candidate.rank,
                score=candidate.score,
                subject=candidate.subject,
                reference=candidate.reference,
                subject_key=None if held is None else held.subject_key,
                photo=None if held is None else held.photo,
                face_box=None if held is None else held.box,
                captured=None if held is None else held.captured,
                erased=held is None,
            )
        )
    return SearchAnswer(record, tuple(shown))
