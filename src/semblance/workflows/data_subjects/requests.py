"""Look at what people asked about themselves, and how many days are left to answer."""

from dataclasses import dataclass
from datetime import UTC

from semblance.audit.entry import Touched, Verb
from semblance.gallery.request import Request, RequestState, count_days_left
from semblance.node.node import Node
from semblance.store import ledger, records, requests
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Action, Actor
from semblance.workflows.data_subjects.require_request import ask_for_request, require_request, touch_request
from semblance.workflows.permission import ask, describe_act


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request and the days that are left to answer it: negative where it is overdue, None where it was decided."""

    request: Request
    days_left: int | None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A page of requests, the most urgent first; ``next_after`` asks for the page after it, None at the end."""

    rows: tuple[RequestRow, ...]
    next_after: RequestId | None


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """A request; ``numbers`` are what the owners call its records, those that were erased are missing."""

    row: RequestRow
    numbers: dict[SubjectId, str]


_DECIDED = (RequestState.ANSWERED, RequestState.DECLINED, RequestState.ERASED)


def list_requests(
    node: Node, actor: Actor, *, decided: bool = False, after: RequestId | None = None, limit: int = 50
) -> RequestPage:
    """Return the requests that wait for their answer, or those that were decided; raises NotFound for ``after``."""
    permit = ask(node, actor, Action.SUBJECT_ACCESS)
    with node.store.reading() as tx:
        last = None if after is None else require_request(tx, after)
        states = _DECIDED if decided else (RequestState.RECEIVED,)
        found = requests.list_requests(tx, states=states, after=last, limit=limit + 1)
    shown = found[:limit]
    touched = tuple(Touched("request", request.id) for request in shown)
    act = describe_act(actor, permit, Verb.CONSULTATION, "request.list", touched=touched)
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())
    rows = tuple(_make_row(node, request) for request in shown)
    return RequestPage(rows, shown[-1].id if len(found) > limit else None)


def read_request(node: Node, actor: Actor, request_id: RequestId) -> RequestDetail:
    """Return a request; raises NotFound."""
    request, permit = ask_for_request(node, actor, request_id)
    with node.store.reading() as tx:
        names = records.read_headings(tx, [about.subject for about in request.about])
    act = describe_act(actor, permit, Verb.CONSULTATION, "request.read", touched=touch_request(request))
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())
    return RequestDetail(_make_row(node, request), {subject: named.number for subject, named in names.items()})


def _make_row(node: Node, request: Request) -> RequestRow:
    waits = request.state is RequestState.RECEIVED
    return RequestRow(request, count_days_left(request, node.clock().astimezone(UTC).date()) if waits else None)
