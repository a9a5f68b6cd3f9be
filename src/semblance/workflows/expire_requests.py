"""Forget what people asked about themselves, when the time to account for the answer is over."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from semblance.audit.act import Touched, Verb
from semblance.store import ledger, requests
from semblance.workflows.node import Node
from semblance.workflows.worker_acts import describe_due

_BATCH: Final = 100


def erase_requests(node: Node) -> Iterator[int]:
    """Erase who asked what, and the key that seals it, of requests that were decided long enough ago."""
    while True:
        now = node.clock()
        before = now - timedelta(days=node.policy.read().retention.request)
        with node.store.reading() as tx:
            if not requests.find_decided(tx, before=before, limit=1):
                return
        with node.store.writing() as tx:
            found = requests.find_decided(tx, before=before, limit=_BATCH)
            for request_id in found:
                requests.erase_request(tx, request_id)
                act = describe_due(
                    node,
                    Verb.ERASURE,
                    "request.erase",
                    rule="retention.request",
                    reason="the time to account for its answer is over",
                    touched=(Touched("request", request_id),),
                )
                ledger.append(tx, act, at=now)
        node.store.clear_deleted()
        yield len(found)
