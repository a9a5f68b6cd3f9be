"""One candidate beside the probe: the page, its pictures, and what is written of it as it is written."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response

from semblance.cases.checklist import Component, Finding
from semblance.cases.opinion import LEAST_CORRESPONDING, Conclusion, Ground
from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import REFUSED, find_status
from semblance.errors import NotSignedIn, SemblanceError
from semblance.terms.actor import Actor
from semblance.terms.ids import ExaminationId
from semblance.terms.permission import Refusal
from semblance.web.examination.compared_pictures import answer_picture, view_side
from semblance.web.examination.contexts import ComparisonPage, ComponentRow
from semblance.web.examination.opinion_form import SentDraft, read_form, read_sent, write_draft
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message, say_plainly, say_refusal
from semblance.web.wording.words import COMPONENT_WORDS, CONCLUSION_WORDS, FINDING_WORDS, GROUND_WORDS
from semblance.workflows.examination.comparison import Comparison, read_candidate_side, read_comparison, read_probe_side
from semblance.workflows.examination.opinions import give_opinion, save_draft

routes = APIRouter(prefix="/examinations/{which}")


@routes.get("/probe/{size}")
def show_probe(site: CurrentSite, actor: CurrentActor, which: str, size: str) -> Response:
    return answer_picture(read_probe_side(site.node, actor, ExaminationId(which)), size)


@routes.get("/candidates/{pseudonym}/{size}")
def show_candidate(site: CurrentSite, actor: CurrentActor, which: str, pseudonym: str, size: str) -> Response:
    return answer_picture(read_candidate_side(site.node, actor, ExaminationId(which), pseudonym), size)


def _show(
    site: Site, actor: Actor, which: str, pseudonym: str, *, problem: str | None = None, status: int = 200
) -> Response:
    found = read_comparison(site.node, actor, ExaminationId(which), pseudonym)
    return render_page("examination/comparison.html", _view(site, actor, found, problem), status=status)


@routes.get("/candidates/{pseudonym}")
def read(site: CurrentSite, actor: CurrentActor, which: str, pseudonym: str) -> Response:
    return _show(site, actor, which, pseudonym)


def _keep(site: Site, actor: Actor, which: str, pseudonym: str, body: bytes) -> Response:
    try:
        sent = read_sent(body)
        saved = save_draft(site.node, actor, ExaminationId(which), pseudonym, sent.make_draft(), version=sent.version)
    except SemblanceError as error:
        return _answer_error(error)
    return _answer_refusal(saved) if isinstance(saved, Refusal) else JSONResponse({"version": saved})


def _give(site: Site, actor: Actor, which: str, pseudonym: str, sent: SentDraft) -> str:
    given = give_opinion(site.node, actor, ExaminationId(which), pseudonym, sent.make_draft(), version=sent.version)
    return given if isinstance(given, Refusal) else f"/examinations/{which}"


def _give_json(site: Site, actor: Actor, which: str, pseudonym: str, body: bytes) -> Response:
    try:
        answer = _give(site, actor, which, pseudonym, read_sent(body))
    except SemblanceError as error:
        return _answer_error(error)
    return _answer_refusal(answer) if isinstance(answer, Refusal) else JSONResponse({"href": answer})


def _give_form(site: Site, actor: Actor, which: str, pseudonym: str, form: FormData) -> Response:
    fields = {name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form}
    try:
        answer = _give(site, actor, which, pseudonym, read_form(fields))
    except SemblanceError as error:
        return _show(site, actor, which, pseudonym, problem=say_message(error.message), status=find_status(error))
    if isinstance(answer, Refusal):
        return _show(site, actor, which, pseudonym, problem=say_refusal(answer), status=422)
    return RedirectResponse(answer, status_code=303)


def _answer_stranger(request: Request, error: NotSignedIn) -> Response:
    """Tell a script that the session is over, instead of sending it to a page."""
    if "application/json" in request.headers.get("content-type", ""):
        return JSONResponse({"code": error.code, "message": _("You are not signed in.")}, status_code=401)
    raise error


# these two read the body themselves, and answer a script as a script understands it
@routes.post("/candidates/{pseudonym}/draft")
async def keep_draft(request: Request, which: str, pseudonym: str) -> Response:
    try:
        body = await request.body()
    except ClientDisconnect:
        # the browser closed while it was sending; what arrived is not whole
        return Response(status_code=400)
    try:
        actor = await run_in_threadpool(acting, request)
    except NotSignedIn as error:
        return answer_stranger(request, error)
    return await run_in_threadpool(keep, actor, which, pseudonym, body)


@routes.post("/candidates/{pseudonym}/opinion")
async def record(request: Request, which: str, pseudonym: str) -> Response:
    json_sent = "application/json" in request.headers.get("content-type", "")
    body = await request.body() if json_sent else b""
    form = FormData() if json_sent else await request.form()
    try:
        actor = await run_in_threadpool(acting, request)
    except NotSignedIn as error:
        return answer_stranger(request, error)
    if json_sent:
        return await run_in_threadpool(give_json, actor, which, pseudonym, body)
    return await run_in_threadpool(give_form, actor, which, pseudonym, form)


def _view(site: Site, actor: Actor, found: Comparison, problem: str | None) -> ComparisonPage:
    address = f"/examinations/{found.examination.id}"
    names = [line.pseudonym for line in found.lines]
    place, seen = names.index(found.pseudonym), sum(line.seen_at is not None for line in found.lines)
    draft = found.draft
    return ComparisonPage(
        frame=make_frame(site, "examinations", actor),
        title=_("{pseudonym} beside the probe", pseudonym=found.pseudonym),
        path=(("/examinations", _("Examine")), (address, found.case.number)),
        probe=view_side(_("Probe"), _("The face in question"), f"{address}/probe", found.probe),
        reference=view_side(
            found.pseudonym,
            _("Candidate {pseudonym}", pseudonym=found.pseudonym),
            f"{address}/candidates/{found.pseudonym}",
            found.reference,
        ),
        rows=list_components(found),
        findings=tuple(Option(one.value, _(FINDING_WORDS[one]), chosen=False) for one in Finding),
        least=LEAST_CORRESPONDING,
        conclusions=tuple(
            Option(one.value, _(CONCLUSION_WORDS[one][0]), one is draft.conclusion) for one in Conclusion
        ),
        grounds=tuple(Option(one.value, _(GROUND_WORDS[one]), one in draft.grounds) for one in Ground),
        reason=draft.reason,
        draft=write_draft(draft, found.version),
        version=found.version,
        draft_href=f"{address}/candidates/{found.pseudonym}/draft",
        opinion_href=f"{address}/candidates/{found.pseudonym}/opinion",
        back_href=address,
        back_words=_("All candidates"),
        previous_href=f"{address}/candidates/{names[place - 1]}" if place else None,
        next_href=f"{address}/candidates/{names[place + 1]}" if place + 1 < len(names) else None,
        progress=_("{seen} of {all} candidates looked at", seen=seen, all=len(names)),
        closed=found.closed,
        problem=problem,
    )


def list_components(found: Comparison) -> tuple[ComponentRow, ...]:
    """Return the checklist's lines with what was found so far."""
    rows = []
    for component in Component:
        title, hint = COMPONENT_WORDS[component]
        line = found.draft.compared.get(component)
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


def _answer_error(error: SemblanceError) -> Response:
    return JSONResponse({"code": error.code, "message": say_plainly(error.message)}, status_code=find_status(error))


def _answer_refusal(refusal: Refusal) -> Response:
    status = 422 if refusal.rule.startswith("opinion.") else REFUSED
    field = refusal.rule.rpartition(".")[2]
    return JSONResponse(
        {
            "code": refusal.rule,
            "message": say_plainly(refusal.message),
            "field": field,
        },
        status_code=status,
    )
