"""Check an index that is elsewhere, and repair it; a repair is recorded."""

from semblance.audit.entry import Verb
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.node.reconcile_index import Progress, Reconciled
from semblance.store import ledger
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import ask, describe_act


def check_index(node: Node, actor: Actor, *, repair: bool, on_progress: Progress | None = None) -> Reconciled:
    """Compare the node's index with its store, and repair it where asked to; raises IndexUnreachable."""
    permit = ask(node, actor, Action.MODEL_CHANGE)
    found = node.index.reconcile(repair=repair, on_progress=on_progress)
    if found.repaired:
        reason = Message(
            "models.index-repaired",
            "index repaired: {missing} missing, {stray} stray, {stale} stale references",
            missing=found.missing,
            stray=found.stray,
            stale=found.stale,
        )
        act = describe_act(actor, permit, Verb.ALTERATION, "index.repair", reason=reason)
        with node.store.writing() as tx:
            ledger.append(tx, act, at=node.clock())
    return found
