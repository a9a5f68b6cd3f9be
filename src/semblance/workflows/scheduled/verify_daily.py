"""Verify the whole ledger once a day, and keep what was found where the data-protection officer sees it."""

from datetime import timedelta
from typing import Final

from semblance.audit.entry import Verb
from semblance.errors import VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, verifications
from semblance.store.verifications import Verification
from semblance.workflows.oversight.ledger import recompute_ledger
from semblance.workflows.worker_acts import WORKER, describe_due

_EVERY: Final = timedelta(days=1)


def verify_daily(node: Node) -> int:
    """Verify the ledger unless that was done within a day, and return how many entries it has.

    What is at fault is kept and raised again, each round anew, as VerificationError. A node that was opened without the
    key of its ledger has nothing to verify it with.
    """
    if node.store.ledger is None:
        return 0
    now = node.clock()
    with node.store.reading() as tx:
        last = verifications.find_last(tx)
    if last is not None and last.fault is None and now - last.at < _EVERY:
        return 0
    try:
        verified = recompute_ledger(node)
    except VerificationError as error:
        if last is None or last.fault != error.message:
            with node.store.writing() as tx:
                verifications.add_verification(tx, Verification(now, WORKER, None, error.message))
        raise
    entries = 0 if verified is None else verified.entries
    act = describe_due(
        node,
        Verb.CONSULTATION,
        "ledger.verify",
        rule="every day",
        reason=Message("ledger.verified", "{n} entries, none changed, removed, moved or added", n=entries),
    )
    with node.store.writing() as tx:
        verifications.add_verification(tx, Verification(now, WORKER, entries, None))
        ledger.append(tx, act, at=now)
    return entries
