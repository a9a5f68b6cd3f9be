"""Put one candidate beside the probe, and give the pictures of both; whoever looks has looked at the candidate."""

from dataclasses import dataclass

from semblance.cases.case import Case
from semblance.cases.examination import Examination, Review
from semblance.cases.opinion import OpinionDraft
from semblance.errors import NotFound
from semblance.node.node import Node
from semblance.store import examinations, opinions, searches
from semblance.store.engine import Transaction
from semblance.store.opinions import ReviewLine
from semblance.terms.ids import ExaminationId, ReferenceId
from semblance.terms.permission import Actor
from semblance.workflows.examination.compared_photos import (
    ComparedFace,
    ComparedPhoto,
    find_probe_face,
    find_reference_face,
    load_probe,
    load_reference,
    probe_gone,
)
from semblance.workflows.examination.require_examination import ask_for_examination
from semblance.workflows.examination.reviews import require_own_review


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
