"""``semblance job``: long work that goes on while nobody waits for it: begin it, look at it, break it off."""

from datetime import datetime

import click

from semblance.cli.acting import acting
from semblance.cli.output import Reply, make_facts, make_table, say_minute
from semblance.edge.jobs import describe_job, describe_jobs
from semblance.node.node import Node
from semblance.terms.ids import JobId
from semblance.terms.job import Job
from semblance.terms.permission import Actor
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.jobs.jobs import cancel_job, list_jobs, read_job
from semblance.workflows.oversight.verify_job import begin_verification


@click.group("job")
def command() -> None:
    """Begin long work, look at it, break it off. `semblance serve` and `semblance worker` do it."""


@command.command("list")
@click.option("--everybody", is_flag=True, help="Those of your whole authority, where you oversee them.")
@click.option("--case", help="Those of this case, whoever asked for them.")
@click.option("--after", help="Go on after this job, named by its id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The most jobs listed.")
@acting
def list_all(node: Node, actor: Actor, everybody: bool, case: str | None, after: str | None, limit: int) -> Reply:
    """List your jobs, the one asked for last first."""
    narrowed = None if case is None else find_case_id(node, actor, case)
    place = None if after is None else JobId(after)
    page, now = list_jobs(node, actor, everybody=everybody, case=narrowed, after=place, limit=limit), node.clock()
    rows = (
        (job.id, job.kind, job.name, say_minute(job.asked_at), job.state, _say_progress(job, now)) for job in page.jobs
    )
    table = make_table(("job", "kind", "asked by", "at (UTC)", "state", "progress"), rows)
    return Reply(
        describe_jobs(page, now),
        table if page.jobs else "There are no jobs.",
        page.next_after is not None and f"There are more: --after {page.next_after}",
    )


@command.command("show")
@click.argument("job")
@acting
def show(node: Node, actor: Actor, job: str) -> Reply:
    """Show how far a JOB is, or what it came to."""
    return _reply(read_job(node, actor, JobId(job)), node.clock())


@command.command("cancel")
@click.argument("job")
@acting
def cancel(node: Node, actor: Actor, job: str) -> Reply:
    """Break a JOB off: at once where no worker has it, else within seconds. What it did until then stays."""
    return _reply(cancel_job(node, actor, JobId(job)), node.clock())


@command.command("verify-ledger")
@acting
def verify_ledger(node: Node, actor: Actor) -> Reply:
    """Have a worker verify the whole ledger, instead of waiting for `semblance ledger verify`."""
    return _reply(begin_verification(node, actor), node.clock())


def _reply(job: Job, now: datetime) -> Reply:
    facts: dict[str, object] = {
        "job": job.id,
        "kind": job.kind,
        "asked for": f"{say_minute(job.asked_at)} by {job.name} of {job.authority}",
        "state": job.state if job.cancelled_by is None else f"{job.state}; {job.cancelled_by} asked to break it off",
        "progress": _say_progress(job, now),
    }
    if job.ended_at is not None:
        facts["ended"] = say_minute(job.ended_at)
    if job.ending is not None:
        facts["came to"] = job.ending
    return Reply(describe_job(job, now), make_facts(facts))


def _say_progress(job: Job, now: datetime) -> str:
    done, total = job.progress.done, job.progress.total
    counted = f"{done}" if total is None else f"{done} of {total}"
    left = job.progress.estimate_left(now) if job.is_open else None
    return counted if left is None else f"{counted}, about {max(1, round(left.total_seconds() / 60))} min left"
