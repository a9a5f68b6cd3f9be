"""Find a request for somebody who wants to do something with it."""

from semblance.audit.entry import Touched
from semblance.errors import Conflict, NotFound
from semblance.gallery.request import Request, RequestState
from semblance.node.node import Node
from semblance.store import requests
from semblance.store.engine import Transaction
from semblance.terms.ids import RequestId
from semblance.terms.permission import Action, Actor, Permit
from semblance.workflows.permission import ask


def ask_for_request(node: Node, actor: Actor, request_id: RequestId) -> tuple[Request, Permit]:
    """Return the request and the permit to deal with it; a refusal is recorded. Raises NotFound."""
    permit = ask(node, actor, Action.SUBJECT_ACCESS, touched=(Touched("request", request_id),))
    with node.store.reading() as tx:
        return require_request(tx, request_id), permit


def require_request(tx: Transaction, request_id: RequestId) -> Request:
    """Return the request within the transaction in hand; raises NotFound."""
    request = requests.find_request(tx, request_id)
    if request is None:
        raise NotFound(
            "requests.unknown",
            "There is no request {number} here; `semblance request list` lists them.",
            number=request_id,
        )
    return request


def require_open(request: Request) -> None:
    """Raise Conflict where the request was decided already."""
    if request.state is RequestState.RECEIVED:
        return
    if request.decided_by is None:
        raise Conflict(
            "requests.decided", "The request was decided already: {state}. Nothing was changed.", state=request.state
        )
    raise Conflict(
        "requests.decided-by",
        "The request was decided already: {state} by {person}. Nothing was changed.",
        state=request.state,
        person=request.decided_by,
    )


def touch_request(request: Request) -> tuple[Touched, ...]:
    """Return what an act on the request touches: itself, and the records that it is about."""
    return (Touched("request", request.id), *(Touched("subject", about.subject) for about in request.about))
