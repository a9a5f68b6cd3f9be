"""Authorisations: what waits for a supervisor, granting and refusing."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.case import AuthorisationState
from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, NotFound
from semblance.terms.ids import AuthorisationId
from semblance.terms.permission import Action, Actor
from semblance.web.cases.contexts import AuthorisationsPage, AuthorisationView, ErasedSearchPage
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import AUTHORISATION_WORDS, say_act, say_left, say_purpose, say_state
from semblance.workflows.cases.authorise import (
    AuthorisationRow,
    grant_authorisation,
    list_authorisations,
    refuse_authorisation,
)
from semblance.workflows.cases.read_probe import find_probe

_HURRY = timedelta(hours=12)


routes = APIRouter(prefix="/authorisations")


def _show(site: Site, actor: Actor, *, problem: str | None = None, status: int = 200) -> HTMLResponse:
    rows, now = list_authorisations(site.node, actor), site.node.clock()
    page = AuthorisationsPage(
        frame=make_frame(site, "authorisations", actor),
        rows=tuple(view_authorisation(site, actor, row, now) for row in rows),
        problem=problem,
    )
    return render_page("cases/authorisations.html", page, status=status)


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor) -> Response:
    return _show(site, actor)


@routes.post("/{authorisation}")
def decide(
    site: CurrentSite,
    actor: CurrentActor,
    authorisation: AuthorisationId,
    decision: str = Form(""),
    reason: str = Form(""),
) -> Response:
    if decision not in {"grant", "refuse"} or not reason.strip():
        return _show(site, actor, problem=_("Say why: every decision has a reason."), status=422)
    try:
        if decision == "grant":
            grant_authorisation(site.node, actor, authorisation, reason=reason.strip())
            return RedirectResponse("/authorisations", status_code=303)
        refused = refuse_authorisation(site.node, actor, authorisation, reason=reason.strip())
    except Conflict as error:
        return _show(site, actor, problem=say_message(error.message), status=409)
    decided, erased = refused.authorisation, refused.erased
    page = ErasedSearchPage(
        frame=make_frame(site, "authorisations", actor),
        case=decided.case,
        facts=(
            (_("Refused"), say_act(decided.decided_at or site.node.clock(), decided.decided_by)),
            (_("Reason"), decided.reason or ""),
            (_("Probes erased"), str(erased.probes)),
            (_("Searches erased"), str(erased.searches)),
            (_("Candidates erased"), str(erased.candidates)),
        ),
        entry=refused.ledger_entry,
    )
    return render_page("search/erased-search.html", page)


def view_authorisation(site: Site, actor: Actor, row: AuthorisationRow, now: datetime) -> AuthorisationView:
    """Return an authorisation as a page shows it."""
    asked = row.authorisation
    waiting = asked.state is AuthorisationState.WAITING
    own = asked.requested_by == actor.name
    state, grade = say_state(AUTHORISATION_WORDS[asked.state])
    return AuthorisationView(
        authorisation=asked.id,
        case=row.case_number,
        case_href=f"/cases/{asked.case}",
        purpose=say_purpose(row.purpose),
        state=state,
        grade=grade,
        requested=say_act(asked.requested_at, asked.requested_by),
        left=say_left(asked.due_at, now) if waiting else "",
        late=waiting and asked.due_at is not None and asked.due_at - now < _HURRY,
        decided="" if asked.decided_at is None else say_act(asked.decided_at, asked.decided_by),
        reason=asked.reason or "",
        probe_picture=_find_picture(site, actor, row),
        may_decide=waiting and not own and may(site, actor, Action.AUTHORISATION_GRANT),
    )


def _find_picture(site: Site, actor: Actor, row: AuthorisationRow) -> str | None:
    try:
        probe, _case = find_probe(site.node, actor, row.authorisation.probe)
    except NotFound:
        return None
    return f"/probes/{probe.id}/picture"
