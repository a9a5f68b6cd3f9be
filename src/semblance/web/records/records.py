"""Records: the list, one record with its photos, its history, and what may be done with it."""

from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Query, UploadFile
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.edge.document import shorten_name
from semblance.errors import IntakeError
from semblance.gallery.kinds import DESCRIBED
from semblance.gallery.outcome import KEPT
from semblance.gallery.record import ImageSource
from semblance.gallery.record_changes import list_changes
from semblance.store.record_selection import RecordFilter
from semblance.store.records import name_record
from semblance.terms.ids import AuthorityCode, PhotoId, SubjectId
from semblance.terms.permission import Action, Actor
from semblance.terms.record import RecordKind, RecordState
from semblance.web.page.contexts import Option
from semblance.web.page.forms import read_number
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.records.ties import list_named, view_ties
from semblance.web.records.views import group_facts, list_moves, say_written, view_record_photo
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_act, say_kind, say_kind_purpose, say_moment, say_state
from semblance.workflows.enrolment.choose_face import choose_face
from semblance.workflows.enrolment.enrol import enrol_into
from semblance.workflows.records.erase_record import ErasureReceipt, erase_record
from semblance.workflows.records.export_record import export_record
from semblance.workflows.records.list_records import list_opened_records, list_records
from semblance.workflows.records.read_record import describe_photo, list_awaiting, list_history, read_record
from semblance.workflows.records.write_record import (
    decide_dispute,
    dispute_record,
    extend_record,
    publish_record,
    withdraw_record,
)

_PAGE = 50


routes = APIRouter(prefix="/records")


def show_record(
    site: Site, actor: Actor, record_id: str, *, problem: Problem = None, status: int | None = None, handed: str = ""
) -> HTMLResponse:
    """Return the page of a record; ``handed`` is a probe that was just handed in from it."""
    detail = read_record(site.node, actor, SubjectId(record_id))
    record, dispute = detail.record, detail.record.dispute
    return render_page(
        "records/record.html",
        make_frame(site, "records", actor),
        record=record.subject,
        number=record.number,
        name="" if (named := name_record(record)) == record.number else named,
        named=list_named(record),
        version=record.version,
        ties=view_ties(site, actor, record, detail.may),
        handed=handed,
        kind=record.draft.kind,
        purpose=say_kind_purpose(record.draft.kind),
        owner=record.owner,
        state=record.state,
        blocked=None
        if dispute is None
        else _(
            "{reason} ({person} of {authority}, {when})",
            reason=dispute.reason,
            person=dispute.person,
            authority=dispute.authority,
            when=say_moment(dispute.at),
        ),
        groups=group_facts(record),
        photos=tuple(view_record_photo(site, photo, record.number) for photo in detail.photos),
        moves=list_moves(detail.may),
        described=record.draft.kind in DESCRIBED,
        may_edit=Action.RECORD_EDIT in detail.may,
        may_enrol=Action.PHOTO_ENROL in detail.may,
        may_export=Action.RECORD_EXPORT in detail.may,
        today=site.node.clock().date().isoformat(),
        problem=problem,
        status=status,
    )


@routes.get("")
def list_all(
    site: CurrentSite,
    actor: CurrentActor,
    kind: str = Query(""),
    state: str = Query(""),
    owner: str = Query("", max_length=40),
    after: str | None = Query(None, max_length=64),
) -> Response:
    return _show_list(site, actor, {"kind": kind, "state": state, "owner": owner}, "", after)


@routes.post("/find")
def find(
    site: CurrentSite,
    actor: CurrentActor,
    kind: Annotated[str, Form()] = "",
    state: Annotated[str, Form()] = "",
    owner: Annotated[str, Form(max_length=40)] = "",
    text: Annotated[str, Form(max_length=200)] = "",
    after: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    # a name stands in no address: those are kept by browsers, and by whatever lies between
    asked = {"kind": kind, "state": state, "owner": owner}
    if not text.strip():
        return RedirectResponse("/records?" + urlencode(asked), status_code=303)
    return _show_list(site, actor, asked, text, after or None)


def _show_list(site: Site, actor: Actor, asked: dict[str, str], text: str, after: str | None) -> HTMLResponse:
    kind, state, owner = asked["kind"], asked["state"], asked["owner"]
    kinds = frozenset({RecordKind(kind)} if kind in set(RecordKind) else ())
    states = frozenset({RecordState(state)} if state in set(RecordState) else ())
    wanted = RecordFilter(kinds=kinds, states=states, owner=AuthorityCode(owner.strip()) if owner.strip() else None)
    sought = text.strip()
    reading = (
        partial(list_opened_records, site.node, actor, sought) if sought else partial(list_records, site.node, actor)
    )
    found = reading(wanted, after=None if after is None else SubjectId(after), limit=_PAGE)
    filtered = bool(sought) or any(asked.values())
    onward = None
    if found.next_after is not None and not sought:
        onward = "/records?" + urlencode({**asked, "after": found.next_after})
    return render_page(
        "records/records.html",
        make_frame(site, "records", actor),
        rows=found.rows,
        damaged=found.damaged,
        waiting=list_awaiting(site.node, actor) if after is None and not filtered else (),
        total=found.total,
        total_exact=found.exact,
        kinds=tuple(Option(value.value, say_kind(value), value in kinds) for value in RecordKind),
        states=tuple(Option(value.value, say_state(value), value in states) for value in RecordState),
        text=text,
        owner=owner,
        next_href=onward,
        next_found={**asked, "text": text, "after": found.next_after} if sought and found.next_after else None,
        first=after is None,
        filtered=filtered,
        may_create=may(site, actor, Action.RECORD_CREATE),
    )


@routes.get("/{record}")
def read(site: CurrentSite, actor: CurrentActor, record: str, handed: str = Query("", max_length=64)) -> Response:
    return show_record(site, actor, record, handed=handed)


@routes.get("/{record}/history")
def read_history(site: CurrentSite, actor: CurrentActor, record: str) -> Response:
    versions = list_history(site.node, actor, SubjectId(record))
    return render_page(
        "records/record-history.html",
        make_frame(site, "records", actor),
        record=record,
        number=versions[0].record.number,
        versions=list_changes(versions),
        say_written=say_written,
    )


@routes.post("/{record}/export")
def export(site: CurrentSite, actor: CurrentActor, record: str, reason: str = Form("")) -> Response:
    if not reason.strip():
        return show_record(site, actor, record, problem=_("Say why the record is handed out."))
    data = export_record(site.node, actor, SubjectId(record), reason=reason.strip())
    headers = {"content-disposition": 'attachment; filename="record.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


@routes.post("/{record}/photos")
def enrol(
    site: CurrentSite,
    actor: CurrentActor,
    record: str,
    photo: Annotated[UploadFile | None, File()] = None,
    source: str = Form(""),
    obtained: str = Form(""),
    obtained_on: str = Form(""),
) -> Response:
    data = photo.file.read() if photo is not None else b""
    if photo is None or not data:
        return show_record(site, actor, record, problem=_("No photo was chosen. Choose a file first."))
    try:
        day = date.fromisoformat(obtained_on)
    except ValueError:
        return show_record(site, actor, record, problem=_("Give the day on which the photo was obtained."))
    source_of = ImageSource(source, obtained, day)
    name = shorten_name(photo.filename or "photo")
    try:
        report = enrol_into(site.node, actor, SubjectId(record), data, name=name, source=source_of)
    except IntakeError as error:
        return show_record(site, actor, record, problem=error)
    row = report.rows[0]
    if row.status not in KEPT:
        why = Markup("; ").join(map(say_message, row.reasons))
        status = say_state(row.status)
        return show_record(site, actor, record, problem=_("{status}: {why}.", status=status, why=why))
    return RedirectResponse(f"/records/{record}#photo-{row.photo}", status_code=303)


@routes.post("/photos/{photo}/choose")
def choose(site: CurrentSite, actor: CurrentActor, photo: str, face: str = Form("")) -> Response:
    detail = describe_photo(site.node, actor, PhotoId(photo))
    chosen = read_number(face)
    if chosen is None:
        return show_record(site, actor, detail.subject, problem=_("Choose a face first."))
    choose_face(site.node, actor, detail.id, chosen)
    return RedirectResponse(f"/records/{detail.subject}#photo-{photo}", status_code=303)


@routes.post("/{record}/{move}")
def move(
    site: CurrentSite,
    actor: CurrentActor,
    record: str,
    move: str,
    reason: str = Form(""),
    answer: str = Form(""),
    day: str = Form(""),
) -> Response:
    subject, why = SubjectId(record), reason.strip()
    if not why:
        return show_record(site, actor, record, problem=_("Say why: every change of a record has a reason."))
    if move in {"publish", "decide"} and answer not in {"yes", "no"}:
        return show_record(site, actor, record, problem=_("Answer the question first."))
    try:
        if move == "publish":
            publish_record(site.node, actor, subject, neutral=answer == "yes", reason=why)
        elif move == "extend":
            extend_record(site.node, actor, subject, retain_until=date.fromisoformat(day), reason=why)
        elif move == "dispute":
            dispute_record(site.node, actor, subject, reason=why)
        elif move == "decide":
            decide_dispute(site.node, actor, subject, upheld=answer == "yes", reason=why)
        elif move == "withdraw":
            withdraw_record(site.node, actor, subject, reason=why)
        elif move == "erase":
            return _show_receipt(site, actor, erase_record(site.node, actor, subject, reason=why))
        else:
            return show_record(site, actor, record, problem=_("There is no such act."), status=404)
    except ValueError:
        return show_record(site, actor, record, problem=_("Give the day as year-month-day, such as 2029-03-12."))
    except IntakeError as error:
        return show_record(site, actor, record, problem=error)
    return RedirectResponse(f"/records/{record}", status_code=303)


def _show_receipt(site: Site, actor: Actor, receipt: ErasureReceipt) -> HTMLResponse:
    cleared = (
        _("yes") if receipt.files_cleared else _("when another program has ended reading; they are unreadable already")
    )
    return render_page(
        "records/erased.html",
        make_frame(site, "records", actor),
        number=receipt.number,
        facts=(
            (_("Erased"), say_act(receipt.when, receipt.person)),
            (_("Reason"), receipt.reason),
            (_("Photos"), str(receipt.photos)),
            (_("Faces"), str(receipt.faces)),
            (_("References"), str(receipt.references)),
            (_("Versions"), str(receipt.versions)),
            (_("Intake outcomes"), str(receipt.outcomes)),
            (_("Old pages of the store cleared"), cleared),
        ),
        entry=receipt.ledger_entry,
    )
