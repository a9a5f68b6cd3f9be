"""The probe's page: which face, and why it is searched."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import make_acting
from semblance.edge.refusals import accept
from semblance.edge.statuses import REFUSED
from semblance.terms.actor import Actor
from semblance.terms.ids import ProbeId
from semblance.terms.permission import Refusal
from semblance.terms.purpose import Purpose
from semblance.web.contexts import Entries, ProbePage
from semblance.web.faces import list_facts, view_photo
from semblance.web.forms import read_number
from semblance.web.navigation import make_frame
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.words import say_kind, say_moment, say_purpose
from semblance.workflows.choose_templates import ChoiceNeeded
from semblance.workflows.identify import NoFaceFound, search_probe
from semblance.workflows.read_probe import describe_probe

_LIMITS = (5, 10, 20, 50)


def make_probe_routes(site: Site) -> APIRouter:
    """Return the routes of a probe's page."""
    routes = APIRouter(prefix="/probes")
    acting = make_acting(site.node)

    def show(
        actor: Actor,
        probe: ProbeId,
        *,
        face: int | None,
        entries: Entries,
        problem: str | None = None,
        field: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        detail = accept(describe_probe(site.node, actor, probe))
        chosen = face if face is not None or len(detail.faces) != 1 else detail.faces[0].ordinal
        kinds, authorisation, most = _explain(site, detail.case.draft.purpose)
        page = ProbePage(
            frame=make_frame(site, "cases", actor),
            probe=detail.probe,
            case=detail.case.number,
            case_href=f"/cases/{detail.case.id}",
            purpose=say_purpose(detail.case.draft.purpose),
            kinds=kinds,
            authorisation=authorisation,
            name=detail.name,
            photo=view_photo(
                detail.facts,
                detail.faces,
                site.node.suitability,
                address=f"/probes/{detail.probe}",
                alt=f"Probe {detail.name}",
                chosen=chosen,
                link=lambda ordinal: f"/probes/{detail.probe}?face={ordinal}",
            ),
            facts=(*list_facts(detail.facts), ("Kept until", say_moment(detail.expires_at))),
            notes=detail.facts.notes,
            entries=entries,
            limits=tuple(limit for limit in _LIMITS if limit <= most) or (most,),
            problem=problem,
            problem_field=field,
        )
        return render_page("probe.html", page, status=status)

    @routes.get("/{probe}")
    def read(actor: Annotated[Actor, Depends(acting)], probe: str, face: int | None = Query(None, ge=0)) -> Response:
        return show(actor, ProbeId(probe), face=face, entries=Entries())

    @routes.post("/{probe}/search")
    def search(
        actor: Annotated[Actor, Depends(acting)],
        probe: str,
        face: str = Form(""),
        reason: str = Form(""),
        limit: str = Form("20"),
    ) -> Response:
        chosen, shown, held = read_number(face), read_number(limit) or 20, ProbeId(probe)
        entries = Entries(reason=reason, limit=shown)
        answer = search_probe(site.node, actor, held, reason=reason, face=chosen, limit=shown)
        if isinstance(answer, Refusal):
            field = answer.rule.rpartition(".")[2]
            problem = f"Refused: {answer.reason}. Nothing was searched; the refusal is recorded."
            return show(actor, held, face=chosen, entries=entries, problem=problem, field=field, status=REFUSED)
        if isinstance(answer, ChoiceNeeded):
            problem = "Choose the one face in question. Nothing was searched."
            return show(actor, held, face=None, entries=entries, problem=problem, field="face", status=422)
        found = answer.search if isinstance(answer, NoFaceFound) else answer.record.search
        return RedirectResponse(f"/searches/{found}", status_code=303)

    return routes


def _explain(site: Site, purpose: Purpose) -> tuple[str, str, int]:
    rule = site.node.policy.read().purposes.get(purpose)
    if rule is None:
        return "nothing: the policy allows no search for this purpose", "", 1
    kinds = ", ".join(say_kind(kind) for kind in sorted(rule.kinds))
    who = " or ".join(sorted(rule.authorised_by))
    if not who:
        return kinds, "", rule.candidates
    clock = f"within {rule.authorisation_hours} hours" if rule.authorisation_hours else "before it is made"
    return kinds, f"A {who} must authorise this search {clock} ({rule.law}).", rule.candidates
