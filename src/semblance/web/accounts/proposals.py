"""What waits for a second person, as a page."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import HTMLResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import NUMBER_CAP
from semblance.errors import Conflict, IntakeError, NotFound, PolicyError
from semblance.people.proposal import Proposal
from semblance.terms.permission import Actor
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_sentence
from semblance.web.wording.words import say_act, say_moment
from semblance.workflows.clock_check import list_doubts
from semblance.workflows.oversight.believe_clock import BelieveClock
from semblance.workflows.oversight.proposals import KINDS, confirm_proposal, decline_proposal, list_proposals
from semblance.workflows.two_people import propose

_Number = Annotated[int, Path(ge=1, le=NUMBER_CAP)]

routes = APIRouter(prefix="/proposals")


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal that waits; ``own``: whoever looks at it made it."""

    number: int
    what: str
    made: str
    reason: str
    lapses: str
    own: bool
    may_confirm: bool
    may_decline: bool


def _show(
    site: Site, actor: Actor, *, done: str | None = None, half: str | None = None, problem: Problem = None
) -> HTMLResponse:
    return render_page(
        "accounts/proposals.html",
        make_frame(site, "proposals", actor),
        doubts=list_doubts(site.node),
        may_believe=may(site, actor, BelieveClock.action),
        waiting=tuple(_view(site, actor, found) for found in list_proposals(site.node, actor)),
        done=done,
        half=half,
        problem=problem,
    )


@routes.get("")
def list_waiting(site: CurrentSite, actor: CurrentActor) -> Response:
    return _show(site, actor)


@routes.post("/believe-clock")
def believe_clock(
    site: CurrentSite, actor: CurrentActor, reason: Annotated[str, Form(max_length=2_000)] = ""
) -> Response:
    try:
        made = propose(site.node, actor, BelieveClock(), reason=reason)
    except (PolicyError, Conflict, IntakeError) as error:
        return _show(site, actor, problem=error)
    return _show(site, actor, done=_("Proposed: {what}", what=say_sentence(made.proposal.what)))


@routes.post("/{number}/confirm")
def confirm(site: CurrentSite, actor: CurrentActor, number: _Number) -> Response:
    try:
        step = confirm_proposal(site.node, actor, number)
    except (PolicyError, Conflict, IntakeError, NotFound) as error:
        return _show(site, actor, problem=error)
    return _show(site, actor, done=_("Done: {what}", what=say_sentence(step.proposal.what)), half=step.half)


@routes.post("/{number}/decline")
def decline(
    site: CurrentSite, actor: CurrentActor, number: _Number, reason: Annotated[str, Form(max_length=2_000)] = ""
) -> Response:
    try:
        step = decline_proposal(site.node, actor, number, reason=reason)
    except (PolicyError, Conflict, IntakeError, NotFound) as error:
        return _show(site, actor, problem=error)
    return _show(site, actor, done=_("Declined: {what}", what=say_sentence(step.proposal.what)))


def _view(site: Site, actor: Actor, found: Proposal) -> ProposalView:
    kind, own = KINDS.get(found.act), found.person == actor.person
    allowed = kind is not None and may(site, actor, kind.action)
    return ProposalView(
        number=found.number,
        what=say_sentence(found.what),
        made=say_act(found.made_at, found.name),
        reason=found.reason,
        lapses=say_moment(found.lapses_at),
        own=own,
        may_confirm=allowed and not own,
        may_decline=allowed,
    )
