"""Find a request for somebody who wants to do something with it."""

from semblance.audit.act import Touched
from semblance.errors import Conflict, NotFound, RequestInvalid
from semblance.gallery.request import Request, RequestState
from semblance.node.node import Node
from semblance.store import requests
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import RequestId
from semblance.terms.permission import Permit
from semblance.workflows.permission import ask


def ask_for_request(node: Node, actor: Actor, request_id: RequestId) -> tuple[Request, Permit]:
    """Return the request and the permit to deal with it; a refusal is recorded. Raises NotFound."""
    permit = ask(node, actor, Action.SUBJECT_ACCESS, touched=(Touched("request", request_id),))
    with node.store.reading() as tx:
        return require_request(tx, request_id), permit


def require_request(tx: Transaction, request_id: RequestId) -> Request:
    """Return the request within the transaction in hand; raises NotFound."""
    held = requests.find_request(tx, request_id)
    if held is None:
        raise NotFound(
            "requests.no-request-here-semblance-request",
            "There is no request {number} here; `semblance request list` lists them.",
            number=request_id,
        )
    return held


def require_open(held: Request) -> None:
    """Raise Conflict where the request was decided already."""
    if held.state is not RequestState.RECEIVED:
        who = f" by {held.decided_by}" if held.decided_by else ""
        raise Conflict(
            "requests.request-decided-already-nothing-changed",
            "The request was decided already: {state}{who}. Nothing was changed.",
            state=held.state,
            who=who,
        )


def require_no_faults(what: str, faults: tuple[str, ...]) -> None:
    """Raise RequestInvalid with every fault, unless there is none."""
    if faults:
        raise RequestInvalid(
            "requests.cannot-taken-nothing-changed",
            "{what} cannot be taken: {faults}. Nothing was changed.",
            what=what,
            faults="; ".join(faults),
            problems=faults,
        )


def touch_request(held: Request) -> tuple[Touched, ...]:
    """Return what an act on the request touches: itself, and the records that it is about."""
    return (Touched("request", held.id), *(Touched("subject", about.subject) for about in held.about))
