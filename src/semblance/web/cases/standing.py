"""Standing searches: every one of the authority, what it cost and found; asking, authorising, stopping."""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.standing_search import StandingState, explain_end, find_latest_day
from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import find_status
from semblance.errors import Conflict, NotFound, RefusedByPolicy
from semblance.terms.ids import PreparationId, ProbeId, StandingSearchId
from semblance.terms.permission import Action, Actor
from semblance.web.page.forms import read_number
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_moment, say_purpose
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.decide_standing import grant_standing, refuse_standing, stop_standing
from semblance.workflows.standing.list_standing import StandingRow, list_standing, read_standing

routes = APIRouter(prefix="/standing")


@dataclass(frozen=True, slots=True)
class StandingView:
    """A standing search; ``trouble`` is why it does not run, or is over. ``facts`` are what it cost and found."""

    href: str
    case: str
    case_href: str
    probe_picture: str | None
    state: StandingState
    purpose: str
    reason: str
    asked: str
    trouble: str
    facts: tuple[tuple[str, str], ...]
    may_decide: bool
    may_refuse: bool
    may_stop: bool


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor) -> Response:
    rows = tuple(_view(site, actor, row) for row in list_standing(site.node, actor))
    return render_page("cases/standing.html", make_frame(site, "standing", actor), rows=rows)


@routes.get("/new")
def new(
    site: CurrentSite,
    actor: CurrentActor,
    probe: ProbeId,
    face: int | None = Query(None, ge=0),
    prepared: str = Query(""),
) -> Response:
    return _show_form(site, actor, probe, face=face, prepared=prepared)


@routes.post("")
def ask(
    site: CurrentSite,
    actor: CurrentActor,
    probe: str = Form(""),
    face: str = Form(""),
    prepared: str = Form(""),
    last_day: str = Form(""),
    reason: str = Form(""),
) -> Response:
    number = read_number(face)

    def again(problem: Problem, status: int | None = None) -> Response:
        entered = {"face": number, "prepared": prepared, "last_day": last_day, "reason": reason}
        return _show_form(site, actor, ProbeId(probe), problem=problem, status=status, **entered)  # type: ignore[arg-type]

    try:
        day = date.fromisoformat(last_day)
    except ValueError:
        return again(_("Say until which day it may run."))
    version = PreparationId(prepared) if prepared else None
    try:
        made = ask_for_standing(site.node, actor, StandingDraft(ProbeId(probe), reason, day, number, version))
    except Conflict as error:
        return again(error)
    except RefusedByPolicy as error:
        problem = _("Refused: {reason}. The refusal is recorded.", reason=say_message(error.message))
        return again(problem, find_status(error))
    return RedirectResponse(f"/standing/{made.id}", status_code=303)


@routes.get("/{standing}")
def read(site: CurrentSite, actor: CurrentActor, standing: StandingSearchId) -> Response:
    return _show(site, actor, standing)


@routes.post("/{standing}")
def decide(
    site: CurrentSite, actor: CurrentActor, standing: StandingSearchId, decision: str = Form(""), reason: str = Form("")
) -> Response:
    acts = {"grant": grant_standing, "refuse": refuse_standing, "stop": stop_standing}
    if decision not in acts or not reason.strip():
        return _show(site, actor, standing, problem=_("Say why: every decision has a reason."))
    try:
        acts[decision](site.node, actor, standing, reason=reason.strip())
    except Conflict as error:
        return _show(site, actor, standing, problem=error)
    return RedirectResponse(f"/standing/{standing}", status_code=303)


def _show(site: Site, actor: Actor, which: StandingSearchId, *, problem: Problem = None) -> HTMLResponse:
    detail = read_standing(site.node, actor, which)
    found = tuple((f"/searches/{record.search}", say_moment(record.when)) for record in detail.found)
    view = _view(site, actor, detail.row)
    rule = detail.rule
    point = "" if rule is None else _say_point(rule.false_candidates, rule.candidates)
    frame = make_frame(site, "standing", actor)
    return render_page("cases/standing-search.html", frame, row=view, found=found, point=point, problem=problem)


def _show_form(
    site: Site,
    actor: Actor,
    probe: ProbeId,
    *,
    face: int | None,
    prepared: str,
    last_day: str = "",
    reason: str = "",
    problem: Problem = None,
    status: int | None = None,
) -> HTMLResponse:
    stored, case = find_probe(site.node, actor, probe)
    policy = site.node.policy.read()
    rule = policy.standing.get(case.draft.purpose)
    return render_page(
        "cases/standing-form.html",
        make_frame(site, "standing", actor),
        probe=probe,
        name=stored.name,
        case=case.number,
        purpose=say_purpose(case.draft.purpose),
        allowed=rule is not None,
        face=face,
        prepared=prepared,
        latest="" if rule is None else find_latest_day(policy, rule, case, site.node.clock()).isoformat(),
        point="" if rule is None else _say_point(rule.false_candidates, rule.candidates),
        last_day=last_day,
        reason=reason,
        problem=problem,
        status=status,
    )


def _say_point(false_candidates: float, candidates: int) -> str:
    return _(
        "All standing searches for this purpose together may expect {expected} false candidates a night; one shows "
        "{most} candidates a night at most, and counts how many more there were.",
        expected=f"{false_candidates:g}",
        most=candidates,
    )


def _view(site: Site, actor: Actor, row: StandingRow) -> StandingView:
    standing, cost = row.standing, row.standing.cost
    is_open = row.end is None
    facts = [(_("Asked for"), say_act(standing.asked_at, standing.asked_by))]
    if standing.decided_at is not None:
        facts.append((_("Authorised"), say_act(standing.decided_at, standing.decided_by)))
    facts.append((_("Last day"), standing.last_day.isoformat()))
    if standing.ended_at is not None:
        facts.append((_("Ended"), say_act(standing.ended_at, standing.ended_by)))
    if standing.end_reason:
        facts.append((_("Why it ended"), standing.end_reason))
    if standing.last_run_at is not None:
        facts.append((_("Last run"), say_moment(standing.last_run_at)))
    facts += [
        (_("Runs"), str(cost.runs)),
        (_("Photos compared"), str(cost.comparisons)),
        (_("Nights on which somebody was found"), str(cost.found)),
        (_("Cut: above the operating point, and not shown"), str(cost.cut)),
    ]
    own = standing.asked_by == actor.name
    return StandingView(
        href=f"/standing/{standing.id}",
        case=row.case_number,
        case_href=f"/cases/{standing.case}",
        probe_picture=_find_picture(site, actor, standing.probe),
        state=standing.state if is_open else StandingState.ENDED,
        purpose=say_purpose(standing.purpose),
        reason=standing.reason,
        asked=say_act(standing.asked_at, standing.asked_by),
        trouble=_say_trouble(row),
        facts=tuple(facts),
        may_decide=is_open
        and standing.state is StandingState.ASKED
        and not own
        and may(site, actor, Action.STANDING_GRANT),
        may_refuse=is_open and not own and may(site, actor, Action.STANDING_REFUSE),
        may_stop=is_open and may(site, actor, Action.STANDING_STOP),
    )


def _say_trouble(row: StandingRow) -> str:
    if row.end is not None:
        return _("It is over: {why}.", why=say_message(explain_end(row.end)))
    if row.hindered is not None:
        return _("It does not run: {why}.", why=say_message(row.hindered))
    return ""


def _find_picture(site: Site, actor: Actor, probe: ProbeId) -> str | None:
    try:
        find_probe(site.node, actor, probe)
    except NotFound:
        return None
    return f"/probes/{probe}/picture"
