"""Standing searches: asked for, authorised, stopped, and what they found."""

from typing import Annotated

from fastapi import APIRouter, Body

from semblance.api.answers import list_answers
from semblance.api.cases import ReasonRequest
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.standing import (
    StandingDetailDocument,
    StandingDocument,
    StandingListDocument,
    describe_decided,
    describe_standing,
    describe_standing_detail,
)
from semblance.terms.ids import StandingSearchId
from semblance.workflows.cases.cases import name_case
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.decide_standing import grant_standing, refuse_standing, stop_standing
from semblance.workflows.standing.list_standing import list_standing, read_standing

_EXAMPLE = {
    "probe": "6f1f0f0c3b0d4c5f8e6a1b2c3d4e5f60",
    "reason": "Nobody knows him yet; he may be reported missing.",
    "last_day": "2027-01-31",
    "face": 0,
}

routes = APIRouter(tags=["search"], responses=list_answers(401, 403))


@routes.get("/standing", name="list_all", summary="All standing searches of your authority")
def list_all_standing(node: CurrentNode, actor: CurrentActor) -> StandingListDocument:
    """Return the standing searches, those that are open first; the list is logged."""
    return StandingListDocument(standing=tuple(map(describe_standing, list_standing(node, actor))))


@routes.post("/standing", summary="Ask for a standing search", status_code=201, responses=list_answers(404, 409))
def ask(
    node: CurrentNode, actor: CurrentActor, request: Annotated[StandingDraft, Body(examples=[_EXAMPLE])]
) -> StandingDocument:
    """Ask for one face of a probe to be compared each night with what was enrolled since.

    Nothing is compared before another person has authorised it; then it raises no alarm, what it finds is examined.
    """
    made = ask_for_standing(node, actor, request)
    return describe_decided(made, name_case(node, made.case))


@routes.get("/standing/{standing}", summary="A standing search", responses=list_answers(404))
def read(node: CurrentNode, actor: CurrentActor, standing: StandingSearchId) -> StandingDetailDocument:
    """Return a standing search, what it cost, and the searches in which it found somebody."""
    return describe_standing_detail(read_standing(node, actor, standing))


@routes.post("/standing/{standing}/grant", summary="Authorise a standing search", responses=list_answers(404, 409))
def grant(
    node: CurrentNode, actor: CurrentActor, standing: StandingSearchId, request: ReasonRequest
) -> StandingDocument:
    """Authorise a standing search; nobody authorises their own."""
    decided = grant_standing(node, actor, standing, reason=request.reason)
    return describe_decided(decided, name_case(node, decided.case))


@routes.post(
    "/standing/{standing}/refusal",
    summary="Refuse a standing search, or withdraw its authorisation",
    responses=list_answers(404, 409),
)
def refuse(
    node: CurrentNode, actor: CurrentActor, standing: StandingSearchId, request: ReasonRequest
) -> StandingDocument:
    """End a standing search for want of an authorisation; what it found stays to be examined."""
    decided = refuse_standing(node, actor, standing, reason=request.reason)
    return describe_decided(decided, name_case(node, decided.case))


@routes.post("/standing/{standing}/stop", summary="Stop a standing search", responses=list_answers(404, 409))
def stop(
    node: CurrentNode, actor: CurrentActor, standing: StandingSearchId, request: ReasonRequest
) -> StandingDocument:
    """Stop a standing search; what it found stays to be examined."""
    decided = stop_standing(node, actor, standing, reason=request.reason)
    return describe_decided(decided, name_case(node, decided.case))
