"""Forget probes whose time is over."""

from typing import Final

from semblance.audit.act import Act, Verb
from semblance.store import ledger, probes
from semblance.workflows.node import Node

WORKER: Final = "semblance-worker"
"""Who acts when a time limit does: no person, and said so."""


def purge_expired(node: Node) -> int:
    """Delete expired probes and return how many; done whenever a node starts and whenever a probe is submitted."""
    now = node.clock()
    with node.store.reading() as tx:
        if not probes.has_expired(tx, now=now):
            return 0
    with node.store.writing() as tx:
        gone = probes.delete_expired(tx, now=now)
        if gone:
            reason = f"{gone} expired"
            ledger.append(tx, Act(Verb.ERASURE, "probe.expire", WORKER, node.authority, reason=reason), at=now)
    node.store.clear_deleted()
    return gone
