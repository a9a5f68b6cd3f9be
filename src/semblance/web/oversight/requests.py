"""Requests of people about themselves: taking them in, telling what is held, answering and declining."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import SemblanceError
from semblance.gallery.request import (
    AboutRecord,
    AccessPart,
    Request,
    RequestDraft,
    RequestKind,
    RequestState,
    Withheld,
)
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Actor
from semblance.web.page.contexts import Option
from semblance.web.page.navigation import make_frame
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import N_, _, ngettext
from semblance.web.wording.words import say_act, say_moment, say_state, say_value
from semblance.workflows.data_subjects.access_file import make_access_file
from semblance.workflows.data_subjects.answer_request import answer_request, decline_request
from semblance.workflows.data_subjects.requests import (
    link_records,
    list_requests,
    read_request,
    receive_request,
    refer_request,
)
from semblance.workflows.records.read_record import find_record_id

_PAGE = 50
_UNTYPED: Final = dict.fromkeys(("kind", "asker", "whom", "what", "records", "received_on"), "")
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
    problem: Problem = None,
    typed: Mapping[str, str] = _UNTYPED,
) -> HTMLResponse:
    place = None if after is None else RequestId(after)
    found = list_requests(site.node, actor, decided=decided, after=place, limit=_PAGE)
    onward = None
    if found.next_after is not None:
        onward = f"/requests?decided={int(decided)}&after={found.next_after}"
    return render_page(
        "oversight/requests.html",
        make_frame(site, "requests", actor),
        rows=tuple((row.request, row.days_left, _say_left(row.days_left)) for row in found.rows),
        decided=decided,
        next_href=onward,
        kinds=tuple(Option(kind.value, say_value(kind), kind.value == typed["kind"]) for kind in RequestKind),
        today=site.node.clock().date().isoformat(),
        problem=problem,
        typed=typed,
    )


def _show(
    site: Site, actor: Actor, request: str, *, problem: Problem = None, receipts: tuple[tuple[str, str], ...] = ()
) -> HTMLResponse:
    detail = read_request(site.node, actor, RequestId(request))
    found = detail.row.request
    waits = found.state is RequestState.RECEIVED
    return render_page(
        "oversight/request.html",
        make_frame(site, "requests", actor),
        request=found.id,
        title=_("{kind}, received {day}", kind=say_value(found.kind), day=found.draft.received_on.isoformat()),
        kind=found.kind.value,
        state=found.state,
        facts=_list_facts(found),
        about=tuple((about.subject, detail.numbers.get(about.subject), _say_about(about)) for about in found.about),
        waits=waits,
        left=_say_left(detail.row.days_left),
        answer_words=_(_ANSWERS[found.kind]),
        may_tell=found.kind is RequestKind.ACCESS and found.state in {RequestState.RECEIVED, RequestState.ANSWERED},
        parts_held=tuple(Option(part.value, say_value(part), False) for part in AccessPart),
        receipts=receipts,
        problem=problem,
    )


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
    try:
        draft = RequestDraft(
            RequestKind(kind), asker, date.fromisoformat(received_on), whom, what, _find_records(site, actor, records)
        )
        made = receive_request(site.node, actor, draft)
    except (ValueError, SemblanceError) as error:
        sentence = _("Choose what is asked, and give the day on which it came in.")
        typed = dict(zip(_UNTYPED, (kind, asker, whom, what, records, received_on), strict=True))
        return _show_all(site, actor, problem=sentence if isinstance(error, ValueError) else error, typed=typed)
    return RedirectResponse(f"/requests/{made.request.id}", status_code=303)


@routes.get("/{request}")
def read(site: CurrentSite, actor: CurrentActor, request: str) -> Response:
    return _show(site, actor, request)


@routes.post("/{request}/records")
def link(site: CurrentSite, actor: CurrentActor, request: str, records: str = Form("")) -> Response:
    try:
        link_records(site.node, actor, RequestId(request), add=_find_records(site, actor, records))
    except SemblanceError as error:
        return _show(site, actor, request, problem=error)
    return RedirectResponse(f"/requests/{request}", status_code=303)


@routes.post("/{request}/file")
def tell(
    site: CurrentSite,
    actor: CurrentActor,
    request: str,
    law: str = Form(""),
    record: str = Form(""),
    images: str = Form(""),
    searches: str = Form(""),
    disclosures: str = Form(""),
) -> Response:
    boxes = dict(zip(AccessPart, (record, images, searches, disclosures), strict=True))
    withheld = tuple(Withheld(part, law.strip()) for part, box in boxes.items() if box == "yes")
    try:
        made = make_access_file(site.node, actor, RequestId(request), withheld=withheld)
    except SemblanceError as error:
        return _show(site, actor, request, problem=error)
    headers = {"content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.data, media_type="application/zip", headers=headers)


@routes.post("/{request}/decision")
def decide(
    site: CurrentSite, actor: CurrentActor, request: str, decision: str = Form(""), reason: str = Form("")
) -> Response:
    if decision not in {"answer", "decline"} or not reason.strip():
        return _show(site, actor, request, problem=_("Say what the answer is, or why it is declined."))
    act = answer_request if decision == "answer" else decline_request
    try:
        done = act(site.node, actor, RequestId(request), reason=reason.strip())
    except SemblanceError as error:
        return _show(site, actor, request, problem=error)
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


@routes.post("/{request}/referral")
def refer(
    site: CurrentSite, actor: CurrentActor, request: str, authority: str = Form(""), reason: str = Form("")
) -> Response:
    try:
        refer_request(site.node, actor, RequestId(request), to=authority.strip(), reason=reason.strip())
    except SemblanceError as error:
        return _show(site, actor, request, problem=error)
    return RedirectResponse(f"/requests/{request}", status_code=303)


def _list_facts(request: Request) -> tuple[tuple[str, str], ...]:
    draft = request.draft
    facts = [
        (_("Asked by"), draft.asker or _("erased")),
        (_("About"), draft.whom or _("the records below")),
        (_("What is asked"), draft.what or say_value(request.kind)),
        (_("Received"), draft.received_on.isoformat()),
        (_("To be answered by"), request.due_on.isoformat()),
        (
            _("Taken in"),
            _(
                "{when} by {person}, {authority}",
                when=say_moment(request.taken_at),
                person=request.taken_by,
                authority=request.referred_by or request.authority,
            ),
        ),
    ]
    if request.referred_to is not None:
        facts.append((_("Referred to"), request.referred_to))
    if request.told_in is not None:
        facts.append((_("File handed out"), _("ledger entry {entry}", entry=request.told_in)))
    if request.decided_at is not None:
        act = say_act(request.decided_at, request.decided_by)
        facts.append((say_state(request.state), _("{act}: {reason}", act=act, reason=request.reason)))
    facts += [(_("Withheld"), _("{part}: {law}", part=say_value(kept.part), law=kept.law)) for kept in request.withheld]
    return tuple(facts)


def _say_about(about: AboutRecord) -> str:
    if about.erased_in is not None:
        return _("erased, ledger entry {entry}", entry=about.erased_in)
    if about.corrected is not None:
        return _("corrected in version {number}", number=about.corrected)
    return _("blocked while it is disputed") if about.blocked else ""


def _say_left(days: int | None) -> str:
    if days is None:
        return ""
    if days < 0:
        return ngettext("{n} day overdue", "{n} days overdue", -days)
    return ngettext("{n} day left", "{n} days left", days)
