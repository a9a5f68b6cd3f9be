"""Find a request for somebody who wants to do something with it."""

from semblance.audit.act import Touched
from semblance.errors import Conflict, NotFound, RequestFaulty
from semblance.gallery.request import Request, RequestState
from semblance.node.node import Node
from semblance.store import requests
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import RequestId
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.permission import ask


def ask_for_request(node: Node, actor: Actor, request_id: RequestId) -> tuple[Request, Permit] | Refusal:
    """Return the request and the permit to deal with it; a refusal is recorded. Raises NotFound."""
    permit = ask(node, actor, Action.SUBJECT_ACCESS, touched=(Touched("request", request_id),))
    if isinstance(permit, Refusal):
        return permit
    with node.store.reading() as tx:
        return require_request(tx, request_id), permit


def require_request(tx: Transaction, request_id: RequestId) -> Request:
    """Return the request within the transaction in hand; raises NotFound."""
    held = requests.find_request(tx, request_id)
    if held is None:
        raise NotFound(f"There is no request {request_id} here; `semblance request list` lists them.")
    return held


def require_open(held: Request) -> None:
    """Raise Conflict where the request was decided already."""
    if held.state is not RequestState.RECEIVED:
        who = f" by {held.decided_by}" if held.decided_by else ""
        raise Conflict(f"The request was decided already: {held.state.value}{who}. Nothing was changed.")


def require_no_faults(what: str, faults: tuple[str, ...]) -> None:
    """Raise RequestFaulty with every fault, unless there is none."""
    if faults:
        raise RequestFaulty(f"{what} cannot be taken: {'; '.join(faults)}. Nothing was changed.", faults)


def touch_request(held: Request) -> tuple[Touched, ...]:
    """Return what an act on the request touches: itself, and the records that it is about."""
    return (Touched("request", held.id), *(Touched("subject", about.subject) for about in held.about))
