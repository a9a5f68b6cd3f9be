"""A kind of job that counts: every number is written once, in the transaction of its step."""

import threading
from collections.abc import Callable

import sqlalchemy as sa

from semblance.audit.entry import Verb
from semblance.messages.message import Message, quote_text
from semblance.node.node import Node
from semblance.store.schema.request import verification
from semblance.store.worker_notes import Verification, add_verification
from semblance.terms.job import Job
from semblance.terms.permission import Action, Actor
from semblance.workflows.jobs.jobs import begin_job
from semblance.workflows.jobs.kind import JobKind, JobRun
from semblance.workflows.jobs.run_jobs import Pace, run_next_job
from semblance.workflows.permission import Permitted

SECRET = b"the face at the third table, "
PACE = Pace(beat=3600)
"""No heartbeat comes by itself."""


def make_counting(beside: Callable[[JobRun, int], object] = lambda _run, _number: None) -> JobKind:
    """Return the kind; ``beside`` is called between two steps, after that number."""

    def count(node: Node, run: JobRun) -> Message | None:
        total = int(run.arguments)
        done = 0 if run.saved is None else int(run.saved.removeprefix(SECRET))
        while done < total:
            if run.stopped():
                return None
            done += 1
            run.report(done, total)
            with node.store.writing() as tx:
                add_verification(tx, Verification(node.clock(), run.actor.name, done, None))
                run.save(SECRET + str(done).encode(), tx)
            beside(run, done)
        return quote_text(f"{done} counted")

    unit = Message("test.numbers", "numbers")
    return JobKind("count", Message("test.count", "counting"), unit, Verb.CONSULTATION, frozenset(Action), count)


COUNTING = make_counting()


def begin(node: Node, actor: Actor, total: int = 5, **about: object) -> Job:
    """Have somebody ask for so many numbers."""
    permit = Permitted("actions.case.read", actor, Action.CASE_READ)
    with node.store.writing() as tx:
        return begin_job(tx, permit, COUNTING, str(total).encode(), at=node.clock(), **about)  # type: ignore[arg-type]


def work(node: Node, kind: JobKind = COUNTING, stop: threading.Event | None = None, pace: Pace = PACE) -> bool:
    """Do the next job, with no heartbeat in between."""
    return run_next_job(node, stop or threading.Event(), {kind.name: kind}, pace=pace)


def list_counted(node: Node) -> list[int]:
    """Return the numbers in the order in which they were written."""
    with node.store.reading() as tx:
        asked = sa.select(verification.c.entries).order_by(verification.c.number)
        return [number for number in tx.connection.scalars(asked) if number is not None]
