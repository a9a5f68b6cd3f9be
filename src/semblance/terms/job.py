"""A job: long work that somebody asked for, and that goes on while nobody waits for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode, CaseId, JobId
from semblance.terms.permission import PersonId


class JobState(StrEnum):
    """The closed set of states; one that a worker broke off, or gave back, waits again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_JOBS = (JobState.WAITING, JobState.RUNNING)
"""The states of a job that has not ended."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: ``done`` of ``total`` things, None while nobody knows of how many.

    ``since`` is when the worker in hand began, None while there is none, and ``done_before`` how far it was then. It is
    for people to look at, and decides nothing: whoever can write into the database can make it up.
    """

    done: int = 0
    total: int | None = None
    since: datetime | None = None
    done_before: int = 0

    def estimate_left(self, now: datetime) -> timedelta | None:
        """Return how long the rest takes at the speed of the worker in hand; None while that cannot be told."""
        fresh = self.done - self.done_before
        if self.total is None or self.since is None or fresh <= 0 or now <= self.since:
            return None
        return (now - self.since) / fresh * max(0, self.total - self.done)


@dataclass(frozen=True, slots=True)
class Job:
    """Long work: its ``kind``, who asked for it, for which authority, in which case if in one, and what became of it.

    ``name`` is the account's login name, as the ledger says it. ``cancelled_by`` is who asked that it be broken off,
    also while it still runs. ``ending`` says what it came to, or why it failed; None until then, and where it was
    erased with its case.
    """

    id: JobId
    kind: str
    person: PersonId
    name: str
    authority: AuthorityCode
    case: CaseId | None
    asked_at: datetime
    state: JobState = JobState.WAITING
    cancelled_by: str | None = None
    ended_at: datetime | None = None
    ending: Message | None = None
    progress: Progress = Progress()

    @property
    def is_open(self) -> bool:
        """Return whether it has not ended."""
        return self.state in OPEN_JOBS
