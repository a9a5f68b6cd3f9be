"""The page of jobs: how far each is, how long it still takes, what it came to; it may be left and come back to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict
from semblance.terms.ids import JobId
from semblance.terms.job import Job, JobState
from semblance.terms.permission import Action, Actor
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _, ngettext
from semblance.web.wording.say_message import say_message, say_sentence
from semblance.web.wording.words import say_act, say_moment, say_number
from semblance.workflows.jobs.jobs import cancel_job, list_jobs, may_cancel, read_job
from semblance.workflows.scheduled.kinds import KINDS

routes = APIRouter(prefix="/jobs")


@dataclass(frozen=True, slots=True)
class JobView:
    """A job in words; ``total`` is 0 while nobody knows of how much."""

    job: Job
    title: str
    asked: str
    ended: str
    ending: str
    counted: str
    left: str
    total: int
    cancelling: bool
    may_cancel: bool


@routes.get("")
def list_all(
    site: CurrentSite,
    actor: CurrentActor,
    everybody: bool = Query(False),
    after: str | None = Query(None, max_length=64),
) -> Response:
    found = list_jobs(site.node, actor, everybody=everybody, after=None if after is None else JobId(after))
    onward = None
    if found.next_after is not None:
        onward = "/jobs?" + urlencode({"everybody": int(everybody), "after": found.next_after})
    return _show(site, actor, found.jobs, everybody=everybody, next_href=onward)


@routes.get("/{job}")
def read(site: CurrentSite, actor: CurrentActor, job: JobId) -> Response:
    return _show(site, actor, (read_job(site.node, actor, job),), alone=True)


@routes.post("/{job}/cancel")
def cancel(site: CurrentSite, actor: CurrentActor, job: JobId) -> Response:
    try:
        found = cancel_job(site.node, actor, job)
    except Conflict as error:
        return _show(site, actor, (read_job(site.node, actor, job),), alone=True, problem=error)
    return _show(site, actor, (found,), alone=True)


def _show(
    site: Site,
    actor: Actor,
    found: tuple[Job, ...],
    *,
    everybody: bool = False,
    alone: bool = False,
    next_href: str | None = None,
    problem: Problem = None,
) -> HTMLResponse:
    now = site.node.clock()
    rows = tuple(view_job(site, actor, job, now) for job in found)
    return render_page(
        "jobs/jobs.html",
        make_frame(site, "jobs", actor),
        rows=rows,
        moving=any(row.job.is_open for row in rows),
        here=f"/jobs/{found[0].id}" if alone else f"/jobs?everybody={int(everybody)}",
        everybody=everybody,
        alone=alone,
        oversees=may(site, actor, Action.JOB_OVERSEE),
        next_href=next_href,
        problem=problem,
    )


def view_job(site: Site, actor: Actor, job: Job, now: datetime) -> JobView:
    """Return a job in words, as it stands at that moment."""
    kind = KINDS.get(job.kind)
    return JobView(
        job=job,
        title=job.kind if kind is None else say_sentence(kind.title).rstrip("."),
        asked=say_act(job.asked_at, job.name),
        ended=_say_ended(job),
        ending="" if job.ending is None else say_message(job.ending),
        counted=_say_counted(job, "" if kind is None else say_message(kind.unit)),
        left=_say_left(job.progress.estimate_left(now)) if job.is_open else "",
        total=job.progress.total or 0,
        cancelling=job.is_open and job.cancelled_by is not None,
        may_cancel=job.cancelled_by is None and may_cancel(site.node, actor, job),
    )


def _say_ended(job: Job) -> str:
    if job.ended_at is None:
        return ""
    by_hand = job.state is JobState.CANCELLED and job.cancelled_by is not None
    return say_act(job.ended_at, job.cancelled_by) if by_hand else say_moment(job.ended_at)


def _say_counted(job: Job, unit: str) -> str:
    done, total = job.progress.done, job.progress.total
    if total is None:
        return _("{done} {unit}", done=say_number(done), unit=unit) if done else ""
    return _("{done} of {total} {unit}", done=say_number(done), total=say_number(total), unit=unit)


def _say_left(left: timedelta | None) -> str:
    if left is None:
        return ""
    minutes = left.total_seconds() / 60
    if minutes < 1:
        return _("less than a minute left")
    if minutes < 90:
        return ngettext("about {n} minute left", "about {n} minutes left", round(minutes))
    return ngettext("about {n} hour left", "about {n} hours left", round(minutes / 60))
