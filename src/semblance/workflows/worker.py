"""What a node does by itself as time passes: one round of jobs, again and again until it is told to stop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Final

from semblance.errors import SemblanceError
from semblance.workflows.expire import purge_expired
from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do in every round; ``run`` returns how many things it did something about."""

    name: str
    run: Callable[[Node], int]


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What one job did in one round; ``error`` is the stable code of what kept it from its work, or None."""

    job: str
    count: int
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One round of all jobs."""

    at: datetime
    outcomes: tuple[JobOutcome, ...]

    @property
    def complete(self) -> bool:
        return all(outcome.error is None for outcome in self.outcomes)


JOBS: Final = (Job("forget-probes", purge_expired),)
"""Every job of a round, in the order of the work."""


def run_round(node: Node, jobs: tuple[Job, ...] = JOBS) -> RoundReport:
    """Do every job once; one that fails is reported and does not keep the others from theirs."""
    return RoundReport(node.clock(), tuple(_run_job(node, job) for job in jobs))


def run_until_stopped(
    node: Node,
    stop: Event,
    *,
    seconds: float,
    jobs: tuple[Job, ...] = JOBS,
    on_round: Callable[[RoundReport], None] | None = None,
) -> None:
    """Do a round at once and then one every so many seconds, until ``stop`` is set; it ends within a round."""
    while not stop.is_set():
        report = run_round(node, jobs)
        if on_round is not None:
            on_round(report)
        stop.wait(seconds)


def _run_job(node: Node, job: Job) -> JobOutcome:
    try:
        return JobOutcome(job.name, job.run(node))
    except SemblanceError as error:
        return JobOutcome(job.name, 0, error.code, str(error))
