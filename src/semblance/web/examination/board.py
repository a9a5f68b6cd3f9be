"""The supervisor's board."""

from dataclasses import dataclass

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import LeadState
from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, UnusableText
from semblance.terms.permission import Action, Actor
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.words import ENDED_WORDS, say_moment, say_purpose, say_rate, say_state
from semblance.workflows.clock_check import list_doubts
from semblance.workflows.examination.supervisor_board import WaitingLine, read_board, suspend_examiner

routes = APIRouter(prefix="/board")


@dataclass(frozen=True, slots=True)
class BoardLine:
    """Something that waits, in one line."""

    href: str | None
    title: str
    detail: str
    since: str
    late: bool = False


def _show(site: Site, actor: Actor, *, problem: Problem = None) -> Response:
    board = read_board(site.node, actor)
    by_state: dict[ExaminationState, list[BoardLine]] = {state: [] for state in ExaminationState}
    for line in board.waiting:
        by_state[line.examination.state].append(_view_waiting(line))
    return render_page(
        "examination/board.html",
        make_frame(site, "board", actor),
        doubts=list_doubts(site.node),
        figures=(
            *((say_state(state), str(count)) for state, count in board.outcomes),
            *((_(ENDED_WORDS[state]), str(count)) for state, count in board.ended),
        ),
        cases=tuple(
            BoardLine(
                href=f"/cases/{case.id}",
                title=case.number,
                detail=_(
                    "{purpose}, opened by {person}", purpose=say_purpose(case.draft.purpose), person=case.opened_by
                ),
                since=say_moment(case.last_act_at),
            )
            for case in board.cases
        ),
        first=tuple(by_state[ExaminationState.FIRST]),
        second=tuple(by_state[ExaminationState.SECOND]),
        differences=tuple(by_state[ExaminationState.THIRD]),
        leads=tuple(
            BoardLine(
                href=None,
                title=f"{lead.owner}: {say_state(lead.state)}",
                detail=_("candidate {pseudonym}, made {when}", pseudonym=lead.pseudonym, when=say_moment(lead.made_at)),
                since=say_moment(lead.due_at),
                late=lead.state is LeadState.UNANSWERED,
            )
            for lead in board.leads
        ),
        examiners=tuple((error.tally, say_rate(error.rate)) for error in board.errors),
        may_suspend=may(site, actor, Action.EXAMINER_SUSPEND),
        problem=problem,
    )


@routes.get("")
def read(site: CurrentSite, actor: CurrentActor) -> Response:
    return _show(site, actor)


@routes.post("/suspend")
def suspend(site: CurrentSite, actor: CurrentActor, person: str = Form(""), reason: str = Form("")) -> Response:
    try:
        suspend_examiner(site.node, actor, person, reason=reason)
    except (Conflict, UnusableText) as error:
        return _show(site, actor, problem=error)
    return RedirectResponse("/board", status_code=303)


def _view_waiting(line: WaitingLine) -> BoardLine:
    begun = [
        _("{person} since {when}", person=review.person, when=say_moment(review.opened_at))
        for review in line.reviews
        if review.closed_at is None
    ]
    return BoardLine(
        href=f"/cases/{line.case.id}",
        title=line.case.number,
        detail="; ".join(begun) or _("nobody has begun"),
        since=say_moment(line.examination.opened_at),
    )
