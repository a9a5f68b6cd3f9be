"""The documents about jobs, as the command line prints them and the API answers."""

from datetime import datetime
from math import ceil

from pydantic import Field

from semblance.edge.document import Document
from semblance.messages.message import Message
from semblance.terms.job import Job, JobState
from semblance.workflows.jobs.jobs import JobPage
from semblance.workflows.scheduled.kinds import KINDS


class JobDocument(Document):
    """Long work that somebody asked for; ``done`` of ``total`` is for people to look at, and proves nothing."""

    id: str
    kind: str = Field(examples=["verify-ledger"])
    title: Message | None = Field(description="What is done; null where this program does not know the kind.")
    name: str = Field(description="Who asked for it.")
    authority: str
    case: str | None = Field(description="The id of the case that it belongs to; the job ends with it.")
    asked_at: datetime
    state: JobState
    cancelled_by: str | None = Field(description="Who asked that it be broken off, also while it still runs.")
    ended_at: datetime | None
    ending: Message | None = Field(description="What it came to, or why it failed; null before, and after its case.")
    done: int
    total: int | None = Field(description="Null while nobody knows of how many.")
    unit: Message | None = Field(description="What is counted.")
    seconds_left: int | None = Field(description="Null where that cannot be told.")


class JobListDocument(Document):
    """Jobs, the one asked for last first."""

    jobs: tuple[JobDocument, ...]
    next_after: str | None = Field(description="Where the next page goes on; null on the last.")


def describe_job(job: Job, now: datetime) -> JobDocument:
    """Return the document of a job as it stands at that moment."""
    kind, left = KINDS.get(job.kind), job.progress.estimate_left(now) if job.is_open else None
    return JobDocument.from_value(
        job,
        title=None if kind is None else kind.title,
        unit=None if kind is None else kind.unit,
        done=job.progress.done,
        total=job.progress.total,
        seconds_left=None if left is None else ceil(left.total_seconds()),
    )


def describe_jobs(page: JobPage, now: datetime) -> JobListDocument:
    """Return the document of a page of jobs."""
    return JobListDocument(jobs=tuple(describe_job(job, now) for job in page.jobs), next_after=page.next_after)
