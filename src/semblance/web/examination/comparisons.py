"""One candidate beside the probe: the page, its pictures, and what is written of it as it is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response

from semblance.cases.opinion import LEAST_CORRESPONDING, Checklist
from semblance.edge.acting import CurrentActor
from semblance.edge.failures import note_failure, tell_failure
from semblance.edge.statuses import find_status, list_headers
from semblance.errors import OpinionInvalid, RefusedByPolicy, SemblanceError
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Actor
from semblance.web.examination.compared_pictures import answer_picture, view_side
from semblance.web.examination.opinion_form import SentDraft, read_form, read_sent, write_draft
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_plainly
from semblance.web.wording.words import COMPONENT_WORDS, CONCLUSION_WORDS, FINDING_WORDS, GROUND_WORDS
from semblance.workflows.examination.comparison import read_candidate_side, read_comparison, read_probe_side
from semblance.workflows.examination.opinions import give_opinion, save_draft

routes = APIRouter(prefix="/examinations/{which}")


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """A line of the checklist; ``finding`` is empty where the component was not gone through."""

    key: str
    title: str
    hint: str
    finding: str
    note: str
    marks: str


@routes.get("/probe/{size}")
def show_probe(site: CurrentSite, actor: CurrentActor, which: str, size: str) -> Response:
    return answer_picture(read_probe_side(site.node, actor, ExaminationId(which)), size)


@routes.get("/candidates/{pseudonym}/{size}")
def show_candidate(site: CurrentSite, actor: CurrentActor, which: str, pseudonym: str, size: str) -> Response:
    return answer_picture(read_candidate_side(site.node, actor, ExaminationId(which), pseudonym), size)


def _show(site: Site, actor: Actor, which: str, pseudonym: str, *, problem: Problem = None) -> Response:
    found = read_comparison(site.node, actor, ExaminationId(which), pseudonym)
    address = f"/examinations/{found.examination.id}"
    names = [line.pseudonym for line in found.lines]
    place, seen = names.index(found.pseudonym), sum(line.seen_at is not None for line in found.lines)
    draft = found.draft
    return render_page(
        "examination/comparison.html",
        make_frame(site, "examinations", actor),
        pseudonym=found.pseudonym,
        case=found.case.number,
        case_href=address,
        probe=view_side(_("Probe"), _("The face in question"), f"{address}/probe", found.probe),
        reference=view_side(
            found.pseudonym,
            _("Candidate {pseudonym}", pseudonym=found.pseudonym),
            f"{address}/candidates/{found.pseudonym}",
            found.reference,
        ),
        rows=list_components(found.draft.compared),
        findings=tuple(Option(finding.value, _(words), chosen=False) for finding, words in FINDING_WORDS.items()),
        least=LEAST_CORRESPONDING,
        conclusions=tuple(
            Option(conclusion.value, _(words), conclusion is draft.conclusion)
            for conclusion, (words, _grade) in CONCLUSION_WORDS.items()
        ),
        grounds=tuple(
            Option(ground.value, _(words), ground in draft.grounds) for ground, words in GROUND_WORDS.items()
        ),
        reason=draft.reason,
        draft=write_draft(draft),
        version=found.version,
        draft_href=f"{address}/candidates/{found.pseudonym}/draft",
        opinion_href=f"{address}/candidates/{found.pseudonym}/opinion",
        previous_href=f"{address}/candidates/{names[place - 1]}" if place else None,
        next_href=f"{address}/candidates/{names[place + 1]}" if place + 1 < len(names) else None,
        progress=_("{seen} of {all} candidates looked at", seen=seen, all=len(names)),
        closed=found.closed,
        problem=problem,
    )


@routes.get("/candidates/{pseudonym}")
def read(site: CurrentSite, actor: CurrentActor, which: str, pseudonym: str) -> Response:
    return _show(site, actor, which, pseudonym)


@routes.post("/candidates/{pseudonym}/draft")
async def keep_draft(request: Request, site: CurrentSite, actor: CurrentActor, which: str, pseudonym: str) -> Response:
    try:
        body = await request.body()
    except ClientDisconnect:
        # the browser closed while it was sending; what arrived is not whole
        return Response(status_code=400)
    return await run_in_threadpool(_answer_script, _keep, site, actor, which, pseudonym, body)


@routes.post("/candidates/{pseudonym}/opinion")
async def record(request: Request, site: CurrentSite, actor: CurrentActor, which: str, pseudonym: str) -> Response:
    if "application/json" in request.headers.get("content-type", ""):
        body = await request.body()
        return await run_in_threadpool(_answer_script, _give_json, site, actor, which, pseudonym, body)
    return await run_in_threadpool(_give_form, site, actor, which, pseudonym, await request.form())


def _answer_script(
    act: Callable[[Site, Actor, str, str, SentDraft], Mapping[str, object]],
    site: Site,
    actor: Actor,
    which: str,
    pseudonym: str,
    body: bytes,
) -> Response:
    """Return what the act answers, or the error as a script understands it."""
    try:
        return JSONResponse(act(site, actor, which, pseudonym, read_sent(body)))
    except SemblanceError as error:
        field = error.field if isinstance(error, OpinionInvalid | RefusedByPolicy) else None
        document = {"code": error.code, "message": say_plainly(tell_failure(error)), "field": field}
        if (status := find_status(error)) >= 500:
            note_failure(error)
        return JSONResponse(document, status_code=status, headers=list_headers(error))


def _keep(site: Site, actor: Actor, which: str, pseudonym: str, sent: SentDraft) -> Mapping[str, object]:
    saved = save_draft(site.node, actor, ExaminationId(which), pseudonym, sent, version=sent.version)
    return {"version": saved}


def _give_json(site: Site, actor: Actor, which: str, pseudonym: str, sent: SentDraft) -> Mapping[str, object]:
    give_opinion(site.node, actor, ExaminationId(which), pseudonym, sent, version=sent.version)
    return {"href": f"/examinations/{which}"}


def _give_form(site: Site, actor: Actor, which: str, pseudonym: str, form: FormData) -> Response:
    fields = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}
    try:
        sent = read_form(fields)
        give_opinion(site.node, actor, ExaminationId(which), pseudonym, sent, version=sent.version)
    except SemblanceError as error:
        return _show(site, actor, which, pseudonym, problem=error)
    return RedirectResponse(f"/examinations/{which}", status_code=303)


def list_components(checklist: Checklist) -> tuple[ComponentRow, ...]:
    """Return every component as a form shows it, with what was found of it so far."""
    rows = []
    for component, (title, hint) in COMPONENT_WORDS.items():
        line = checklist.get(component)
        rows.append(
            ComponentRow(
                key=component.value,
                title=_(title),
                hint=_(hint),
                finding="" if line is None else line.finding.value,
                note="" if line is None else line.note,
                marks="" if line is None else ", ".join(map(str, line.marks)),
            )
        )
    return tuple(rows)
