"""Records of unknown people: made from a photo of a case, compared, linked, parted, named."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.lead_check import Field
from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, IntakeError, NotFound, PolicyError
from semblance.faces.pictures import render_preview
from semblance.gallery.record import Circumstances
from semblance.terms.ids import CaseId, LeadId, LinkId, ProbeId, SubjectId
from semblance.terms.permission import Actor
from semblance.web.page.forms import read_number
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.records.records import show_record
from semblance.web.wording.language import _
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.links.compare_record import compare_record
from semblance.workflows.links.link_records import link_records, part_records
from semblance.workflows.links.make_unknown import UnknownTerms, look_at_probe, make_unknown, take_from_probe
from semblance.workflows.links.name_unknown import assign_name, take_name_back

_UNWRITTEN: Final = dict.fromkeys(("face", "obtained", "basis", "until", "summary", "reason"), "")

routes = APIRouter()


def _show_form(
    site: Site, actor: Actor, probe: ProbeId, written: dict[str, str], *, problem: Problem = None
) -> HTMLResponse:
    photo = look_at_probe(site.node, actor, probe)
    return render_page(
        "records/unknown-form.html",
        make_frame(site, "records", actor),
        probe=probe,
        name=photo.name,
        picture=f"/unknowns/{probe}/picture",
        written=written,
        today=site.node.clock().date().isoformat(),
        problem=problem,
    )


@routes.get("/unknowns/new")
def write_new(site: CurrentSite, actor: CurrentActor, probe: ProbeId, face: str = Query("")) -> Response:
    return _show_form(site, actor, probe, {**_UNWRITTEN, "face": face})


@routes.get("/unknowns/{probe}/picture")
def picture(site: CurrentSite, actor: CurrentActor, probe: ProbeId) -> Response:
    photo = look_at_probe(site.node, actor, probe)
    return Response(render_preview(photo.data, name=photo.name, turned=photo.turned), media_type="image/jpeg")


@routes.post("/unknowns")
def make(
    site: CurrentSite,
    actor: CurrentActor,
    probe: Annotated[ProbeId, Form()],
    face: str = Form(""),
    obtained: str = Form(""),
    basis: str = Form(""),
    until: str = Form(""),
    summary: str = Form(""),
    answer: str = Form(""),
    reason: str = Form(""),
) -> Response:
    written = {"face": face, "obtained": obtained, "basis": basis, "until": until, "summary": summary, "reason": reason}
    if answer not in {"yes", "no"}:
        return _show_form(site, actor, probe, written, problem=_("Answer the question first."))
    try:
        day = date.fromisoformat(until)
    except ValueError:
        problem = _("Give the day as year-month-day, such as 2029-03-12.")
        return _show_form(site, actor, probe, written, problem=problem)
    terms = UnknownTerms(basis, day, Circumstances(summary=summary.strip() or None), neutral=answer == "yes")
    try:
        taken = take_from_probe(site.node, actor, probe, face=read_number(face), obtained=obtained)
        made = make_unknown(site.node, actor, taken, terms, reason=reason)
    except IntakeError as error:
        return _show_form(site, actor, probe, written, problem=error)
    return RedirectResponse(f"/records/{made.subject}", status_code=303)


@routes.post("/records/{record}/compare")
def compare(
    site: CurrentSite, actor: CurrentActor, record: SubjectId, case: str = Form(""), reason: str = Form("")
) -> Response:
    try:
        which: CaseId = find_case_id(site.node, actor, case)
        probe = compare_record(site.node, actor, record, which, reason=reason)
    except (Conflict, NotFound, PolicyError) as error:
        return show_record(site, actor, record, problem=error)
    return RedirectResponse(f"/records/{record}?handed={probe.id}#compare", status_code=303)


@routes.post("/records/{record}/link")
def link(
    site: CurrentSite, actor: CurrentActor, record: SubjectId, lead: str = Form(""), reason: str = Form("")
) -> Response:
    try:
        link_records(site.node, actor, LeadId(lead), reason=reason)
    except (Conflict, PolicyError) as error:
        return show_record(site, actor, record, problem=error)
    return RedirectResponse(f"/records/{record}#links", status_code=303)


@routes.post("/records/{record}/part")
def part(
    site: CurrentSite,
    actor: CurrentActor,
    record: SubjectId,
    which: Annotated[str, Form(alias="link")] = "",
    reason: str = Form(""),
) -> Response:
    try:
        part_records(site.node, actor, LinkId(which), reason=reason)
    except (Conflict, PolicyError) as error:
        return show_record(site, actor, record, problem=error)
    return RedirectResponse(f"/records/{record}#links", status_code=303)


@routes.post("/records/{record}/name")
def name(
    site: CurrentSite,
    actor: CurrentActor,
    record: SubjectId,
    lead: str = Form(""),
    fields: Annotated[list[str] | None, Form()] = None,
    version: str = Form(""),
    reason: str = Form(""),
) -> Response:
    chosen = frozenset(Field(field) for field in fields or () if field in set(Field))
    if not chosen:
        return show_record(site, actor, record, problem=_("Choose what is assigned."))
    try:
        assign_name(
            site.node, actor, record, LeadId(lead), fields=chosen, version=read_number(version) or 0, reason=reason
        )
    except (Conflict, PolicyError) as error:
        return show_record(site, actor, record, problem=error)
    return RedirectResponse(f"/records/{record}", status_code=303)


@routes.post("/records/{record}/take-back")
def take_back(
    site: CurrentSite, actor: CurrentActor, record: SubjectId, version: str = Form(""), reason: str = Form("")
) -> Response:
    try:
        take_name_back(site.node, actor, record, version=read_number(version) or 0, reason=reason)
    except (Conflict, PolicyError) as error:
        return show_record(site, actor, record, problem=error)
    return RedirectResponse(f"/records/{record}", status_code=303)
