"""Verifying the whole ledger as a job: of a long one it takes minutes, and nobody has to wait for it."""

import json
from typing import Final

from semblance.audit.bundle import Verified
from semblance.audit.checkpoint import read_checkpoint
from semblance.audit.entry import Verb
from semblance.audit.merkle import Frontier
from semblance.errors import VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, worker_notes
from semblance.store.ledger import Recomputed
from semblance.store.ledger_growth import require_unbroken
from semblance.store.worker_notes import Verification
from semblance.terms.job import Job
from semblance.terms.permission import Action, Actor
from semblance.workflows.jobs.jobs import begin_job
from semblance.workflows.jobs.kind import JobKind, JobRun
from semblance.workflows.oversight.ledger import require_seat
from semblance.workflows.oversight.powers import require_powers
from semblance.workflows.permission import ask


def begin_verification(node: Node, actor: Actor) -> Job:
    """Have a worker verify the whole ledger; what it finds stands on the page of oversight, too."""
    permit = ask(node, actor, Action.LEDGER_READ)
    with node.store.writing() as tx:
        return begin_job(tx, permit, VERIFY_LEDGER, b"", at=node.clock())


def run_verification(node: Node, run: JobRun) -> Message | None:
    """Recompute the ledger a few thousand entries at a time, and note what was found; None where it was stopped.

    What is at fault is noted, and ends the job as failed.
    """
    ask(node, run.actor, Action.LEDGER_READ)
    try:
        entries = _verify(node, run)
    except VerificationError as error:
        _note(node, run, None, error.message)
        raise
    if entries is None:
        return None
    _note(node, run, entries, None)
    return Message("ledger.verified", "{n} entries, none changed, removed, moved or added", n=entries)


VERIFY_LEDGER: Final = JobKind(
    name="verify-ledger",
    title=Message("jobs.verify-ledger", "verifying the whole ledger"),
    unit=Message("jobs.entries", "entries"),
    verb=Verb.CONSULTATION,
    actions=frozenset({Action.LEDGER_READ}),
    run=run_verification,
)


def _verify(node: Node, run: JobRun) -> int | None:
    seat = require_seat(node)
    require_unbroken(node.store)
    found = Recomputed() if run.saved is None else _read(run.saved)
    while not run.stopped():
        with node.store.reading() as tx:
            more = ledger.recompute_part(tx, seat.key.public, found)
            if not more:
                verified: Verified | None = ledger.conclude_verification(tx, seat.key.public, found)
                require_powers(tx)
                return 0 if verified is None else verified.entries
            total = ledger.read_size(tx)
        run.report(found.tree.size, total)
        run.save(_write(found))
    return None


def _note(node: Node, run: JobRun, entries: int | None, fault: Message | None) -> None:
    with node.store.writing() as tx:
        last = worker_notes.find_last_verification(tx)
        if fault is not None and last is not None and last.fault == fault:
            # the worker finds it every round, and one note of it is enough
            return
        worker_notes.add_verification(tx, Verification(node.clock(), run.actor.name, entries, fault))


def _write(found: Recomputed) -> bytes:
    state = {
        "size": found.tree.size,
        "peaks": [peak.hex() for peak in found.tree.peaks],
        "newest": None if found.newest is None else str(found.newest),
        "nodes": found.nodes,
    }
    return json.dumps(state).encode()


def _read(saved: bytes) -> Recomputed:
    state = json.loads(saved)
    newest = None if state["newest"] is None else read_checkpoint(state["newest"])
    return Recomputed(Frontier(state["size"], map(bytes.fromhex, state["peaks"])), newest, state["nodes"])
