"""What a node does by itself as time passes: one round of jobs, again and again until it is told to stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Final

from semblance.errors import SemblanceError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.workflows.cases.probes import purge_expired
from semblance.workflows.jobs.forget_jobs import forget_jobs
from semblance.workflows.notifications.send import send_notifications
from semblance.workflows.oversight.keys import finish_destruction, sweep_keys
from semblance.workflows.oversight.ledger import verify_daily
from semblance.workflows.reconciliation.offer_pairs import lapse_pairs, offer_pairs
from semblance.workflows.redaction.export_clip import forget_clips
from semblance.workflows.scheduled.expire import (
    erase_expired_records,
    erase_justifications,
    erase_requests,
    expire_authorisations,
    expire_cases,
    expire_leads,
    expire_records,
    remind_of_leads,
)
from semblance.workflows.scheduled.remind import remind_officers, remind_owners
from semblance.workflows.standing.end_standing import end_standing_searches
from semblance.workflows.standing.run_standing import run_standing_searches
from semblance.workflows.submissions.expire import expire_submissions, forget_unfinished
from semblance.workflows.submissions.read_facts import read_waiting
from semblance.workflows.submissions.submissions import sweep_chunks


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do in every round.

    ``run`` returns how many things it did something about, or gives such a number after each of its transactions; then
    it can be stopped between two of them.
    """

    name: str
    run: Callable[[Node], int | Iterator[int]]


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What one job did in one round; ``error`` is the stable code of what kept it from its work, or None."""

    job: str
    count: int
    error: str | None = None
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One round of all jobs; those that a stop kept from their turn are missing."""

    at: datetime
    outcomes: tuple[JobOutcome, ...]

    @property
    def complete(self) -> bool:
        return all(outcome.error is None for outcome in self.outcomes)


JOBS: Final = (
    Job("forget-probes", purge_expired),
    Job("expire-authorisations", expire_authorisations),
    Job("expire-submissions", expire_submissions),
    Job("forget-unfinished", forget_unfinished),
    Job("forget-clips", forget_clips),
    Job("expire-records", expire_records),
    Job("erase-expired-records", erase_expired_records),
    Job("expire-cases", expire_cases),
    Job("end-standing-searches", end_standing_searches),
    Job("erase-justifications", erase_justifications),
    Job("erase-requests", erase_requests),
    Job("forget-jobs", forget_jobs),
    Job("sweep-pieces", sweep_chunks),
    Job("expire-leads", expire_leads),
    Job("remind-of-leads", remind_of_leads),
    Job("remind-owners", remind_owners),
    Job("remind-officers", remind_officers),
    Job("run-standing-searches", run_standing_searches),
    Job("lapse-pairs", lapse_pairs),
    Job("offer-pairs", offer_pairs),
    Job("destroy-keys", finish_destruction),
    Job("sweep-keys", sweep_keys),
    Job("verify-ledger", verify_daily),
    Job("send-notices", send_notifications),
    Job("read-submissions", read_waiting),
)
"""Every job of a round, in the order of the work: first what must not be found, last what others can hold up."""


def run_round(node: Node, jobs: tuple[Job, ...] = JOBS, *, stop: Event | None = None) -> RoundReport:
    """Do every job once; one that fails is reported and does not keep the others from theirs.

    Where ``stop`` is set, the transaction in hand is ended and nothing more is begun.
    """
    stop = stop or Event()
    outcomes = []
    for job in jobs:
        if stop.is_set():
            break
        outcomes.append(_run_job(node, job, stop))
    # after a quiet hour nobody else tells the keyring of the last act before it
    node.store.raise_waiting()
    return RoundReport(node.clock(), tuple(outcomes))


def run_until_stopped(
    node: Node,
    stop: Event,
    *,
    seconds: float,
    jobs: tuple[Job, ...] = JOBS,
    on_round: Callable[[RoundReport], None] | None = None,
) -> None:
    """Do a round at once and then one every so many seconds, until ``stop`` is set; it ends within a transaction."""
    while not stop.is_set():
        report = run_round(node, jobs, stop=stop)
        if on_round is not None:
            on_round(report)
        stop.wait(seconds)


def _run_job(node: Node, job: Job, stop: Event) -> JobOutcome:
    count = 0
    try:
        done = job.run(node)
        if isinstance(done, int):
            return JobOutcome(job.name, done)
        for more in done:
            count += more
            if stop.is_set():
                break
    except SemblanceError as error:
        return JobOutcome(job.name, count, error.code, error.message)
    return JobOutcome(job.name, count)
