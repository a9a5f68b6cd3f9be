"""The two photos that people compare, probe and reference, side by side and as pictures; who looks has looked at it."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.examination import Examination, Review
from semblance.cases.opinion import OpinionDraft
from semblance.errors import NotFound
from semblance.faces.photo import turn_facts
from semblance.faces.preparation.placing import place_face, place_step
from semblance.node.node import Node
from semblance.store import examinations, opinions, photos, probes, searches
from semblance.store.engine import Transaction
from semblance.store.opinions import ReviewLine
from semblance.store.probes import StoredProbe
from semblance.terms.ids import AuthorityCode, ExaminationId, PhotoId, ProbeId, ReferenceId, SearchId
from semblance.terms.permission import Action, Actor
from semblance.terms.preparation import Rotate
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.examination.require_examination import ask_for_examination
from semblance.workflows.examination.reviews import require_own_review
from semblance.workflows.permission import ask, name_touched, refuse_missing


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
    """Return the searched face in the original probe, upright, while that is held."""
    stored = None if record is None else probes.find_probe(tx, record.probe, now=now)
    if record is None or stored is None:
        return None
    prepared, facts = record.prepared, stored.facts
    if prepared is not None and prepared.turned:
        turning = place_step(Rotate.by_quarters(prepared.turned), facts.width, facts.height)
        upright = place_face(turning, prepared.original)
        return ComparedFace(stored.id, turn_facts(facts, prepared.turned), upright)
    face = _find_searched_face(stored, record)
    return None if face is None else ComparedFace(stored.id, facts, face)


def find_reference_face(tx: Transaction, authority: AuthorityCode, reference: ReferenceId) -> ComparedFace | None:
    """Return the photo and face of a reference while it is held and open to the authority that searched."""
    known = searches.find_known(tx, [reference]).get(reference)
    if known is None or not known.facts.is_visible_to(authority):
        return None
    stored = photos.find_photo(tx, known.photo)
    if stored is None or stored.chosen_face is None:
        return None
    return ComparedFace(stored.id, stored.facts, stored.chosen_face)


def load_probe(tx: Transaction, record: SearchRecord | None, now: datetime) -> ComparedPhoto | None:
    """Return the original probe with the searched face, while it is held."""
    compared = find_probe_face(tx, record, now)
    return None if compared is None else _load(compared, probes.read_probe_bytes(tx, ProbeId(compared.photo)))


def load_reference(tx: Transaction, authority: AuthorityCode, reference: ReferenceId) -> ComparedPhoto | None:
    """Return the photo of a reference while it is held and open to the authority that searched."""
    compared = find_reference_face(tx, authority, reference)
    return None if compared is None else _load(compared, photos.read_photo_bytes(tx, PhotoId(compared.photo)))


def _find_searched_face(stored: StoredProbe, record: SearchRecord) -> FaceSample | None:
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


def _load(compared: ComparedFace, data: bytes | None) -> ComparedPhoto | None:
    return None if data is None else ComparedPhoto(compared.photo, compared.facts, compared.face, data)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the probe, what one has written of it, and where one stands in one's own order."""

    examination: Examination
    case: Case
    pseudonym: str
    probe: ComparedFace
    reference: ComparedFace
    draft: OpinionDraft
    version: int
    closed: bool
    lines: tuple[ReviewLine, ...]


def read_comparison(node: Node, actor: Actor, which: ExaminationId, pseudonym: str) -> Comparison:
    """Return a candidate beside the original probe, and note that one looked at it.

    Raises NotFound where it is no candidate of one's review, where its record was erased since, or where the probe's
    time was over; the first of these is noted as looked at, since there is nothing more to be seen.
    """
    access, now = ask_for_examination(node, actor, None, which), node.clock()
    examination = access.examination
    with node.store.writing() as tx:
        own = require_own_review(tx, which, actor)
        require_among(own, pseudonym)
        probe = find_probe_face(tx, searches.find_search(tx, examination.search), now)
        if own.closed_at is None and probe is not None:
            opinions.mark_seen(tx, own.id, pseudonym, now)
        reference = find_reference_face(tx, examination.authority, _find_reference(tx, examination, pseudonym))
        key = searches.find_search_key(tx, examination.search)
        draft, version = opinions.read_draft(tx, own.id, pseudonym, key)
        lines = {line.pseudonym: line for line in opinions.list_lines(tx, own.id)}
    if probe is None:
        raise probe_gone()
    if reference is None:
        raise NotFound(
            "examination.record-gone",
            "The record of {candidate} was erased or closed to you since; it counts as looked at.",
            candidate=pseudonym,
        )
    return Comparison(
        examination=examination,
        case=access.case,
        pseudonym=pseudonym,
        probe=probe,
        reference=reference,
        draft=draft,
        version=version,
        closed=own.closed_at is not None,
        lines=tuple(lines[name] for name in own.ordering),
    )


def read_probe_side(node: Node, actor: Actor, which: ExaminationId) -> ComparedPhoto:
    """Return the original probe of an examination that one reviews; raises NotFound."""
    examination = ask_for_examination(node, actor, None, which).examination
    with node.store.reading() as tx:
        require_own_review(tx, which, actor)
        probe = load_probe(tx, searches.find_search(tx, examination.search), node.clock())
    if probe is None:
        raise probe_gone()
    return probe


def read_candidate_side(node: Node, actor: Actor, which: ExaminationId, pseudonym: str) -> ComparedPhoto:
    """Return the reference's photo of a candidate of an examination that one reviews; raises NotFound."""
    examination = ask_for_examination(node, actor, None, which).examination
    with node.store.reading() as tx:
        require_among(require_own_review(tx, which, actor), pseudonym)
        reference = load_reference(tx, examination.authority, _find_reference(tx, examination, pseudonym))
    if reference is None:
        raise NotFound("examination.photo-gone", "The photo of {candidate} is not held any more.", candidate=pseudonym)
    return reference


def require_among(review: Review, pseudonym: str) -> None:
    """Raise NotFound where the review has no candidate of that pseudonym."""
    if pseudonym not in review.ordering:
        raise NotFound(
            "examination.no-candidate", "There is no candidate {candidate} in this examination.", candidate=pseudonym
        )


def _find_reference(tx: Transaction, examination: Examination, pseudonym: str) -> ReferenceId:
    candidates = examinations.list_candidates(tx, examination.id)
    return next(candidate.reference for candidate in candidates if candidate.pseudonym == pseudonym)


def read_found_face(node: Node, actor: Actor, search: SearchId, reference: ReferenceId) -> ComparedPhoto:
    """Return the photo of a reference that a search found, or that was put among the candidates.

    Raises NotFound where it is none of them, is not held or not open any more, and until people have concluded:
    then each is shown to those who examine it, under its pseudonym. The page that shows it has noted the reading.
    """
    missing = NotFound("examination.no-found-face", "There is no such candidate, or it is still examined.")
    named = name_touched("search", search)
    ask(node, actor, Action.CASE_READ, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        record = searches.find_search(tx, search, actor.authority)
        examination = examinations.find_of_search(tx, search)
        dealt = () if examination is None or record is None else examinations.list_candidates(tx, examination.id)
    if record is None:
        refuse_missing(node, actor, Action.CASE_READ, named)
        raise missing
    listed = {candidate.reference for candidate in record.candidates}
    among = reference in listed.union(candidate.reference for candidate in dealt)
    if not among or (examination is not None and examination.is_masked):
        raise missing
    with node.store.reading() as tx:
        found = load_reference(tx, record.authority, reference)
    if found is None:
        raise missing
    return found
