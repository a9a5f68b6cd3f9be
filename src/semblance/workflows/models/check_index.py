"""Check an index that is elsewhere, and mend it; a repair is recorded."""

from semblance.audit.act import Verb
from semblance.node.node import Node
from semblance.node.reconcile_index import Progress, Reconciled
from semblance.store import ledger
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.workflows.permission import ask, describe_act


def check_index(node: Node, actor: Actor, *, repair: bool, on_progress: Progress | None = None) -> Reconciled | None:
    """Hold the node's index against its store; None where it is in memory, and made of the store at each start.

    Raises IndexUnreachable.
    """
    permit = ask(node, actor, Action.MODEL_CHANGE)
    found = node.index.reconcile(repair=repair, on_progress=on_progress)
    if found is not None and found.repaired:
        said = f"index mended: {found.missing} missing, {found.stray} stray, {found.stale} stale references"
        act = describe_act(actor, permit, Verb.ALTERATION, "index.repair", reason=said, touched=())
        with node.store.writing() as tx:
            ledger.append(tx, act, at=node.clock())
    return found
