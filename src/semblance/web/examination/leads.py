"""Leads before the owner of a record: the list, both photos, and the answer."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from semblance.cases.lead_check import RELEASED_BY_DEFAULT, Field, OwnerAnswer
from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, RefusedByPolicy
from semblance.terms.ids import AuthorityCode, LeadId
from semblance.terms.permission import Action, Actor
from semblance.web.examination.compared_pictures import answer_picture, view_side
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.words import FIELD_WORDS, say_act, say_category, say_moment, say_purpose, say_released
from semblance.workflows.examination.owner_check import OPEN, answer_lead, list_leads, read_lead, read_lead_side

routes = APIRouter(prefix="/leads")


def _show(
    site: Site,
    actor: Actor,
    which: str,
    *,
    fields: frozenset[str] = frozenset(RELEASED_BY_DEFAULT),
    reason: str = "",
    answer: str = "",
    problem: Problem = None,
    field: str = "",
) -> Response:
    found = read_lead(site.node, actor, LeadId(which))
    lead = found.lead
    decided = (
        ()
        if lead.decided_at is None
        else ((_("Answered"), say_act(lead.decided_at, lead.decided_by)), (_("Reason"), lead.reason or ""))
    )
    return render_page(
        "examination/lead.html",
        make_frame(site, "leads", actor),
        lead=lead.id,
        record=found.number or _("erased"),
        record_href=f"/records/{lead.subject}"
        if found.number is not None and may(site, actor, Action.RECORD_READ)
        else None,
        state=lead.state,
        facts=(
            (_("Asked by"), lead.authority),
            (_("Purpose"), say_purpose(found.purpose)),
            (_("Person in question"), say_category(found.category)),
            (_("Asked"), say_moment(lead.made_at)),
            (_("Answer until"), say_moment(lead.due_at)),
            *decided,
            *(
                (_("Released: {field}", field=_(FIELD_WORDS[key])), say_released(key, value))
                for key, value in found.released.items()
            ),
        ),
        probe=None
        if found.probe is None
        else view_side(_("The photo in question"), _("The face in question"), f"/leads/{lead.id}/probe", found.probe),
        reference=None
        if found.reference is None
        else view_side(_("Your record"), _("The photo of your record"), f"/leads/{lead.id}/record", found.reference),
        fields=tuple(
            (key, _(FIELD_WORDS[key]), say_released(key, value), key.value in fields)
            for key, value in found.fields.items()
        ),
        asked_by=lead.authority,
        open=lead.state in OPEN and found.number is not None,
        reason=reason,
        answer=answer,
        problem=problem,
        problem_field=field,
    )


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor) -> Response:
    return render_page(
        "examination/leads.html",
        make_frame(site, "leads", actor),
        waiting=list_leads(site.node, actor),
        ended=list_leads(site.node, actor, waiting=False),
    )


@routes.get("/{which}")
def read(site: CurrentSite, actor: CurrentActor, which: str) -> Response:
    return _show(site, actor, which)


@routes.get("/{which}/{side}/{size}")
def picture(site: CurrentSite, actor: CurrentActor, which: str, side: str, size: str) -> Response:
    found = read_lead_side(site.node, actor, LeadId(which), probe=side == "probe")
    return answer_picture(found, size)


@routes.post("/{which}")
def answer(
    site: CurrentSite,
    actor: CurrentActor,
    which: str,
    answer: str = Form(""),
    reason: str = Form(""),
    fields: Annotated[list[str] | None, Form()] = None,
    recipients: Annotated[list[str] | None, Form()] = None,
) -> Response:
    kept = partial(_show, site, actor, which, fields=frozenset(fields or ()), reason=reason, answer=answer)
    if answer not in {"confirmed", "refuted"}:
        return kept(problem=_("Confirm or refute the lead."), field="answer")
    confirmed = answer == "confirmed"
    chosen = frozenset(Field(field) for field in fields or () if field in set(Field))
    to = frozenset(map(AuthorityCode, recipients or ()))
    # nothing moves where nothing, or nobody, is chosen
    releases = bool(confirmed and chosen and to)
    given = OwnerAnswer(confirmed, reason, chosen if releases else frozenset(), to if releases else frozenset())
    try:
        answer_lead(site.node, actor, LeadId(which), given)
    except Conflict as error:
        return _show(site, actor, which, problem=error)
    except RefusedByPolicy as error:
        if error.field is None:
            raise
        return kept(problem=error, field=error.field)
    return RedirectResponse(f"/leads/{which}", status_code=303)
