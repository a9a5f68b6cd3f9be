"""Leads before the owner of a record: the list, both photos, and the answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from semblance.cases.lead_check import RELEASED_BY_DEFAULT, Field, LeadState, OwnerAnswer
from semblance.edge.acting import make_acting
from semblance.edge.refusals import accept
from semblance.edge.statuses import REFUSED
from semblance.errors import Conflict
from semblance.faces.comparison_picture import render_region
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import LeadId
from semblance.terms.permission import Refusal
from semblance.web.lead_contexts import FieldRow, LeadPage, LeadRow, LeadsPage
from semblance.web.navigation import make_frame, may
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.words import FIELD_WORDS, LEAD_WORDS, say_category, say_moment, say_purpose
from semblance.workflows.check_lead import OPEN, ListedLead, answer_lead, list_leads, read_lead, read_lead_side

_MARGIN = 0.6
_LONGEST = 1200


def make_lead_routes(site: Site) -> APIRouter:
    """Return the routes of leads."""
    routes = APIRouter(prefix="/leads")
    acting = make_acting(site.node)

    def show(
        actor: Actor,
        which: str,
        *,
        fields: frozenset[str] = frozenset(RELEASED_BY_DEFAULT),
        reason: str = "",
        answer: str = "",
        problem: str | None = None,
        field: str = "",
        status: int = 200,
    ) -> Response:
        found = accept(read_lead(site.node, actor, LeadId(which)))
        lead = found.lead
        words, grade = LEAD_WORDS[lead.state]
        decided = (
            ()
            if lead.decided_at is None
            else (("Answered", f"{say_moment(lead.decided_at)} by {lead.decided_by}"), ("Reason", lead.reason or ""))
        )
        page = LeadPage(
            frame=make_frame(site, "leads", actor),
            lead=lead.id,
            record=found.number or "erased",
            record_href=f"/records/{lead.subject}"
            if found.number is not None and may(site, actor, Action.RECORD_READ)
            else None,
            state=words,
            grade=grade,
            facts=(
                ("Asked by", lead.authority),
                ("Purpose", say_purpose(found.purpose)),
                ("Person in question", say_category(found.category)),
                ("Asked", say_moment(lead.made_at)),
                ("Answer until", say_moment(lead.due_at)),
                *decided,
            ),
            probe_picture=None if found.probe is None else f"/leads/{lead.id}/probe",
            reference_picture=None if found.reference is None else f"/leads/{lead.id}/record",
            fields=tuple(
                FieldRow(one.value, FIELD_WORDS[one], value, one.value in fields) for one, value in found.fields.items()
            ),
            asked_by=lead.authority,
            open=lead.state in OPEN and found.number is not None,
            reason=reason,
            answer=answer,
            problem=problem,
            problem_field=field,
        )
        return render_page("lead.html", page, status=status)

    @routes.get("")
    def list_all(actor: Annotated[Actor, Depends(acting)]) -> Response:
        waiting = accept(list_leads(site.node, actor))
        ended = accept(list_leads(site.node, actor, waiting=False))
        page = LeadsPage(make_frame(site, "leads", actor), tuple(map(_view_row, waiting)), tuple(map(_view_row, ended)))
        return render_page("leads.html", page)

    @routes.get("/{which}")
    def read(actor: Annotated[Actor, Depends(acting)], which: str) -> Response:
        return show(actor, which)

    @routes.get("/{which}/{side}")
    def picture(actor: Annotated[Actor, Depends(acting)], which: str, side: str) -> Response:
        found = accept(read_lead_side(site.node, actor, LeadId(which), probe=side == "probe"))
        shown = render_region(found.data, name="the photo", box=found.face.box, margin=_MARGIN, longest=_LONGEST)
        return Response(shown, media_type="image/jpeg")

    @routes.post("/{which}")
    def answer(
        actor: Annotated[Actor, Depends(acting)],
        which: str,
        answer: str = Form(""),
        reason: str = Form(""),
        fields: Annotated[list[str] | None, Form()] = None,
        recipients: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        kept = {"fields": frozenset(fields or ()), "reason": reason, "answer": answer}
        if answer not in {"confirmed", "refuted"}:
            return show(actor, which, **kept, problem="Confirm or refute the lead.", field="answer", status=422)  # type: ignore[arg-type]
        confirmed = answer == "confirmed"
        chosen = frozenset(Field(one) for one in fields or () if one in set(Field))
        to = frozenset(map(AuthorityCode, recipients or ()))
        given = OwnerAnswer(
            confirmed, reason, chosen if confirmed and to else frozenset(), to if confirmed and chosen else frozenset()
        )
        try:
            answered = answer_lead(site.node, actor, LeadId(which), given)
        except Conflict as error:
            return show(actor, which, problem=str(error), status=409)
        if isinstance(answered, Refusal):
            if not answered.rule.startswith("lead."):
                accept(answered)
            sentence = f"{answered.reason[:1].upper()}{answered.reason[1:]}."
            name = answered.rule.rpartition(".")[2]
            return show(actor, which, **kept, problem=sentence, field=name, status=REFUSED)  # type: ignore[arg-type]
        return RedirectResponse(f"/leads/{which}", status_code=303)

    return routes


def _view_row(one: ListedLead) -> LeadRow:
    words, grade = LEAD_WORDS[one.lead.state]
    return LeadRow(
        href=f"/leads/{one.lead.id}",
        record=one.number or "erased",
        asked_by=one.lead.authority,
        state=words,
        grade=grade,
        until=say_moment(one.lead.due_at),
        late=one.lead.state is LeadState.UNANSWERED,
    )
