"""A search's candidates as the page shows them once the opinions are in."""

from semblance.cases.examination import Inconclusive, Lead, NoLead
from semblance.cases.lead_check import Field, HeldLead, LeadState
from semblance.evaluation.score_words import say_score
from semblance.terms.ids import SearchId
from semblance.web.contexts import CandidateView, LeadView, OpinionView
from semblance.web.words import CONCLUSION_WORDS, FIELD_WORDS, LEAD_WORDS, say_kind, say_moment
from semblance.workflows.read_outcome import CandidateOutcome
from semblance.workflows.search_answer import ShownCandidate

_RESULTS = {
    Lead: ("Lead", "good"),
    NoLead: ("No candidate", "quiet"),
    Inconclusive: ("Inconclusive", "fair"),
}


def view_candidate(
    search: SearchId, candidate: ShownCandidate, outcome: CandidateOutcome | None, *, reads: bool
) -> CandidateView:
    """Return a candidate with what people thought of it; ``outcome`` is None where nobody was asked.

    ``reads``: the reader may open records.
    """
    result, grade = ("", "")
    if candidate.lure:
        result, grade = "Known non-mate", "quiet"
    elif outcome is not None and outcome.result is not None:
        result, grade = _RESULTS[type(outcome.result)]
    return CandidateView(
        pseudonym=candidate.pseudonym,
        rank=candidate.rank,
        score=None if candidate.score is None else f"{candidate.score:.4f}",
        number=candidate.number,
        kind=None if candidate.kind is None else f"{say_kind(candidate.kind)} of {candidate.owner}",
        erased=candidate.erased,
        lure=candidate.lure,
        href=None if candidate.number is None or not reads else f"/records/{candidate.subject}",
        picture=None if candidate.photo is None else f"/searches/{search}/references/{candidate.reference}/face",
        captured=candidate.captured,
        result=result,
        grade=grade,
        opinions=()
        if outcome is None or candidate.lure
        else tuple(
            OpinionView(
                one.person,
                "Looked at in the list, not taken further" if one.dismissed else CONCLUSION_WORDS[one.conclusion][0],
                CONCLUSION_WORDS[one.conclusion][1],
            )
            for one in outcome.opinions
        ),
        lead=None if outcome is None or outcome.lead is None else _view_lead(outcome.lead, outcome.released),
        meaning="" if outcome is None or outcome.meaning is None else say_score(outcome.meaning),
    )


def _view_lead(lead: HeldLead, released: dict[str, str] | None) -> LeadView:
    words, grade = LEAD_WORDS[lead.state]
    if lead.decided_at is not None:
        detail = f"{say_moment(lead.decided_at)} by {lead.decided_by} of {lead.owner}"
    elif lead.state is LeadState.WAITING:
        detail = f"{lead.owner} is asked to check it until {say_moment(lead.due_at)}"
    else:
        detail = f"{lead.owner} was asked to check it until {say_moment(lead.due_at)}"
    return LeadView(
        owner=lead.owner,
        state=words,
        grade=grade,
        detail=detail,
        reason=lead.reason or "",
        released=tuple((FIELD_WORDS[Field(name)], value) for name, value in (released or {}).items()),
    )
