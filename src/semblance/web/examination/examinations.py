"""Examinations: what waits for the person, the grid of candidates under pseudonyms, and closing one's review."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, RefusedByPolicy
from semblance.store.opinions import ReviewLine
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Actor
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import N_, _
from semblance.web.wording.words import CONCLUSION_WORDS
from semblance.workflows.examination.opinions import close_review
from semblance.workflows.examination.reviews import begin_review, leave_review, list_waiting, read_review

routes = APIRouter(prefix="/examinations")


@dataclass(frozen=True, slots=True)
class GridCandidate:
    """A candidate in the grid: its pseudonym, and how far the person has come with it."""

    pseudonym: str
    href: str
    state: str
    grade: str


def _show(site: Site, actor: Actor, which: str, *, problem: Problem = None) -> Response:
    found = read_review(site.node, actor, ExaminationId(which))
    address, closed = f"/examinations/{which}", found.review.closed_at is not None
    unseen = [line.pseudonym for line in found.lines if line.seen_at is None]
    return render_page(
        "examination/review.html",
        make_frame(site, "examinations", actor),
        href=address,
        case=found.case.number,
        case_href=f"/cases/{found.case.id}",
        reason=found.reason,
        probe_href=f"/probes/{found.probe}",
        candidates=tuple(_view_line(address, line) for line in found.lines),
        seen=len(found.lines) - len(unseen),
        decided=sum(line.conclusion is not None for line in found.lines),
        closed=closed,
        first_unseen=f"{address}/candidates/{unseen[0]}" if unseen and not closed else None,
        problem=problem,
    )


def _show_list(site: Site, actor: Actor, *, problem: Problem = None) -> Response:
    return render_page(
        "examination/examinations.html",
        make_frame(site, "examinations", actor),
        waiting=list_waiting(site.node, actor),
        problem=problem,
    )


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor) -> Response:
    return _show_list(site, actor)


@routes.post("/{which}/begin")
def begin(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    try:
        begin_review(site.node, actor, ExaminationId(which))
    except RefusedByPolicy as error:
        if error.field is None:
            raise
        return _show_list(site, actor, problem=error)
    return RedirectResponse(f"/examinations/{which}", status_code=303)


@routes.get("/{which}")
def read(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    return _show(site, actor, which)


@routes.post("/{which}/close")
def close(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    try:
        close_review(site.node, actor, ExaminationId(which))
    except Conflict as error:
        return _show(site, actor, which, problem=error)
    except RefusedByPolicy as error:
        if error.field is None:
            raise
        return _show(site, actor, which, problem=error)
    return RedirectResponse(f"/examinations/{which}", status_code=303)


@routes.post("/{which}/leave")
def leave(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    leave_review(site.node, actor, ExaminationId(which))
    return RedirectResponse("/examinations", status_code=303)


def _view_line(address: str, line: ReviewLine) -> GridCandidate:
    words = (N_("Not looked at"), "quiet")
    if line.conclusion is not None:
        words = CONCLUSION_WORDS[line.conclusion]
    elif line.seen_at is not None:
        words = (N_("Looked at"), "quiet")
    return GridCandidate(
        pseudonym=line.pseudonym, href=f"{address}/candidates/{line.pseudonym}", state=_(words[0]), grade=words[1]
    )
