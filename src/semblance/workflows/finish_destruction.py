"""Destroy the keys that were doomed, where a program was killed between its commit and the destruction."""

from semblance.audit.act import Verb
from semblance.store import ledger, vault
from semblance.workflows.node import Node
from semblance.workflows.worker_acts import describe_due


def finish_destruction(node: Node) -> int:
    """Destroy the keys that an earlier run doomed and did not live to destroy; return how many."""
    with node.store.reading() as tx:
        found = vault.finish_destruction(tx)
    if found:
        act = describe_due(
            node,
            Verb.ERASURE,
            "key.destroy",
            rule="erasure",
            reason=f"{found} keys were doomed by an erasure and not destroyed yet",
        )
        with node.store.writing() as tx:
            ledger.append(tx, act, at=node.clock())
    return found
