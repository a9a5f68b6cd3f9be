"""Read what an examination came to: only once it is concluded, with everybody's opinion and the owners' answers."""

from collections.abc import Callable
from dataclasses import dataclass

from semblance.audit.entry import Verb
from semblance.audit.search_record import SearchRecord
from semblance.cases.check import find_searchable
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
from semblance.cases.policy import Policy
from semblance.errors import Conflict
from semblance.evaluation.calibration import Missing, NoCalibration, ScoreMeaning, interpret_score, read_trials
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import calibrations, examinations, leads, opinions, searches
from semblance.store.calibrations import OpenGallery
from semblance.store.engine import Transaction
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Action, Actor, Purpose
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
    if examination.is_masked:
        raise not_concluded(examination)
    with node.store.writing() as tx:
        reviews = examinations.list_reviews(tx, which)
        key = searches.find_search_key(tx, examination.search)
        given = opinions.read_opinions(tx, [review for review in reviews if review.closed_at is not None], key)
        made = {lead.pseudonym: lead for lead in leads.list_of_examination(tx, which)}
        record = searches.find_search(tx, examination.search)
        scores, explain = {}, None
        if record is not None:
            scores = {candidate.reference: candidate.score for candidate in record.candidates}
            explain = explain_scores(tx, node.policy.read(), record)
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


def not_concluded(examination: Examination) -> Conflict:
    """Return the error for an examination on which people have not concluded, or never will."""
    if examination.is_open:
        return Conflict(
            "examination.still-open",
            "The candidates are still examined; what people thought of them is shown when all have closed.",
        )
    return Conflict(
        "examination.lapsed", "The examination lapsed before people had concluded; names, ranks and scores stay hidden."
    )


Explain = Callable[[float], ScoreMeaning | NoCalibration]
"""Says what a score of one search means."""


def explain_scores(tx: Transaction, policy: Policy, record: SearchRecord) -> Explain:
    """Return what says how often a search like the recorded one, for somebody not in the gallery, shows such a score.

    The newest calibration of the searching authority is taken that was made with the same pack, for the same purpose,
    and of nearly the same references, counted only among those that are open to the search. Whoever may see
    the score may see this: it is no act of its own and leaves no entry.
    """
    if record.pack is None:
        return _say_nothing(Missing.NOT_SEARCHED)
    if record.also or record.frames:
        return _say_nothing(Missing.SEVERAL_PHOTOS)
    if record.standing is not None:
        return _say_nothing(Missing.STANDING)
    purpose = Purpose(record.purpose)
    which = record.authority, record.pack, purpose
    allowed = find_searchable(policy, purpose, record.authority, record.when.date())
    searched = OpenGallery(record.gallery_version, record.gallery_references, allowed)
    found = calibrations.find_calibration(tx, *which, searched=searched)
    if found is None:
        earlier = calibrations.has_calibration(tx, *which)
        return _say_nothing(Missing.CHANGED if earlier else Missing.NONE)
    trials = read_trials(found.scores)
    return lambda score: interpret_score(score, trials, gallery=found.subjects, subjects=record.gallery_subjects)


def _say_nothing(why: Missing) -> Explain:
    return lambda _score: NoCalibration(why)
