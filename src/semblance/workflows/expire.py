"""Forget probes whose time is over."""

from semblance.store import probes
from semblance.workflows.node import Node


def purge_expired(node: Node) -> int:
    """Delete expired probes and return how many; done whenever a node starts and whenever a probe is submitted."""
    now = node.clock()
    with node.store.reading() as tx:
        if not probes.has_expired(tx, now=now):
            return 0
    with node.store.writing() as tx:
        gone = probes.delete_expired(tx, now=now)
    node.store.clear_deleted()
    return gone
