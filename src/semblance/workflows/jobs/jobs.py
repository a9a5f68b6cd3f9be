"""Begin, list, read and cancel jobs.

Looking at them leaves no entry in the ledger: a page does it every few seconds, and a job tells nothing of anybody
sought. That one began, was cancelled and ended are entries.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.cases.case import Case
from semblance.cases.check import check_action
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import clips, followings, jobs, ledger
from semblance.store.engine import Transaction
from semblance.terms.ids import CaseId, JobId, SubmissionId, make_id
from semblance.terms.job import Job, JobState
from semblance.terms.permission import Action, Actor, Permit
from semblance.workflows.jobs.kind import JobKind
from semblance.workflows.permission import Permitted, ask, log_act, name_touched, refuse_missing

_OPEN_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of jobs, the one asked for last first; ``next_after`` asks for the page after it, None at the end."""

    jobs: tuple[Job, ...]
    next_after: JobId | None


def begin_job(
    tx: Transaction, permit: Permitted, kind: JobKind, arguments: bytes, *, at: datetime, case: Case | None = None
) -> Job:
    """Have something done by a worker, in the transaction of the act that asks for it, and record that.

    ``permit`` is that act's. Raises Conflict where too much of the person's waits already.
    """
    actor = permit.actor
    if jobs.count_open(tx, actor.person) >= _OPEN_AT_MOST:
        raise Conflict(
            "jobs.too-many", "{n} jobs of yours have not ended yet; wait for one, or cancel one.", n=_OPEN_AT_MOST
        )
    case_id = None if case is None else case.id
    asked = Job(JobId(make_id()), kind.name, actor.person, actor.name, actor.authority, case_id, at)
    jobs.add_job(tx, asked, arguments)
    log_act(tx, permit, kind.verb, *touch_job(asked), at=at, action="job.begin", case=case, reason=kind.title)
    return asked


def list_jobs(
    node: Node,
    actor: Actor,
    *,
    everybody: bool = False,
    case: CaseId | None = None,
    after: JobId | None = None,
    limit: int = 50,
) -> JobPage:
    """Return the actor's jobs, the one asked for last first; or with ``everybody`` those of the whole authority.

    ``case`` narrows them to a case's, whoever asked for them: whoever may read cases may see these.
    """
    permit = ask(node, actor, Action.JOB_READ, owner=actor.authority)
    if case is not None:
        ask(node, actor, Action.CASE_READ, owner=actor.authority)
    elif everybody:
        ask(node, actor, Action.JOB_OVERSEE, owner=actor.authority)
    person = None if everybody or case is not None else permit.actor.person
    with node.store.reading() as tx:
        before = None if after is None else jobs.find_job(tx, after)
        found = jobs.list_jobs(tx, actor.authority, person=person, case=case, before=before, limit=limit + 1)
    return JobPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def read_job(node: Node, actor: Actor, job_id: JobId) -> Job:
    """Return a job of the actor's, of a case of their authority that they may read, or that they oversee.

    Raises NotFound where there is none, and in the same words where it is not open to them.
    """
    _, found = _ask_for_job(node, actor, job_id, in_cases=True)
    return found


def cancel_job(node: Node, actor: Actor, job_id: JobId) -> Job:
    """Break off a job of the actor's, or one that they oversee, and return it as it is now.

    One that nobody has in hand ends at once, any other within a step. What it did until then stays. Raises NotFound,
    and Conflict where it has ended.
    """
    permit, found = _ask_for_job(node, actor, job_id, in_cases=False)
    now = node.clock()
    with node.store.writing() as tx:
        current = jobs.find_job(tx, found.id)
        if current is None or not current.is_open:
            raise Conflict("jobs.ended", "The job has ended already; nothing was changed.")
        if current.cancelled_by is None:
            jobs.ask_to_cancel(tx, current.id, actor.name)
            reason = Message("jobs.cancel", "{kind} shall be broken off", kind=current.kind)
            log_act(tx, permit, Verb.ALTERATION, *touch_job(current), at=now, action="job.cancel", reason=reason)
        if not jobs.is_in_hand(tx, current.id, now):
            jobs.end_job(tx, current, JobState.CANCELLED, None, at=now)
        changed = jobs.find_job(tx, current.id)
    assert changed is not None
    return changed


def end_jobs_of_case(tx: Transaction, case: CaseId, *, name: str, at: datetime) -> int:
    """Break off what still goes on in a case that ends, and return how many jobs; ``name`` is who ends the case.

    Their keys are destroyed. A worker that has one in hand learns it within seconds, and keeps nothing more of it.
    """
    reason = Message("jobs.case-ended", "the case that it belongs to has ended")
    return _end_all(tx, jobs.list_open_in(tx, case), reason, name=name, at=at)


def end_jobs_of_submission(tx: Transaction, submission: SubmissionId, *, name: str, at: datetime) -> int:
    """Break off what still goes on with the files of a submission that is erased, as ``end_jobs_of_case`` does."""
    begun = (*followings.list_jobs(tx, submission), *clips.list_jobs(tx, submission))
    found = (jobs.find_job(tx, job) for job in begun)
    going = tuple(job for job in found if job is not None and job.is_open)
    reason = Message("jobs.submission-erased", "the submission that it belongs to was erased")
    return _end_all(tx, going, reason, name=name, at=at)


def _end_all(tx: Transaction, found: tuple[Job, ...], reason: Message, *, name: str, at: datetime) -> int:
    for job in found:
        jobs.ask_to_cancel(tx, job.id, name)
        jobs.end_job(tx, job, JobState.CANCELLED, None, at=at)
        act = Act(Verb.ALTERATION, "job.end", name, job.authority, reason=reason, touched=touch_job(job))
        ledger.append(tx, act, at=at)
    return len(found)


def touch_job(job: Job) -> tuple[Touched, ...]:
    """Return what an entry about a job touches: of one in a case the case, too, whose key opens the entry then."""
    mine = Touched("job", job.id)
    return (mine,) if job.case is None else (mine, Touched("case", job.case))


def may_cancel(node: Node, actor: Actor, job: Job) -> bool:
    """Return whether the actor may break the job off; nothing is recorded."""
    return job.is_open and (job.person == actor.person or _may(node, actor, Action.JOB_OVERSEE))


def _ask_for_job(node: Node, actor: Actor, job_id: JobId, *, in_cases: bool) -> tuple[Permitted, Job]:
    permit = ask(node, actor, Action.JOB_READ, owner=actor.authority, touched=name_touched("job", job_id))
    oversees, reads = _may(node, actor, Action.JOB_OVERSEE), in_cases and _may(node, actor, Action.CASE_READ)
    with node.store.reading() as tx:
        found = jobs.find_job(tx, job_id)
    if found is not None and found.authority == actor.authority:
        if found.person == actor.person or (reads and found.case is not None):
            return permit, found
        if oversees:
            return ask(node, actor, Action.JOB_OVERSEE, owner=found.authority), found
    refuse_missing(node, actor, Action.JOB_READ, name_touched("job", job_id))
    raise NotFound(
        "jobs.missing", "There is no job {job} that you may see; `semblance job list` lists them.", job=job_id
    )


def _may(node: Node, actor: Actor, action: Action) -> bool:
    return isinstance(check_action(node.policy.read(), actor, action, owner=actor.authority), Permit)
