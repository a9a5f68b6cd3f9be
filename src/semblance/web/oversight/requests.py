"""Requests of people about themselves: taking them in, telling what is held, answering and declining."""

from datetime import date

from fastapi import APIRouter, Form, Query
from fastapi import Request as Asked
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.edge.statuses import find_status
from semblance.errors import SemblanceError
from semblance.gallery.request import AccessPart, Request, RequestDraft, RequestKind, RequestState, Withheld
from semblance.terms.actor import Actor
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Refusal
from semblance.web.oversight.contexts import NOTHING, AboutView, RequestPage, RequestRowView, RequestsPage, Said
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import N_, _, ngettext
from semblance.web.wording.say_message import say_message
from semblance.web.wording.translate_messages import say_below
from semblance.web.wording.words import say_act, say_moment, say_state, say_value
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import answer_request, decline_request
from semblance.workflows.data_subjects.receive_request import link_records, receive_request
from semblance.workflows.data_subjects.requests import RequestRow, list_requests, read_request
from semblance.workflows.records.read_record import find_record_id

_PAGE = 50
_STATES = {
    RequestState.RECEIVED: (N_("Waits"), "fair"),
    RequestState.ANSWERED: (N_("Answered"), "good"),
    RequestState.DECLINED: (N_("Declined"), "poor"),
    RequestState.ERASED: (N_("Erased"), "poor"),
}
_ANSWERS = {
    RequestKind.ACCESS: N_("Hand the file out first; then say here that it was."),
    RequestKind.RECTIFICATION: N_("The owner corrects every record first; then say here what was corrected."),
    RequestKind.ERASURE: N_("Answering erases every record of the request at once and for good."),
    RequestKind.DISPUTE: N_("Answering upholds the dispute: every record of the request is withdrawn."),
}


routes = APIRouter(prefix="/requests")


def _show_all(
    site: Site,
    actor: Actor,
    *,
    decided: bool = False,
    after: str | None = None,
    kind: str = "",
    problem: str | None = None,
    status: int = 200,
    said: Said = NOTHING,
) -> HTMLResponse:
    place = None if after is None else RequestId(after)
    found = list_requests(site.node, actor, decided=decided, after=place, limit=_PAGE)
    onward = None
    if found.next_after is not None:
        onward = f"/requests?decided={int(decided)}&after={found.next_after}"
    page = RequestsPage(
        frame=make_frame(site, "requests", actor),
        rows=tuple(map(_view_row, found.rows)),
        decided=decided,
        next_href=onward,
        kinds=tuple(Option(one.value, say_value(one), one.value == kind) for one in RequestKind),
        today=site.node.clock().date().isoformat(),
        problem=problem,
        said=said,
    )
    return render_page("oversight/requests.html", page, status=status)


def _show(
    site: Site,
    actor: Actor,
    request: str,
    *,
    problem: str | None = None,
    receipts: tuple[tuple[str, str], ...] = (),
    status: int = 200,
) -> HTMLResponse:
    detail = read_request(site.node, actor, RequestId(request))
    held = detail.row.request
    waits = held.state is RequestState.RECEIVED
    state, grade = say_state(_STATES[held.state])
    page = RequestPage(
        frame=make_frame(site, "requests", actor),
        request=held.id,
        title=_("{kind}, received {day}", kind=say_value(held.kind), day=held.draft.received_on.isoformat()),
        kind=held.kind.value,
        state=state,
        grade=grade,
        facts=_list_facts(held),
        about=tuple(
            AboutView(
                href=f"/records/{one.subject}" if one.subject in detail.numbers else None,
                number=detail.numbers.get(one.subject, _("not held any more")),
                words=_say_about(one.blocked, one.corrected, one.erased_in),
            )
            for one in held.about
        ),
        waits=waits,
        left=_say_left(detail.row.days_left),
        answer_words=_(_ANSWERS[held.kind]),
        may_tell=held.kind is RequestKind.ACCESS and held.state in {RequestState.RECEIVED, RequestState.ANSWERED},
        parts_held=tuple(Option(part.value, say_value(part), False) for part in AccessPart),
        receipts=receipts,
        problem=problem,
    )
    return render_page("oversight/request.html", page, status=status)


def _find_records(site: Site, actor: Actor, text: str) -> tuple[SubjectId, ...]:
    return tuple(find_record_id(site.node, actor, line.strip()) for line in text.splitlines() if line.strip())


@routes.get("")
def list_all(
    site: CurrentSite, actor: CurrentActor, decided: bool = False, after: str | None = Query(None, max_length=64)
) -> Response:
    return _show_all(site, actor, decided=decided, after=after)


@routes.post("")
def receive(
    site: CurrentSite,
    actor: CurrentActor,
    kind: str = Form(""),
    asker: str = Form(""),
    whom: str = Form(""),
    what: str = Form(""),
    records: str = Form(""),
    received_on: str = Form(""),
) -> Response:
    said = Said(asker, whom, what, records, received_on)
    try:
        draft = RequestDraft(
            RequestKind(kind), asker, date.fromisoformat(received_on), whom, what, _find_records(site, actor, records)
        )
    except ValueError:
        sentence = _("Choose what is asked, and give the day on which it came in.")
        return _show_all(site, actor, kind=kind, problem=sentence, status=422, said=said)
    except SemblanceError as error:
        return _show_all(
            site, actor, kind=kind, problem=say_message(error.message), status=find_status(error), said=said
        )
    try:
        made = receive_request(site.node, actor, draft)
    except SemblanceError as error:
        return _show_all(
            site, actor, kind=kind, problem=say_message(error.message), status=find_status(error), said=said
        )
    return RedirectResponse(f"/requests/{made.request.id}", status_code=303)


@routes.get("/{request}")
def read(site: CurrentSite, actor: CurrentActor, request: str) -> Response:
    return _show(site, actor, request)


@routes.post("/{request}/records")
def link(site: CurrentSite, actor: CurrentActor, request: str, records: str = Form("")) -> Response:
    try:
        link_records(site.node, actor, RequestId(request), add=_find_records(site, actor, records))
    except SemblanceError as error:
        return _show(site, actor, request, problem=say_message(error.message), status=find_status(error))
    return RedirectResponse(f"/requests/{request}", status_code=303)


@routes.post("/{request}/file")
async def tell(actor: CurrentActor, request: str, asked: Asked) -> Response:
    form = await asked.form()
    withheld = tuple(
        Withheld(part, str(form.get("law", "")).strip()) for part in AccessPart if form.get(part.value) == "yes"
    )
    try:
        made = make_access_file(site.node, actor, RequestId(request), withheld=withheld)
    except SemblanceError as error:
        return show(actor, request, problem=say_message(error.message), status=find_status(error))
    headers = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.data, media_type="application/zip", headers=headers)


@routes.post("/{request}/decision")
def decide(
    site: CurrentSite, actor: CurrentActor, request: str, decision: str = Form(""), reason: str = Form("")
) -> Response:
    if decision not in {"answer", "decline"} or not reason.strip():
        return _show(site, actor, request, problem=_("Say what the answer is, or why it is declined."), status=422)
    act = answer_request if decision == "answer" else decline_request
    try:
        done = act(site.node, actor, RequestId(request), reason=reason.strip())
    except SemblanceError as error:
        return _show(site, actor, request, problem=say_message(error.message), status=find_status(error))
    if isinstance(done, Refusal):
        return _show(site, actor, request, problem=_("Refused: {reason}.", reason=say_below(done.reason)), status=403)
    if not done.receipts:
        return RedirectResponse(f"/requests/{request}", status_code=303)
    receipts = tuple(
        (
            receipt.number,
            _(
                "{photos} and {references} erased, entry {entry}",
                photos=ngettext("{n} photo", "{n} photos", receipt.photos),
                references=ngettext("{n} reference", "{n} references", receipt.references),
                entry=receipt.ledger_entry,
            ),
        )
        for receipt in done.receipts
    )
    return _show(site, actor, request, receipts=receipts)


def _view_row(row: RequestRow) -> RequestRowView:
    held = row.request
    return RequestRowView(
        href=f"/requests/{held.id}",
        kind=say_value(held.kind),
        asker=held.draft.asker.splitlines()[0] if held.draft.asker else _("erased"),
        received=held.draft.received_on.isoformat(),
        due=held.due_on.isoformat(),
        left=_say_left(row.days_left),
        state=_(_STATES[held.state][0]),
        grade="poor" if row.days_left is not None and row.days_left < 0 else _STATES[held.state][1],
    )


def _list_facts(held: Request) -> tuple[tuple[str, str], ...]:
    draft = held.draft
    facts = [
        (_("Asked by"), draft.asker or _("erased")),
        (_("About"), draft.whom or _("the records below")),
        (_("What is asked"), draft.what or say_value(held.kind)),
        (_("Received"), draft.received_on.isoformat()),
        (_("To be answered by"), held.due_on.isoformat()),
        (
            _("Taken in"),
            _(
                "{when} by {person}, {authority}",
                when=say_moment(held.taken_at),
                person=held.taken_by,
                authority=held.authority,
            ),
        ),
    ]
    if held.told_in is not None:
        facts.append((_("File handed out"), _("ledger entry {entry}", entry=held.told_in)))
    if held.decided_at is not None:
        act = say_act(held.decided_at, held.decided_by)
        facts.append((_(_STATES[held.state][0]), _("{act}: {reason}", act=act, reason=held.reason)))
    facts += [(_("Withheld"), _("{part}: {law}", part=say_value(one.part), law=one.law)) for one in held.withheld]
    return tuple(facts)


def _say_about(blocked: bool, corrected: int | None, erased_in: int | None) -> str:
    if erased_in is not None:
        return _("erased, ledger entry {entry}", entry=erased_in)
    if corrected is not None:
        return _("corrected in version {number}", number=corrected)
    return _("blocked while it is disputed") if blocked else ""


def _say_left(days: int | None) -> str:
    if days is None:
        return ""
    if days < 0:
        return ngettext("{n} day overdue", "{n} days overdue", -days)
    return ngettext("{n} day left", "{n} days left", days)
