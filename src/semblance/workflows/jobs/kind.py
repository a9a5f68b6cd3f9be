"""A kind of job, and what its function is given: what to do, where to go on, and how to say how far it is.

A new kind is added so:

1. In the room of its subject, write ``def run(node: Node, run: JobRun) -> Message | None``. It reads ``run.arguments``,
   goes on from ``run.saved`` where that is not None, and works in steps of a few seconds at most.
2. Each step is a transaction of its own. What a step made and where to go on are written together:
   ``run.save(state, tx)`` inside the step's transaction, or ``run.save(state)`` where the step wrote nothing else.
3. Between two steps ``run.report(done, total)``, and return None where ``run.stopped()``. At the end return what it
   came to, as a message. An error of the hierarchy ends the job as failed, and its sentence is what people read.
4. A killed worker's step is done again: nothing may be done twice that is not in the step's own transaction.
5. Declare it: ``EXPORT = JobKind("export", title, unit, verb, actions, run)``, and name it in
   ``workflows.scheduled.kinds.KINDS``. It acts as ``run.actor``, who asked, with the rights that person has by then.
6. Begin it with ``begin_job`` inside the transaction of the act that asks for it. Personal data in what it saves is
   sealed under the job's key and gone when the job ends; what shall stay goes into tables of its own subject.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from semblance.audit.entry import Verb
from semblance.errors import Conflict, SemblanceError, VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import jobs
from semblance.store.engine import Transaction
from semblance.store.jobs import Lease
from semblance.terms.job import Job
from semblance.terms.permission import Action, Actor


class JobRun:
    """One worker's work on a job: what it is to do, and what it tells of it. ``report`` and ``stopped`` cost nothing.

    ``actor`` is who asked, with the roles in force when the worker took the job, and no action beyond its kind's.
    """

    def __init__(
        self, node: Node, taken: Lease, actor: Actor, arguments: bytes, saved: bytes | None, stop: threading.Event
    ) -> None:
        self.actor, self.arguments, self.saved = actor, arguments, saved
        self._node, self._taken, self._stop = node, taken, stop
        self._progress = taken.job.progress
        self._cancelled = self._lost = False

    @property
    def job(self) -> Job:
        """Return the job as it was when it was taken."""
        return self._taken.job

    @property
    def cancelled(self) -> bool:
        """Return whether somebody asked that the job be broken off."""
        return self._cancelled

    def stopped(self) -> bool:
        """Return whether to return now: somebody cancelled the job, another worker has it, or this one is to end."""
        return self._cancelled or self._lost or self._stop.is_set()

    def report(self, done: int, total: int | None = None) -> None:
        """Say how far the job is, of how much where that is known; the next heartbeat writes it."""
        self._progress = replace(self._progress, done=done, total=total)

    def save(self, state: bytes, tx: Transaction | None = None) -> None:
        """Keep where to go on after a kill, sealed under the job's key, in the step's transaction or in one of its own.

        Raises Conflict where the job has ended or another worker has it; then nothing of the step is kept.
        """
        if tx is None:
            with self._node.store.writing() as own:
                self.save(state, own)
            return
        try:
            jobs.save_state(tx, self._taken, state, self._progress)
        except Conflict:
            self._lost = True
            raise

    def beat(self, lease: timedelta) -> None:
        """Say that the worker lives, write how far it is, and learn whether it shall stop.

        Where the store cannot be written that is done the next time; if the lease is over by then, another worker
        may have the job.
        """
        try:
            with self._node.store.writing() as tx:
                until = self._node.clock() + lease
                self._lost = not jobs.renew_lease(tx, self._taken, until=until, progress=self._progress)
                found = jobs.find_job(tx, self.job.id)
        except VerificationError:
            self._lost = True
        except SemblanceError as error:
            structlog.get_logger().warning("a heartbeat was not written", job=self.job.id, error=error.code)
        else:
            self._cancelled = found is not None and found.cancelled_by is not None

    @contextmanager
    def beating(self, seconds: float, lease: timedelta) -> Iterator[None]:
        """Beat every so many seconds, in a thread of its own, for the length of a ``with`` block."""
        over = threading.Event()

        def go_on() -> None:
            while not over.wait(seconds):
                self.beat(lease)

        thread = threading.Thread(target=go_on, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@dataclass(frozen=True, slots=True)
class JobKind:
    """What jobs of one kind do.

    ``name`` is stable. ``title`` says what is done, ``unit`` what is counted, in the plural. ``verb`` is that of the
    entries that say it began and ended. ``actions`` are all that it may do as the person who asked.
    """

    name: str
    title: Message
    unit: Message
    verb: Verb
    actions: frozenset[Action]
    run: Callable[[Node, JobRun], Message | None]
