"""Authorisations: what waits for a supervisor, granting and refusing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.case import AuthorisationState
from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, NotFound
from semblance.terms.ids import AuthorisationId
from semblance.terms.permission import Action, Actor
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.words import say_act, say_left, say_purpose
from semblance.workflows.cases.authorise import (
    AuthorisationRow,
    grant_authorisation,
    list_authorisations,
    refuse_authorisation,
)
from semblance.workflows.cases.probes import find_probe

_HURRY = timedelta(hours=12)


routes = APIRouter(prefix="/authorisations")


@dataclass(frozen=True, slots=True)
class AuthorisationView:
    """An authorisation; ``left`` says how much time there is, ``late`` that it is nearly over."""

    authorisation: str
    case: str
    case_href: str
    purpose: str
    state: AuthorisationState
    requested: str
    left: str
    late: bool
    decided: str
    reason: str
    probe_picture: str | None
    may_decide: bool


def _show(site: Site, actor: Actor, *, problem: Problem = None) -> HTMLResponse:
    rows, now = list_authorisations(site.node, actor), site.node.clock()
    return render_page(
        "cases/authorisations.html",
        make_frame(site, "authorisations", actor),
        rows=tuple(view_authorisation(site, actor, row, now) for row in rows),
        problem=problem,
    )


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
        return _show(site, actor, problem=_("Say why: every decision has a reason."))
    try:
        if decision == "grant":
            grant_authorisation(site.node, actor, authorisation, reason=reason.strip())
            return RedirectResponse("/authorisations", status_code=303)
        refused = refuse_authorisation(site.node, actor, authorisation, reason=reason.strip())
    except Conflict as error:
        return _show(site, actor, problem=error)
    decided, erased = refused.authorisation, refused.erased
    return render_page(
        "search/erased-search.html",
        make_frame(site, "authorisations", actor),
        facts=(
            (_("Refused"), say_act(decided.decided_at or site.node.clock(), decided.decided_by)),
            (_("Reason"), decided.reason or ""),
            (_("Probes erased"), str(erased.probes)),
            (_("Searches erased"), str(erased.searches)),
            (_("Candidates erased"), str(erased.candidates)),
        ),
        entry=refused.ledger_entry,
    )


def view_authorisation(site: Site, actor: Actor, row: AuthorisationRow, now: datetime) -> AuthorisationView:
    """Return an authorisation as a page shows it."""
    asked = row.authorisation
    waiting = asked.state is AuthorisationState.WAITING
    own = asked.requested_by == actor.name
    return AuthorisationView(
        authorisation=asked.id,
        case=row.case_number,
        case_href=f"/cases/{asked.case}",
        purpose=say_purpose(row.purpose),
        state=asked.state,
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
