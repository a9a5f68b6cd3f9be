"""Writing records: the form of a new one, and of one that is edited."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, RecordInvalid
from semblance.exchange.record_document import read_draft
from semblance.gallery.record_faults import read_fault
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind
from semblance.web.page.contexts import Option
from semblance.web.page.forms import read_number
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.records.form import KEYS, find_key, group_fields, read_values, write_values
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_kind, say_kind_purpose
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import create_record, edit_record

routes = APIRouter(prefix="/records")


async def read_fields(request: Request) -> dict[str, str]:
    form = await request.form()
    names = (*KEYS, "kind", "version", "reason")
    return {name: value for name in names if isinstance(value := form.get(name, ""), str)}


def _show(
    site: Site,
    actor: Actor,
    kind: RecordKind,
    values: dict[str, str],
    *,
    record: str = "",
    error: RecordInvalid | Conflict | None = None,
) -> HTMLResponse:
    placed, loose = _place_problems(error)
    return render_page(
        "records/record-form.html",
        make_frame(site, "records", actor),
        record=record,
        number=values.get("number", ""),
        kind=kind,
        purpose=say_kind_purpose(kind),
        kinds=tuple(Option(value.value, say_kind(value), value is kind) for value in _list_kinds(site)),
        version=int(values.get("version") or 0),
        groups=group_fields(kind, values, placed),
        problems=loose,
        reason=values.get("reason", ""),
        problem=error,
    )


@routes.get("/new")
def write(site: CurrentSite, actor: CurrentActor, kind: str = Query("")) -> Response:
    chosen = RecordKind(kind) if kind in set(RecordKind) else _list_kinds(site)[0]
    return _show(site, actor, chosen, {})


@routes.post("")
def create(site: CurrentSite, actor: CurrentActor, fields: Annotated[dict[str, str], Depends(read_fields)]) -> Response:
    kind = RecordKind(fields["kind"]) if fields["kind"] in set(RecordKind) else _list_kinds(site)[0]
    try:
        draft = read_draft(read_values(kind, fields))
        made = create_record(site.node, actor, draft, reason=fields["reason"])
    except (RecordInvalid, Conflict) as error:
        return _show(site, actor, kind, fields, error=error)
    return RedirectResponse(f"/records/{made.subject}", status_code=303)


@routes.get("/{record}/edit")
def edit(site: CurrentSite, actor: CurrentActor, record: str) -> Response:
    before = read_record(site.node, actor, SubjectId(record)).record
    values = {**write_values(before.draft), "version": str(before.version)}
    return _show(site, actor, before.draft.kind, values, record=record)


@routes.post("/{record}/edit")
def keep(
    site: CurrentSite, actor: CurrentActor, record: str, fields: Annotated[dict[str, str], Depends(read_fields)]
) -> Response:
    before = read_record(site.node, actor, SubjectId(record)).record
    try:
        # a record keeps its kind; the form does not ask for it again
        draft = replace(read_draft(read_values(before.draft.kind, fields)), kind=before.draft.kind)
        version = read_number(fields["version"]) or 0
        edit_record(site.node, actor, before.subject, draft, version=version, reason=fields["reason"])
    except (RecordInvalid, Conflict) as error:
        return _show(site, actor, before.draft.kind, fields, record=record, error=error)
    return RedirectResponse(f"/records/{record}", status_code=303)


def _list_kinds(site: Site) -> tuple[RecordKind, ...]:
    kinds = {kind for rule in site.node.policy.read().purposes.values() for kind in rule.kinds}
    return tuple(kind for kind in RecordKind if kind in kinds)


def _place_problems(error: RecordInvalid | Conflict | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the problems by the form's field that they are about, and those that are about none."""
    placed: dict[str, str] = {}
    loose: list[str] = []
    problems = error.problems if isinstance(error, RecordInvalid) else ()
    for problem in problems or (() if error is None else (error.message,)):
        fault = read_fault(problem)
        key = None if fault is None else find_key(fault.field)
        if fault is None or key is None:
            loose.append(say_message(problem))
        else:
            words = say_message(fault.fault)
            placed[key] = _("{first}; {second}", first=placed[key], second=words) if key in placed else words
    return placed, tuple(loose)
