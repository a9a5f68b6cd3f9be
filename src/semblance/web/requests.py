"""Requests of people about themselves: taking them in, telling what is held, answering and declining."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from fastapi import Request as Asked
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import make_acting
from semblance.edge.refusals import accept
from semblance.edge.statuses import find_status
from semblance.errors import SemblanceError
from semblance.gallery.request import AccessPart, Request, RequestDraft, RequestKind, RequestState, Withheld
from semblance.terms.actor import Actor
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Refusal
from semblance.web.contexts import Option
from semblance.web.navigation import make_frame
from semblance.web.oversight_contexts import NOTHING, AboutView, RequestPage, RequestRowView, RequestsPage, Said
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.words import say_count, say_moment
from semblance.workflows.access_file import make_access_file
from semblance.workflows.answer_request import answer_request, decline_request
from semblance.workflows.read_record import find_record_id
from semblance.workflows.receive_request import link_records, receive_request
from semblance.workflows.requests import RequestRow, list_requests, read_request

_PAGE = 50
_STATES = {
    RequestState.RECEIVED: ("Waits", "fair"),
    RequestState.ANSWERED: ("Answered", "good"),
    RequestState.DECLINED: ("Declined", "poor"),
    RequestState.ERASED: ("Erased", "poor"),
}
_ANSWERS = {
    RequestKind.ACCESS: "Hand the file out first; then say here that it was.",
    RequestKind.RECTIFICATION: "The owner corrects every record first; then say here what was corrected.",
    RequestKind.ERASURE: "Answering erases every record of the request at once and for good.",
    RequestKind.DISPUTE: "Answering upholds the dispute: every record of the request is withdrawn.",
}


def make_request_routes(site: Site) -> APIRouter:
    """Return the routes of requests."""
    routes = APIRouter(prefix="/requests")
    acting = make_acting(site.node)

    def show_all(
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
        found = accept(list_requests(site.node, actor, decided=decided, after=place, limit=_PAGE))
        onward = None
        if found.next_after is not None:
            onward = f"/requests?decided={int(decided)}&after={found.next_after}"
        page = RequestsPage(
            frame=make_frame(site, "requests", actor),
            rows=tuple(map(_view_row, found.rows)),
            decided=decided,
            next_href=onward,
            kinds=tuple(Option(one.value, one.value.capitalize(), one.value == kind) for one in RequestKind),
            today=site.node.clock().date().isoformat(),
            problem=problem,
            said=said,
        )
        return render_page("requests.html", page, status=status)

    def show(
        actor: Actor,
        request: str,
        *,
        problem: str | None = None,
        receipts: tuple[tuple[str, str], ...] = (),
        status: int = 200,
    ) -> HTMLResponse:
        detail = accept(read_request(site.node, actor, RequestId(request)))
        held = detail.row.request
        waits = held.state is RequestState.RECEIVED
        page = RequestPage(
            frame=make_frame(site, "requests", actor),
            request=held.id,
            title=f"{held.kind.value.capitalize()}, received {held.draft.received_on.isoformat()}",
            kind=held.kind.value,
            state=_STATES[held.state][0],
            grade=_STATES[held.state][1],
            facts=_list_facts(held),
            about=tuple(
                AboutView(
                    href=f"/records/{one.subject}" if one.subject in detail.numbers else None,
                    number=detail.numbers.get(one.subject, "not held any more"),
                    words=_say_about(one.blocked, one.corrected, one.erased_in),
                )
                for one in held.about
            ),
            waits=waits,
            left=_say_left(detail.row.days_left),
            answer_words=_ANSWERS[held.kind],
            may_tell=held.kind is RequestKind.ACCESS and held.state in {RequestState.RECEIVED, RequestState.ANSWERED},
            parts_held=tuple(Option(part.value, part.value.capitalize(), False) for part in AccessPart),
            receipts=receipts,
            problem=problem,
        )
        return render_page("request.html", page, status=status)

    def find_records(actor: Actor, text: str) -> tuple[SubjectId, ...]:
        return tuple(find_record_id(site.node, actor, line.strip()) for line in text.splitlines() if line.strip())

    @routes.get("")
    def list_all(
        actor: Annotated[Actor, Depends(acting)], decided: bool = False, after: str | None = Query(None, max_length=64)
    ) -> Response:
        return show_all(actor, decided=decided, after=after)

    @routes.post("")
    def receive(
        actor: Annotated[Actor, Depends(acting)],
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
                RequestKind(kind), asker, date.fromisoformat(received_on), whom, what, find_records(actor, records)
            )
        except ValueError:
            sentence = "Choose what is asked, and give the day on which it came in."
            return show_all(actor, kind=kind, problem=sentence, status=422, said=said)
        except SemblanceError as error:
            return show_all(actor, kind=kind, problem=str(error), status=find_status(error), said=said)
        try:
            made = accept(receive_request(site.node, actor, draft))
        except SemblanceError as error:
            return show_all(actor, kind=kind, problem=str(error), status=find_status(error), said=said)
        return RedirectResponse(f"/requests/{made.request.id}", status_code=303)

    @routes.get("/{request}")
    def read(actor: Annotated[Actor, Depends(acting)], request: str) -> Response:
        return show(actor, request)

    @routes.post("/{request}/records")
    def link(actor: Annotated[Actor, Depends(acting)], request: str, records: str = Form("")) -> Response:
        try:
            accept(link_records(site.node, actor, RequestId(request), add=find_records(actor, records)))
        except SemblanceError as error:
            return show(actor, request, problem=str(error), status=find_status(error))
        return RedirectResponse(f"/requests/{request}", status_code=303)

    @routes.post("/{request}/file")
    async def tell(actor: Annotated[Actor, Depends(acting)], request: str, asked: Asked) -> Response:
        form = await asked.form()
        withheld = tuple(
            Withheld(part, str(form.get("law", "")).strip()) for part in AccessPart if form.get(part.value) == "yes"
        )
        try:
            made = accept(make_access_file(site.node, actor, RequestId(request), withheld=withheld))
        except SemblanceError as error:
            return show(actor, request, problem=str(error), status=find_status(error))
        headers = {"content-disposition": f'attachment; filename="{made.name}"'}
        return Response(made.data, media_type="application/zip", headers=headers)

    @routes.post("/{request}/decision")
    def decide(
        actor: Annotated[Actor, Depends(acting)], request: str, decision: str = Form(""), reason: str = Form("")
    ) -> Response:
        if decision not in {"answer", "decline"} or not reason.strip():
            return show(actor, request, problem="Say what the answer is, or why it is declined.", status=422)
        act = answer_request if decision == "answer" else decline_request
        try:
            done = act(site.node, actor, RequestId(request), reason=reason.strip())
        except SemblanceError as error:
            return show(actor, request, problem=str(error), status=find_status(error))
        if isinstance(done, Refusal):
            return show(actor, request, problem=f"Refused: {done.reason}.", status=403)
        if not done.receipts:
            return RedirectResponse(f"/requests/{request}", status_code=303)
        receipts = tuple(
            (
                receipt.number,
                f"{say_count(receipt.photos, 'photo', 'photos')} and "
                f"{say_count(receipt.references, 'reference', 'references')} erased, entry {receipt.ledger_entry}",
            )
            for receipt in done.receipts
        )
        return show(actor, request, receipts=receipts)

    return routes


def _view_row(row: RequestRow) -> RequestRowView:
    held = row.request
    return RequestRowView(
        href=f"/requests/{held.id}",
        kind=held.kind.value.capitalize(),
        asker=held.draft.asker.splitlines()[0] if held.draft.asker else "erased",
        received=held.draft.received_on.isoformat(),
        due=held.due_on.isoformat(),
        left=_say_left(row.days_left),
        state=_STATES[held.state][0],
        grade="poor" if row.days_left is not None and row.days_left < 0 else _STATES[held.state][1],
    )


def _list_facts(held: Request) -> tuple[tuple[str, str], ...]:
    draft = held.draft
    facts = [
        ("Asked by", draft.asker or "erased"),
        ("About", draft.whom or "the records below"),
        ("What is asked", draft.what or held.kind.value),
        ("Received", draft.received_on.isoformat()),
        ("To be answered by", held.due_on.isoformat()),
        ("Taken in", f"{say_moment(held.taken_at)} by {held.taken_by}, {held.authority}"),
    ]
    if held.told_in is not None:
        facts.append(("File handed out", f"ledger entry {held.told_in}"))
    if held.decided_at is not None:
        facts.append((_STATES[held.state][0], f"{say_moment(held.decided_at)} by {held.decided_by}: {held.reason}"))
    facts += [("Withheld", f"{one.part.value}: {one.law}") for one in held.withheld]
    return tuple(facts)


def _say_about(blocked: bool, corrected: int | None, erased_in: int | None) -> str:
    if erased_in is not None:
        return f"erased, ledger entry {erased_in}"
    if corrected is not None:
        return f"corrected in version {corrected}"
    return "blocked while it is disputed" if blocked else ""


def _say_left(days: int | None) -> str:
    if days is None:
        return ""
    if days < 0:
        return f"{say_count(-days, 'day', 'days')} overdue"
    return f"{say_count(days, 'day', 'days')} left"
