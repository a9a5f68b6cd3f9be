"""Put one candidate beside the probe, and give the pictures of both; whoever looks has looked at the candidate."""

from dataclasses import dataclass

from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.examination import Examination
from semblance.cases.opinion import OpinionDraft
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import examinations, opinions, photos, probes, searches
from semblance.store.engine import Transaction
from semblance.store.opinions import ReviewLine
from semblance.store.probes import StoredProbe
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import ExaminationId, PhotoId, ProbeId, ReferenceId
from semblance.terms.samples import FaceSample, PhotoFacts
from semblance.workflows.examination.require_examination import ask_for_examination
from semblance.workflows.examination.reviews import require_own_review


@dataclass(frozen=True, slots=True)
class ComparedFace:
    """A photo and the face in it that is compared."""

    facts: PhotoFacts
    face: FaceSample


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


@dataclass(frozen=True, slots=True)
class ComparedBytes:
    """The bytes of a compared photo, with the face in it; its name is not told, since names tell who it is."""

    data: bytes
    facts: PhotoFacts
    face: FaceSample


def read_comparison(node: Node, actor: Actor, which: ExaminationId, pseudonym: str) -> Comparison:
    """Return a candidate beside the original probe, and note that one looked at it.

    Raises NotFound where it is no candidate of one's review, where its record was erased since, or where the probe's
    time was over; the first of these is noted as looked at, since there is nothing more to be seen.
    """
    found = ask_for_examination(node, actor, None, which)
    held, case, _ = found
    with node.store.writing() as tx:
        mine = require_own_review(tx, which, actor)
        _require_among(mine.ordering, pseudonym)
        probe = _find_probe(tx, node, held)
        if mine.closed_at is None and probe is not None:
            opinions.mark_seen(tx, mine.id, pseudonym, node.clock())
        reference = _find_reference(tx, held, pseudonym)
        key = searches.find_search_key(tx, held.search)
        draft, version = opinions.read_draft(tx, mine.id, pseudonym, key)
        lines = {line.pseudonym: line for line in opinions.list_lines(tx, mine.id)}
    if probe is None:
        raise probe_gone()
    if reference is None:
        raise NotFound(
            "examination.record-erased-closed-you-since",
            "The record of {candidate} was erased or closed to you since; it counts as looked at.",
            candidate=pseudonym,
        )
    return Comparison(
        examination=held,
        case=case,
        pseudonym=pseudonym,
        probe=ComparedFace(probe[1], probe[2]),
        reference=ComparedFace(reference[1], reference[2]),
        draft=draft,
        version=version,
        closed=mine.closed_at is not None,
        lines=tuple(lines[name] for name in mine.ordering),
    )


def read_probe_side(node: Node, actor: Actor, which: ExaminationId) -> ComparedBytes:
    """Return the original probe of an examination in which one sits; raises NotFound."""
    found = ask_for_examination(node, actor, None, which)
    with node.store.reading() as tx:
        require_own_review(tx, which, actor)
        probe = _find_probe(tx, node, found[0])
        data = None if probe is None else probes.read_probe_bytes(tx, probe[0])
    if probe is None or data is None:
        raise probe_gone()
    return ComparedBytes(data, probe[1], probe[2])


def read_candidate_side(node: Node, actor: Actor, which: ExaminationId, pseudonym: str) -> ComparedBytes:
    """Return the reference's photo of a candidate of an examination in which one sits; raises NotFound."""
    found = ask_for_examination(node, actor, None, which)
    with node.store.reading() as tx:
        mine = require_own_review(tx, which, actor)
        _require_among(mine.ordering, pseudonym)
        reference = _find_reference(tx, found[0], pseudonym)
        data = None if reference is None else photos.read_photo_bytes(tx, reference[0])
    if reference is None or data is None:
        raise NotFound(
            "examination.photo-not-held-any-more", "The photo of {candidate} is not held any more.", candidate=pseudonym
        )
    return ComparedBytes(data, reference[1], reference[2])


def find_compared_reference(
    tx: Transaction, authority: AuthorityCode, reference: ReferenceId
) -> tuple[PhotoId, PhotoFacts, FaceSample] | None:
    """Return the photo and face of a reference while it is held and open to the authority that searched."""
    known = searches.find_known(tx, [reference]).get(reference)
    if known is None or not known.facts.is_visible_to(authority):
        return None
    stored = photos.find_photo(tx, known.photo)
    if stored is None or stored.chosen is None:
        return None
    face = next((one for one in stored.faces if one.ordinal == stored.chosen), None)
    return None if face is None else (stored.id, stored.facts, face)


def probe_gone() -> NotFound:
    """Return the error for a probe that was deleted while it was compared."""
    return NotFound(
        "examination.probe-deleted-when-time-over",
        "The probe was deleted when its time was over; nobody can form an opinion on it any more.",
    )


def _find_reference(
    tx: Transaction, held: Examination, pseudonym: str
) -> tuple[PhotoId, PhotoFacts, FaceSample] | None:
    one = next(one for one in examinations.list_candidates(tx, held.id) if one.pseudonym == pseudonym)
    return find_compared_reference(tx, held.authority, one.reference)


def _find_probe(tx: Transaction, node: Node, held: Examination) -> tuple[ProbeId, PhotoFacts, FaceSample] | None:
    record = searches.find_search(tx, held.search)
    stored = None if record is None else probes.find_probe(tx, record.probe, now=node.clock())
    if record is None or stored is None:
        return None
    face = find_compared_face(stored, record)
    return None if face is None else (stored.id, stored.facts, face)


def _require_among(names: tuple[str, ...], pseudonym: str) -> None:
    if pseudonym not in names:
        raise NotFound(
            "examination.no-candidate-examination",
            "There is no candidate {candidate} in this examination.",
            candidate=pseudonym,
        )


def find_compared_face(stored: StoredProbe, record: SearchRecord) -> FaceSample | None:
    """Return the searched face in the original's pixels; None where none was searched.

    Where it was found in a prepared version only, it is that face, traced back.
    """
    if record.face is None:
        return None if record.prepared is None else record.prepared.original
    return next((one for one in stored.faces if one.ordinal == record.face), None)
