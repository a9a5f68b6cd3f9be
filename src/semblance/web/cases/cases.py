"""Cases: the list, one case with its probes and searches, opening and closing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.cases.case import CaseDraft, CaseState, Category
from semblance.edge.acting import CurrentActor
from semblance.edge.document import shorten_name
from semblance.errors import Conflict, IntakeError, RefusedByPolicy
from semblance.store.probes import StoredProbe
from semblance.terms.ids import CaseId
from semblance.terms.permission import Action, Actor, Purpose
from semblance.web.cases.authorisations import view_authorisation
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.search.searches import is_examined
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_category, say_moment, say_purpose, say_state
from semblance.workflows.cases.authorise import AuthorisationRow
from semblance.workflows.cases.cases import close_case, list_cases, open_case, read_case
from semblance.workflows.cases.probes import submit_probe

_PAGE = 50
_PHOTOS_AT_ONCE = 50
_UNWRITTEN: Final = dict.fromkeys(("number", "purpose", "category", "aim", "offence", "link"), "")


routes = APIRouter(prefix="/cases")


@dataclass(frozen=True, slots=True)
class ProbeCard:
    """A probe in its case."""

    href: str
    picture: str
    name: str
    faces: str
    until: str
    notes: tuple[str, ...]


def _show_form(
    site: Site, actor: Actor, written: Mapping[str, str], *, problem: Problem = None, field: str = ""
) -> Response:
    only = site.purposes[0] if len(site.purposes) == 1 else written["purpose"]
    return render_page(
        "cases/case-form.html",
        make_frame(site, "cases", actor),
        purposes=tuple(Option(value, say_purpose(value), value == only) for value in site.purposes),
        categories=tuple(Option(value, say_category(value), value == written["category"]) for value in Category),
        written=written,
        problem=problem,
        problem_field=field,
    )


def _show_case(
    site: Site,
    actor: Actor,
    case: CaseId,
    *,
    problem: Problem = None,
    faults: tuple[str, ...] = (),
    status: int | None = None,
) -> HTMLResponse:
    detail = read_case(site.node, actor, case)
    found, now = detail.case, site.node.clock()
    draft, is_open = found.draft, found.state is CaseState.OPEN
    return render_page(
        "cases/case.html",
        make_frame(site, "cases", actor),
        case=found.id,
        number=found.number or _("erased"),
        state=found.state,
        facts=(
            (_("Purpose"), say_purpose(draft.purpose)),
            (_("Person in question"), say_category(draft.category)),
            (_("Aim"), draft.aim or _("erased")),
            *(((_("Offence"), draft.offence),) if draft.offence else ()),
            *(((_("Belongs to"), draft.link),) if draft.link else ()),
            (_("Opened"), say_act(found.opened_at, found.opened_by)),
            (_("Last worked in"), say_moment(found.last_act_at)),
        ),
        probes=tuple(map(_view_probe, detail.probes)),
        searches=tuple((record, is_examined(detail.examinations.get(record.search))) for record in detail.searches),
        authorisations=tuple(
            view_authorisation(site, actor, AuthorisationRow(asked, found.number, draft.purpose.value), now)
            for asked in detail.authorisations
        ),
        submissions=tuple(
            (f"/submissions/{held.id}", held.draft.company or held.draft.authority, held) for held in detail.submissions
        ),
        upload_megabytes=site.upload_megabytes,
        may_bring=is_open and may(site, actor, Action.SUBMISSION_MAKE),
        may_submit=is_open and may(site, actor, Action.PROBE_SUBMIT),
        may_close=is_open and may(site, actor, Action.CASE_CLOSE),
        problem=problem,
        faults=faults,
        status=status,
    )


@routes.get("")
def list_all(site: CurrentSite, actor: CurrentActor, state: str = Query(""), after: CaseId | None = None) -> Response:
    wanted = CaseState(state) if state in set(CaseState) else None
    found = list_cases(site.node, actor, state=wanted, after=after, limit=_PAGE)
    onward = None if found.next_after is None else f"/cases?state={state}&after={found.next_after}"
    return render_page(
        "cases/cases.html",
        make_frame(site, "cases", actor),
        cases=found.cases,
        states=tuple(Option(value, say_state(value), value is wanted) for value in CaseState),
        next_href=onward,
        first=after is None,
        may_open=may(site, actor, Action.CASE_OPEN),
    )


@routes.get("/new")
def write(site: CurrentSite, actor: CurrentActor) -> Response:
    return _show_form(site, actor, _UNWRITTEN)


@routes.post("")
def open_(
    site: CurrentSite,
    actor: CurrentActor,
    number: str = Form(""),
    purpose: str = Form(""),
    category: str = Form(""),
    aim: str = Form(""),
    offence: str = Form(""),
    link: str = Form(""),
) -> Response:
    texts = {"number": number, "aim": aim, "offence": offence, "link": link}

    def again(problem: Problem, field: str) -> Response:
        written = {"purpose": purpose, "category": category, **texts}
        return _show_form(site, actor, written, problem=problem, field=field)

    if purpose not in set(Purpose):
        return again(_("Choose the purpose."), "purpose")
    if category not in set(Category):
        return again(_("Choose the category."), "category")
    draft = CaseDraft(purpose=Purpose(purpose), category=Category(category), **texts)
    try:
        made = open_case(site.node, actor, draft)
    except Conflict as error:
        return again(error, "number")
    except RefusedByPolicy as error:
        return again(error, error.field or "")
    return RedirectResponse(f"/cases/{made.id}", status_code=303)


@routes.get("/{case}")
def read(site: CurrentSite, actor: CurrentActor, case: CaseId) -> Response:
    return _show_case(site, actor, case)


@routes.post("/{case}/probes")
def submit(
    site: CurrentSite, actor: CurrentActor, case: CaseId, photo: Annotated[list[UploadFile | str] | None, File()] = None
) -> Response:
    # a form whose field was left empty sends no file but an empty text
    files = [file for file in photo or () if not isinstance(file, str)]
    handed = [(shorten_name(file.filename or ""), file.file.read()) for file in files]
    handed = [(name, data) for name, data in handed if name or data]
    if not handed:
        return _show_case(site, actor, case, problem=_("No photo was chosen. Choose a file first."))
    if len(handed) > _PHOTOS_AT_ONCE:
        problem = _(
            "{n} photos were chosen; at most {most} are taken at once. None was kept.",
            n=len(handed),
            most=_PHOTOS_AT_ONCE,
        )
        return _show_case(site, actor, case, problem=problem)
    probes, faults = [], []
    for name, data in handed:
        try:
            probes.append(submit_probe(site.node, actor, case, data, name=name or "photo"))
        except IntakeError as error:
            faults.append(error)
    if not faults:
        only = f"/probes/{probes[0].id}" if len(probes) == 1 else f"/cases/{case}"
        return RedirectResponse(only, status_code=303)
    if len(handed) == 1:
        return _show_case(site, actor, case, problem=faults[0])
    kept = _("{n} of {all} photos were handed in. These could not be taken:", n=len(probes), all=len(handed))
    return _show_case(
        site,
        actor,
        case,
        problem=kept,
        faults=tuple(say_message(fault.message) for fault in faults),
        status=200 if probes else None,
    )


@routes.post("/{case}/close")
def close(site: CurrentSite, actor: CurrentActor, case: CaseId, reason: str = Form("")) -> Response:
    if not reason.strip():
        return _show_case(site, actor, case, problem=_("Say why the case is closed."))
    close_case(site.node, actor, case, reason=reason.strip())
    return RedirectResponse(f"/cases/{case}", status_code=303)


def _view_probe(probe: StoredProbe) -> ProbeCard:
    return ProbeCard(
        href=f"/probes/{probe.id}",
        picture=f"/probes/{probe.id}/picture",
        name=shorten_name(probe.name),
        faces=ngettext("{n} face", "{n} faces", len(probe.faces)) if probe.faces else _("no face found"),
        until=_("held until {when}", when=say_moment(probe.expires_at)),
        notes=tuple(map(say_message, probe.facts.notes)),
    )
