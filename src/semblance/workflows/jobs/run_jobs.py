"""Do the jobs that wait, one after another, until told to stop.

A worker has a job in hand for half a minute and says every few seconds that it lives; of one that was killed the next
worker takes the job over and goes on from what was saved. Jobs end or erase nothing by the time of day, so that a
clock that is doubted does not hold them up.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from semblance.errors import KeyDestroyed, SemblanceError, StoreError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.node.trace import write_trace
from semblance.store import jobs
from semblance.store.jobs import Lease
from semblance.terms.job import JobState
from semblance.workflows.accounts.act_later import find_later_actor
from semblance.workflows.jobs.jobs import touch_job
from semblance.workflows.jobs.kind import JobKind, JobRun
from semblance.workflows.worker_acts import log_due

_MOST_TRIES: Final = 3
_UNFORESEEN: Final = Message(
    "jobs.failed-unforeseen",
    "The work failed in a way that nobody foresaw. What it had done until then is kept; tell an administrator, who "
    "finds the cause in the log.",
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker looks for jobs and says that it lives, in seconds, and how long it has a job in hand."""

    look: float = 2.0
    beat: float = 4.0
    lease: timedelta = timedelta(seconds=30)


def run_jobs(
    node: Node, stop: threading.Event, kinds: Mapping[str, JobKind], *, once: bool = False, pace: Pace = Pace()
) -> int:
    """Do one job after another until ``stop`` is set, and return how many; ``once``: until none waits.

    One in hand stops within a step. Jobs of kinds that this program does not know wait for one that does.
    """
    count = 0
    while not stop.is_set():
        try:
            done = run_next_job(node, stop, kinds, pace=pace)
        except SemblanceError as error:
            structlog.get_logger().warning("no job could be taken", error=error.code)
            done = False
        count += done
        if not done and once:
            break
        if not done:
            stop.wait(pace.look)
    return count


@contextmanager
def running_jobs(node: Node, kinds: Mapping[str, JobKind], *, at_once: int = 1) -> Iterator[None]:
    """Do jobs in threads of their own, so many at once, for the length of a ``with`` block."""
    stop = threading.Event()
    lanes = [
        threading.Thread(target=run_jobs, args=(node, stop, kinds), name=f"jobs-{lane}", daemon=True)
        for lane in range(at_once)
    ]
    for lane in lanes:
        lane.start()
    try:
        yield
    finally:
        stop.set()
        for lane in lanes:
            lane.join()


def run_next_job(node: Node, stop: threading.Event, kinds: Mapping[str, JobKind], *, pace: Pace) -> bool:
    """Do the job that has waited longest, and return whether it came to an end; False where none waits, too."""
    with node.store.reading() as tx:
        # nobody stands in line to write only to find that there is nothing
        if not jobs.has_free(tx, kinds.keys(), node.clock()):
            return False
    with node.store.writing() as tx:
        taken = jobs.take_job(tx, kinds.keys(), now=node.clock(), lease=pace.lease)
    if taken is None:
        return False
    kind = kinds[taken.job.kind]
    if taken.job.cancelled_by is not None:
        return _end(node, kind, taken, JobState.CANCELLED, None)
    if taken.tries > _MOST_TRIES:
        reason = Message(
            "jobs.breaks-workers",
            "The work broke its worker off {n} times in a row without getting on. What it had done until then is kept; "
            "tell an administrator, who finds the cause in the log.",
            n=_MOST_TRIES,
        )
        return _end(node, kind, taken, JobState.FAILED, reason)
    return _do(node, kind, taken, stop, pace)


def _do(node: Node, kind: JobKind, taken: Lease, stop: threading.Event, pace: Pace) -> bool:
    log = structlog.get_logger().bind(job=taken.job.id, kind=kind.name)
    try:
        run = _open(node, kind, taken, stop)
        with run.beating(pace.beat, pace.lease):
            ending = kind.run(node, run)
    except SemblanceError as error:
        if _passes(error):
            # neither the job's fault nor for long: whoever takes it next goes on
            log.warning("a job was broken off", error=error.code)
            return _give_back(node, taken, pause=pace.lease)
        return _end(node, kind, taken, JobState.FAILED, error.message)
    except Exception as error:  # noqa: BLE001 - the other jobs go on, and people are told
        log.error("a job failed in a way that nobody foresaw", trace=write_trace(error))  # noqa: TRY400 - no values
        return _end(node, kind, taken, JobState.FAILED, _UNFORESEEN)
    if ending is not None:
        return _end(node, kind, taken, JobState.DONE, ending)
    if run.cancelled:
        return _end(node, kind, taken, JobState.CANCELLED, None)
    if run.stopped():
        return _give_back(node, taken)
    log.error("a job returned without having been stopped, and did not say what it came to")
    return _end(node, kind, taken, JobState.FAILED, _UNFORESEEN)


def _open(node: Node, kind: JobKind, taken: Lease, stop: threading.Event) -> JobRun:
    actor = find_later_actor(node, taken.job.person, kind.actions)
    with node.store.reading() as tx:
        arguments, saved = jobs.read_arguments(tx, taken), jobs.read_saved(tx, taken)
    return JobRun(node, taken, actor, arguments, saved, stop)


def _passes(error: SemblanceError) -> bool:
    return isinstance(error, StoreError) and not isinstance(error, KeyDestroyed)


def _give_back(node: Node, taken: Lease, *, pause: timedelta = timedelta()) -> bool:
    # where even that cannot be written the lease runs out
    with suppress(SemblanceError), node.store.writing() as tx:
        jobs.give_back(tx, taken, until=node.clock() + pause)
    return False


def _end(node: Node, kind: JobKind, taken: Lease, state: JobState, ending: Message | None) -> bool:
    """End the job, unless it has ended with its case or another worker has it; both say so themselves."""
    now = node.clock()
    with node.store.writing() as tx:
        job = jobs.find_job(tx, taken.job.id)
        if job is None or not jobs.is_held(tx, taken):
            return False
        jobs.end_job(tx, job, state, ending, at=now)
        reason = ending or Message("jobs.broken-off", "broken off, as {person} asked", person=job.cancelled_by)
        if state is JobState.FAILED:
            reason = Message("jobs.failed", "not done: {why}", why=reason)
        touched, whose = touch_job(job), job.authority
        log_due(tx, node, kind.verb, "job.end", reason=reason, touched=touched, whose=whose, at=now)
    return True
