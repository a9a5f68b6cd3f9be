"""How the worker's acts are written: nobody did them, the time did, and the ledger says so."""

from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Actor, Means, PersonId

WORKER: Final = "semblance-worker"
"""Who acts when a time limit does: no person, and said so."""

BATCH: Final = 200
"""So many rows are erased in one transaction."""


def make_worker(node: Node) -> Actor:
    """Return who acts when a time limit does: no person, for the authority of the node, with no role."""
    return Actor(PersonId("worker"), WORKER, AuthorityCode(node.authority), frozenset(), means=Means.WORKER)


def describe_due(
    node: Node, verb: Verb, action: str, *, rule: str, reason: Message, touched: tuple[Touched, ...] = ()
) -> Act:
    """Return what the ledger is told of something that fell due; ``rule`` is the part of the policy that says when."""
    return Act(verb, action, WORKER, node.authority, reason=reason, touched=touched, rule=rule)


def describe_erasure(node: Node, action: str, reason: Message, *, touched: tuple[Touched, ...] = ()) -> Act:
    """Return what the ledger is told of an erasure whose time has come."""
    return Act(Verb.ERASURE, action, WORKER, node.authority, reason=reason, touched=touched)
