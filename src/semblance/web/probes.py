"""The probe's page: which face, who searches, in which case, for what, and why."""

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.justification import Justification
from semblance.edge.statuses import REFUSED
from semblance.terms.ids import ProbeId
from semblance.terms.permission import Refusal
from semblance.web.contexts import Entries, Option, ProbePage
from semblance.web.faces import list_facts, view_photo
from semblance.web.forms import read_number
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.start import make_frame
from semblance.web.words import say_moment, say_purpose
from semblance.workflows.identify import ChoiceNeeded, NoFaceFound, search_probe
from semblance.workflows.show import describe_probe

_LIMITS = (5, 10, 20, 50)


def make_probe_routes(site: Site) -> APIRouter:
    """Return the routes of a probe's page."""
    routes = APIRouter(prefix="/probes")

    def show(
        probe: ProbeId,
        *,
        face: int | None,
        entries: Entries,
        purpose: str = "",
        problem: str | None = None,
        field: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        detail = describe_probe(site.node, probe)
        chosen = face if face is not None or len(detail.faces) != 1 else detail.faces[0].ordinal
        only = site.purposes[0] if len(site.purposes) == 1 else purpose
        page = ProbePage(
            frame=make_frame(site, "search"),
            probe=detail.probe,
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
            purposes=tuple(Option(value, say_purpose(value), value == only) for value in site.purposes),
            entries=entries,
            limits=_LIMITS,
            problem=problem,
            problem_field=field,
        )
        return render_page("probe.html", page, status=status)

    @routes.get("/{probe}")
    def read(probe: str, face: int | None = Query(None, ge=0)) -> Response:
        return show(ProbeId(probe), face=face, entries=Entries(person=site.person or ""))

    @routes.post("/{probe}/search")
    def search(
        probe: str,
        face: str = Form(""),
        person: str = Form(""),
        case: str = Form(""),
        purpose: str = Form(""),
        reason: str = Form(""),
        limit: str = Form("20"),
    ) -> Response:
        chosen = read_number(face)
        shown = read_number(limit) or 20
        entries = Entries(person=person, case=case, reason=reason, limit=shown)
        answer = search_probe(
            site.node,
            ProbeId(probe),
            justification=Justification(person=person, case=case, purpose=purpose, reason=reason),
            face=chosen,
            limit=shown,
        )
        if isinstance(answer, Refusal):
            field = answer.rule.rpartition(".")[2]
            problem = f"Refused: {answer.reason}. Nothing was searched; the refusal is recorded."
            return show(
                ProbeId(probe),
                face=chosen,
                entries=entries,
                purpose=purpose,
                problem=problem,
                field=field,
                status=REFUSED,
            )
        if isinstance(answer, ChoiceNeeded):
            problem = "Choose the one face in question. Nothing was searched."
            return show(
                ProbeId(probe), face=None, entries=entries, purpose=purpose, problem=problem, field="face", status=422
            )
        found = answer.search if isinstance(answer, NoFaceFound) else answer.record.search
        return RedirectResponse(f"/searches/{found}", status_code=303)

    return routes
