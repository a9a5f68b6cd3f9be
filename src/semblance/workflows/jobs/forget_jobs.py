"""Forget jobs that ended long ago: nobody looks at them any more, and the ledger says that they were."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import jobs
from semblance.store.engine import Transaction
from semblance.terms.job import Job
from semblance.workflows.worker_acts import log_due, work_off

JOB_LIFE: Final = timedelta(days=90)
"""After its end."""


def forget_jobs(node: Node) -> Iterator[int]:
    """Delete the rows of jobs that ended so long ago; give how many each time.

    The one that a followed video's tracks come from stays as long as they do. Raises ClockDoubted where the clock may
    be wrong.
    """

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[Job, ...]:
        return jobs.list_ended(tx, before=now - JOB_LIFE, limit=limit)

    def forget(tx: Transaction, ended: Sequence[Job], now: datetime) -> None:
        for job in ended:
            jobs.delete_job(tx, job.id)
            reason = Message("jobs.forgotten", "it ended more than {n} days ago", n=JOB_LIFE.days)
            touched = (Touched("job", job.id),)
            log_due(tx, node, Verb.ERASURE, "job.forget", reason=reason, touched=touched, whose=job.authority, at=now)

    return work_off(node, find, forget, job="forget-jobs")
