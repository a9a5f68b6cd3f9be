"""Preparing a probe for searching: a picture of steps that are not held yet, and the versions that are."""

from urllib.parse import quote

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import find_status
from semblance.errors import StepsInvalid
from semblance.terms.ids import PreparationId, ProbeId
from semblance.terms.permission import Actor
from semblance.terms.preparation import STEPS_CAP, describe_step, read_steps, write_steps
from semblance.terms.samples import Point
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.say_message import say_message, say_plainly
from semblance.workflows.cases.probes import find_probe
from semblance.workflows.search.prepare_probe import (
    Outlook,
    foresee_steps,
    prepare_probe,
    render_preparation,
    render_steps,
)

_NOTHING = "[]"


routes = APIRouter(prefix="/probes/{probe}")


def _show(site: Site, actor: Actor, probe: ProbeId, steps: str, *, problem: Problem = None) -> HTMLResponse:
    stored, case = find_probe(site.node, actor, probe)
    try:
        taken = read_steps(steps)
        foresee_steps(site.node, actor, probe, taken)
    except StepsInvalid as fault:
        taken, problem = (), problem or fault
    return render_page(
        "search/prepare.html",
        make_frame(site, "cases", actor),
        probe=probe,
        name=stored.name,
        case=case.number,
        case_href=f"/cases/{case.id}",
        width=stored.facts.width,
        height=stored.facts.height,
        steps=write_steps(taken),
        words=tuple(say_message(describe_step(step)) for step in taken),
        faces=tuple(face.ordinal for face in stored.faces),
        cap=STEPS_CAP,
        problem=problem,
    )


@routes.get("/prepare")
def read(site: CurrentSite, actor: CurrentActor, probe: ProbeId, steps: str = Query(_NOTHING)) -> Response:
    return _show(site, actor, probe, steps)


@routes.post("/prepare")
def hold(site: CurrentSite, actor: CurrentActor, probe: ProbeId, steps: str = Form(_NOTHING)) -> Response:
    try:
        made = prepare_probe(site.node, actor, probe, read_steps(steps))
    except StepsInvalid as fault:
        return _show(site, actor, probe, steps, problem=fault)
    return RedirectResponse(f"/probes/{probe}?prepared={made.id}", status_code=303)


@routes.get("/prepared/picture")
def show_steps(site: CurrentSite, actor: CurrentActor, probe: ProbeId, steps: str = Query(_NOTHING)) -> Response:
    picture = render_steps(site.node, actor, probe, read_steps(steps))
    return Response(picture, media_type="image/jpeg")


@routes.get("/prepared/outlook")
def foresee(site: CurrentSite, actor: CurrentActor, probe: ProbeId, steps: str = Query(_NOTHING)) -> Response:
    try:
        outlook = foresee_steps(site.node, actor, probe, read_steps(steps))
    except StepsInvalid as fault:
        return JSONResponse({"problem": say_plainly(fault.message)}, status_code=find_status(fault))
    return JSONResponse(_describe(outlook))


@routes.get("/prepared/{preparation}/picture")
def show_version(site: CurrentSite, actor: CurrentActor, probe: ProbeId, preparation: PreparationId) -> Response:
    picture = render_preparation(site.node, actor, probe, preparation)
    return Response(picture, media_type="image/jpeg")


@routes.get("/prepared/{preparation}/faces/{ordinal}")
def show_face(
    site: CurrentSite, actor: CurrentActor, probe: ProbeId, preparation: PreparationId, ordinal: int
) -> Response:
    picture = render_preparation(site.node, actor, probe, preparation, face=ordinal)
    return Response(picture, media_type="image/jpeg")


def write_address(probe: str, steps: str) -> str:
    """Return where the preparation of a probe goes on with these steps, in JSON."""
    return f"/probes/{probe}/prepare?steps={quote(steps, safe='')}"


def _describe(outlook: Outlook) -> dict[str, object]:
    return {
        "width": outlook.width,
        "height": outlook.height,
        "steps": [say_plainly(step) for step in outlook.steps],
        "eyes": {str(face): [_write(left), _write(right)] for face, left, right in outlook.eyes},
    }


def _write(point: Point) -> list[float]:
    return [round(point.x, 2), round(point.y, 2)]
