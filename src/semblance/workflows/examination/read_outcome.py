"""Read what an examination came to: only once it is concluded, with everybody's opinion and the owners' answers."""

from dataclasses import dataclass

from semblance.audit.act import Touched, Verb
from semblance.cases.case import Case
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
from semblance.node.node import Node
from semblance.store import examinations, leads, ledger, opinions, searches
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId
from semblance.workflows.examination.explain_score import explain_scores
from semblance.workflows.examination.require_examination import ask_for_examination
from semblance.workflows.permission import describe_act


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
    case: Case
    reviews: tuple[Review, ...]
    candidates: tuple[CandidateOutcome, ...]


def read_outcome(node: Node, actor: Actor, which: ExaminationId) -> Outcome:
    """Return what an examination of the actor's authority came to, and note that it was read.

    Raises NotFound, and Conflict while people still examine: nobody learns what another thought before.
    """
    found = ask_for_examination(node, actor, Action.CASE_READ, which)
    held, case, permit = found
    if held.is_open:
        raise Conflict(
            "examination.candidates-still-examined-people-thought",
            "The candidates are still examined; what people thought of them is shown when all have closed.",
        )
    policy = node.policy.read()
    with node.store.writing() as tx:
        reviews = examinations.list_reviews(tx, which)
        key = searches.find_search_key(tx, held.search)
        given = opinions.read_opinions(tx, [one for one in reviews if one.closed_at is not None], key)
        made = {one.pseudonym: one for one in leads.list_of_examination(tx, which)}
        record = searches.find_search(tx, held.search)
        scores = {} if record is None else {one.reference: one.score for one in record.candidates}
        explain = None if record is None else explain_scores(tx, policy, record, photos=1 + len(record.also))
        outcomes = []
        for one in examinations.list_candidates(tx, which):
            result = conclude_candidate(given.get(one.pseudonym, ())) if not one.known_non_mate else None
            lead = made.get(one.pseudonym)
            released = None if lead is None else leads.read_released(tx, lead.id, actor.authority)
            settled = result if isinstance(result, Lead | NoLead | Inconclusive) else None
            score = scores.get(one.reference)
            meaning = None if explain is None or score is None else explain(score)
            outcomes.append(CandidateOutcome(one, given.get(one.pseudonym, ()), settled, lead, released, meaning))
        act = describe_act(
            actor,
            permit,
            Verb.CONSULTATION,
            Action.CASE_READ,
            case=case.number or None,
            purpose=case.draft.purpose.value,
            reason="what an examination came to",
            touched=(Touched("search", held.search), Touched("case", case.id)),
        )
        ledger.append(tx, act, at=node.clock(), sealed_under=key)
    return Outcome(held, case, reviews, tuple(outcomes))
