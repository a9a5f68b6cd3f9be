"""A search's candidates as the page shows them once the opinions are in."""

from dataclasses import dataclass

from semblance.cases.examination import Inconclusive, Lead, NoLead
from semblance.cases.lead_check import Field, HeldLead, LeadState
from semblance.evaluation.calibration import describe_score
from semblance.terms.ids import SearchId
from semblance.web.wording.language import N_, _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import (
    FIELD_WORDS,
    grade_state,
    say_act,
    say_decimal,
    say_kind,
    say_moment,
    say_released,
    say_state,
)
from semblance.workflows.examination.read_outcome import CandidateOutcome
from semblance.workflows.search.search_answer import ShownCandidate

_RESULTS = {
    Lead: (N_("Lead"), "good"),
    NoLead: (N_("No candidate"), "quiet"),
    Inconclusive: (N_("Inconclusive"), "fair"),
}


@dataclass(frozen=True, slots=True)
class OpinionView:
    """What one person concluded of a candidate, and why; dismissed candidates have no reason."""

    person: str
    words: str
    grade: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead with its owner's answer; ``released`` is what the owner released to the reader's authority."""

    owner: str
    state: LeadState
    detail: str
    reason: str
    released: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate after the opinions; ``number`` is None where it was erased since, or is not the reader's to know.

    ``rank`` and ``score`` are None for a known non-mate. ``meaning`` says in words what the score says.
    """

    pseudonym: str | None
    rank: int | None
    score: str | None
    number: str | None
    kind: str | None
    erased: bool
    known_non_mate: bool
    href: str | None
    picture: str | None
    captured: str | None
    notes: tuple[str, ...] = ()
    result: str = ""
    grade: str = ""
    opinions: tuple[OpinionView, ...] = ()
    lead: LeadView | None = None
    meaning: str = ""


def view_candidate(
    search: SearchId, candidate: ShownCandidate, outcome: CandidateOutcome | None, *, reads: bool
) -> CandidateView:
    """Return a candidate with what people thought of it; ``outcome`` is None where nobody was asked.

    ``reads``: the reader may open records.
    """
    result, grade = ("", "")
    if candidate.known_non_mate:
        result, grade = _("Known non-mate"), "quiet"
    elif outcome is not None and outcome.result is not None:
        words, grade = _RESULTS[type(outcome.result)]
        result = _(words)
    return CandidateView(
        pseudonym=candidate.pseudonym,
        rank=candidate.rank,
        score=None if candidate.score is None else say_decimal(candidate.score, 4),
        number=candidate.number,
        kind=None
        if candidate.kind is None
        else _("{kind} of {owner}", kind=say_kind(candidate.kind), owner=candidate.owner),
        erased=candidate.erased,
        known_non_mate=candidate.known_non_mate,
        href=None if candidate.number is None or not reads else f"/records/{candidate.subject}",
        picture=None if candidate.photo is None else f"/searches/{search}/references/{candidate.reference}/face",
        captured=candidate.captured,
        notes=tuple(map(say_message, candidate.notes)),
        result=result,
        grade=grade,
        opinions=()
        if outcome is None or candidate.known_non_mate
        else tuple(
            OpinionView(
                opinion.person,
                _("Looked at in the list, not taken further") if opinion.dismissed else say_state(opinion.conclusion),
                grade_state(opinion.conclusion),
                opinion.reason,
            )
            for opinion in outcome.opinions
        ),
        lead=None if outcome is None or outcome.lead is None else _view_lead(outcome.lead, outcome.released),
        meaning="" if outcome is None or outcome.meaning is None else say_message(describe_score(outcome.meaning)),
    )


def _view_lead(lead: HeldLead, released: dict[str, str] | None) -> LeadView:
    if lead.decided_at is not None:
        detail = say_act(lead.decided_at, f"{lead.decided_by} ({lead.owner})")
    elif lead.state is LeadState.WAITING:
        detail = _("{owner} is asked to check it until {when}", owner=lead.owner, when=say_moment(lead.due_at))
    else:
        detail = _("{owner} was asked to check it until {when}", owner=lead.owner, when=say_moment(lead.due_at))
    return LeadView(
        owner=lead.owner,
        state=lead.state,
        detail=detail,
        reason=lead.reason or "",
        released=tuple(
            (_(FIELD_WORDS[Field(name)]), say_released(Field(name), value)) for name, value in (released or {}).items()
        ),
    )
