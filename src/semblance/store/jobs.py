"""Jobs: what is to be done, sealed under a key of its own, and a lease that says which worker does it.

What a worker notes every few seconds stands beside the seal over the row, see ``schema.job``. A worker is known by a
word that is drawn anew each time it takes a job: whoever lost a job to another writes nothing more about it.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from semblance.errors import Conflict, KeyDestroyed
from semblance.messages.message import Message
from semblance.messages.stored import dump_message, load_message
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import NODE_KEY, KeyId
from semblance.store.powers.kinds import PowerKind
from semblance.store.powers.seals import require_sealed, take_sealed
from semblance.store.rows import add_row, change_rows, count_rows, delete_rows, find_first, read_key, read_row
from semblance.store.schema.base import KEY, Moment
from semblance.store.schema.case import case_file
from semblance.store.schema.following import followed_file
from semblance.store.schema.job import job
from semblance.store.vault import destroy_key, make_key, seal, seal_text, unseal, unseal_text
from semblance.terms.ids import AuthorityCode, CaseId, JobId
from semblance.terms.job import OPEN_JOBS, Job, JobState, Progress
from semblance.terms.permission import PersonId

_OPEN: Final = job.c.state.in_(OPEN_JOBS)
_NOT_BEGUN: Final = {"done": 0, "done_before": 0, "tries": 0}


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that a worker has in hand; ``tries`` is how often one had since the job last got on, this one counted."""

    job: Job
    worker: str
    tries: int


def add_job(tx: Transaction, asked: Job, arguments: bytes) -> None:
    """Keep a job that waits; what is to be done is sealed under a key of its own."""
    key = make_key(tx, "job")
    sealed = seal(tx, key, _place("arguments", asked.id), arguments)
    add_row(tx, job, asked, key_id=key, arguments=sealed, ending=None, **_NOT_BEGUN)


def find_job(tx: Transaction, job_id: JobId) -> Job | None:
    """Return the job with that id; raises VerificationError where its row was changed by hand."""
    require_sealed(tx, PowerKind.JOB, [job_id])
    return find_first(_read(tx, row) for row in tx.connection.execute(sa.select(job).where(job.c.id == job_id)))


def list_jobs(
    tx: Transaction,
    authority: AuthorityCode,
    *,
    person: PersonId | None = None,
    case: CaseId | None = None,
    before: Job | None = None,
    limit: int,
) -> tuple[Job, ...]:
    """Return the authority's jobs, the one asked for last first, from the one before that job.

    They are narrowed to a person's, or to those of a case. One that was changed by hand is left out.
    """
    asked = sa.select(job).where(job.c.authority == authority)
    if person is not None:
        asked = asked.where(job.c.person_id == person)
    if case is not None:
        asked = asked.where(job.c.case_id == case)
    if before is not None:
        last = sa.tuple_(sa.literal(before.asked_at, Moment), sa.literal(before.id, KEY))
        asked = asked.where(sa.tuple_(job.c.asked_at, job.c.id) < last)
    asked = asked.order_by(job.c.asked_at.desc(), job.c.id.desc())
    return tuple(_read(tx, row) for row in take_sealed(tx, PowerKind.JOB, asked, lambda row: row.id, limit))


def count_open(tx: Transaction, person: PersonId) -> int:
    """Return how many jobs of the person have not ended."""
    return count_rows(tx, job, job.c.person_id == person, _OPEN)


def has_free(tx: Transaction, kinds: Collection[str], now: datetime) -> bool:
    """Return whether there is a job of these kinds that no worker has in hand; its seal is not checked."""
    return tx.connection.scalar(_ask_free(kinds, now).with_only_columns(job.c.id).limit(1)) is not None


def take_job(tx: Transaction, kinds: Collection[str], *, now: datetime, lease: timedelta) -> Lease | None:
    """Take in hand the job of these kinds that has waited longest and that nobody has in hand, or whose lease is over.

    One that was changed by hand is passed over.
    """
    free = _ask_free(kinds, now).order_by(job.c.asked_at, job.c.id)
    row = find_first(take_sealed(tx, PowerKind.JOB, free, lambda row: row.id, 1))
    if row is None:
        return None
    worker, mine = secrets.token_hex(16), job.c.id == row.id
    if row.state != JobState.RUNNING:
        change_rows(tx, job, mine, state=JobState.RUNNING)
    done, tries = row.done, row.tries + 1
    _note(tx, mine, worker=worker, leased_until=now + lease, since=now, done_before=done, tries=tries)
    taken = replace(_read(tx, row), state=JobState.RUNNING, progress=Progress(done, row.total, now, done))
    return Lease(taken, worker, tries)


def read_arguments(tx: Transaction, taken: Lease) -> bytes:
    """Return what is to be done, as the kind wrote it; raises KeyDestroyed where the job has ended."""
    return _unseal(tx, taken, "arguments") or b""


def read_saved(tx: Transaction, taken: Lease) -> bytes | None:
    """Return where to go on, as the kind wrote it; None at the beginning. Raises VerificationError if changed."""
    return _unseal(tx, taken, "saved")


def renew_lease(tx: Transaction, taken: Lease, *, until: datetime, progress: Progress) -> bool:
    """Note that the worker lives and how far it is; return False where the job is not in its hand any more."""
    return bool(_note(tx, _held_by(taken), leased_until=until, done=progress.done, total=progress.total))


def save_state(tx: Transaction, taken: Lease, state: bytes, progress: Progress) -> None:
    """Keep where to go on, sealed under the job's key; what broke workers off before counts no more.

    Raises Conflict where the job is not in the worker's hand any more: whatever else the transaction wrote is undone.
    """
    key = find_first(tx.connection.scalars(sa.select(job.c.key_id).where(_held_by(taken))))
    if key is None:
        raise Conflict("jobs.lost", "The job has ended, or another worker has taken it over; nothing was written.")
    saved = seal(tx, KeyId(key), _place("saved", taken.job.id), state)
    _note(tx, _held_by(taken), saved=saved, done=progress.done, total=progress.total, tries=0)


def is_held(tx: Transaction, taken: Lease) -> bool:
    """Return whether the job is in the worker's hand."""
    return bool(count_rows(tx, job, _held_by(taken)))


def is_in_hand(tx: Transaction, job_id: JobId, now: datetime) -> bool:
    """Return whether a worker has the job in hand."""
    return bool(count_rows(tx, job, job.c.id == job_id, job.c.worker.is_not(None), job.c.leased_until > now))


def give_back(tx: Transaction, taken: Lease, *, until: datetime) -> None:
    """Let another worker go on with the job from that moment: it is not the job that ended this try."""
    before = sa.case((job.c.tries > 0, job.c.tries - 1), else_=0)
    free = {"worker": None, "leased_until": until, "since": None, "tries": before}
    change_rows(tx, job, _held_by(taken), state=JobState.WAITING, **free)


def ask_to_cancel(tx: Transaction, job_id: JobId, name: str) -> None:
    """Note that the job shall be broken off; the worker that has it in hand ends it."""
    change_rows(tx, job, job.c.id == job_id, cancelled_by=name)


def end_job(tx: Transaction, ended: Job, state: JobState, ending: Message | None, *, at: datetime) -> None:
    """End a job, and destroy its key with all that it sealed."""
    destroy_key(tx, read_key(tx, job, ended.id))
    words = None
    if ending is not None:
        words = seal_text(tx, _find_ending_key(tx, ended.case), _place("ending", ended.id), dump_message(ending))
    gone = {"arguments": None, "saved": None, "worker": None, "leased_until": None, "since": None}
    change_rows(tx, job, job.c.id == ended.id, state=state, ended_at=at, ending=words, **gone)


def list_ended(tx: Transaction, *, before: datetime, limit: int) -> tuple[Job, ...]:
    """Return jobs that ended before that moment and from which no tracks come, of all authorities, the oldest first.

    One that was changed by hand is left out.
    """
    kept = sa.exists().where(followed_file.c.job_id == job.c.id)
    asked = sa.select(job).where(job.c.ended_at < before, ~kept).order_by(job.c.ended_at, job.c.id)
    return tuple(_read(tx, row) for row in take_sealed(tx, PowerKind.JOB, asked, lambda row: row.id, limit))


def delete_job(tx: Transaction, job_id: JobId) -> None:
    """Delete the row of a job that has ended: its key was destroyed then."""
    delete_rows(tx, job, job.c.id == job_id)


def list_open_in(tx: Transaction, case: CaseId) -> tuple[Job, ...]:
    """Return the jobs of a case that have not ended."""
    found: Sequence[JobId] = tx.connection.scalars(sa.select(job.c.id).where(job.c.case_id == case, _OPEN)).all()
    jobs = (find_job(tx, job_id) for job_id in found)
    return tuple(open_job for open_job in jobs if open_job is not None)


def _ask_free(kinds: Collection[str], now: datetime) -> sa.Select[Any]:
    free = job.c.leased_until.is_(None) | (job.c.leased_until <= now)
    return sa.select(job).where(_OPEN, job.c.kind.in_(sorted(kinds)), free)


def _held_by(taken: Lease) -> sa.ColumnElement[bool]:
    return (job.c.id == taken.job.id) & (job.c.worker == taken.worker) & _OPEN


def _note(tx: Transaction, which: sa.ColumnElement[bool], **values: object) -> int:
    """Write columns that stand beside the seal; it is neither checked nor made anew."""
    return tx.connection.execute(sa.update(job).where(which).values(**values)).rowcount


def _unseal(tx: Transaction, taken: Lease, what: str) -> bytes | None:
    row = tx.connection.execute(sa.select(job.c.key_id, job.c[what]).where(job.c.id == taken.job.id)).one()
    return None if row[1] is None else unseal(tx, KeyId(row.key_id), _place(what, taken.job.id), bytes(row[1]))


def _find_ending_key(tx: Transaction, case: CaseId | None) -> KeyId:
    return NODE_KEY if case is None else read_key(tx, case_file, case)


def _place(what: str, job_id: str) -> str:
    return f"job.{what}/{job_id}"


def _read(tx: Transaction, row: sa.Row[Any]) -> Job:
    ending = None
    if row.ending is not None:
        try:
            key = _find_ending_key(tx, row.case_id)
            ending = load_message(unseal_text(tx, key, _place("ending", row.id), row.ending))
        except KeyDestroyed:
            ending = None
    progress = Progress(row.done, row.total, row.since, row.done_before)
    return read_row(Job, row, ending=ending, progress=progress)
