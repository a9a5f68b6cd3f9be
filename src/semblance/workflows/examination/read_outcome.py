"""Read what an examination came to: only once it is concluded, with everybody's opinion and the owners' answers."""

from dataclasses import dataclass

from semblance.audit.entry import Verb
from semblance.cases.examination import (
    Examination,
    ExaminedCandidate,
    Inconclusive,
    Lead,
    NoLead,
    Review,
    conclude_candidate,
)
from semblance.cases.lead_check import HeldLead
from semblance.cases.opinion import Opinion
from semblance.errors import Conflict
from semblance.evaluation.calibration import NoCalibration, ScoreMeaning
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import examinations, leads, opinions, searches
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Action, Actor
from semblance.workflows.examination.explain_score import explain_scores
from semblance.workflows.examination.require_examination import ask_for_examination, log_in_examination


@dataclass(frozen=True, slots=True)
class CandidateOutcome:
    """What people thought of a candidate, and what that came to; None where too few looked.

    ``released`` is what the owner released to the reader's authority, None before, and where it released nothing.
    ``meaning`` is what its score says; None where it has none, as known non-mates do.
    """

    candidate: ExaminedCandidate
    opinions: tuple[Opinion, ...]
    result: Lead | NoLead | Inconclusive | None
    lead: HeldLead | None
    released: dict[str, str] | None
    meaning: ScoreMeaning | NoCalibration | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A concluded examination."""

    examination: Examination
    reviews: tuple[Review, ...]
    candidates: tuple[CandidateOutcome, ...]


def read_outcome(node: Node, actor: Actor, which: ExaminationId) -> Outcome:
    """Return what an examination of the actor's authority came to, and note that it was read.

    Raises NotFound, and Conflict while people still examine: nobody learns what another thought before.
    """
    access = ask_for_examination(node, actor, Action.CASE_READ, which)
    examination = access.examination
    if examination.is_open:
        raise Conflict(
            "examination.still-open",
            "The candidates are still examined; what people thought of them is shown when all have closed.",
        )
    with node.store.writing() as tx:
        reviews = examinations.list_reviews(tx, which)
        key = searches.find_search_key(tx, examination.search)
        given = opinions.read_opinions(tx, [review for review in reviews if review.closed_at is not None], key)
        made = {lead.pseudonym: lead for lead in leads.list_of_examination(tx, which)}
        record = searches.find_search(tx, examination.search)
        scores, explain = {}, None
        if record is not None:
            scores = {candidate.reference: candidate.score for candidate in record.candidates}
            explain = explain_scores(tx, node.policy.read(), record, photos=1 + len(record.also))
        outcomes = []
        for candidate in examinations.list_candidates(tx, which):
            thought = given.get(candidate.pseudonym, ())
            result = None if candidate.known_non_mate else conclude_candidate(thought)
            settled = result if isinstance(result, Lead | NoLead | Inconclusive) else None
            lead = made.get(candidate.pseudonym)
            released = None if lead is None else leads.read_released(tx, lead.id, actor.authority)
            score = scores.get(candidate.reference)
            meaning = None if explain is None or score is None else explain(score)
            outcomes.append(CandidateOutcome(candidate, thought, settled, lead, released, meaning))
        reason = Message("examination.outcome-read", "what an examination came to")
        log_in_examination(tx, access, Verb.CONSULTATION, reason, at=node.clock())
    return Outcome(examination, reviews, tuple(outcomes))
