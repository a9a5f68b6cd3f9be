"""``semblance worker``: do what falls due, without serving anything."""

import json
from pathlib import Path

import click

from semblance.bootstrap.node import run_node
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import home_option, json_option
from semblance.node.lookahead import listen_for_stop
from semblance.workflows.jobs.run_jobs import run_jobs, running_jobs
from semblance.workflows.scheduled.kinds import KINDS
from semblance.workflows.scheduled.worker import RoundReport, run_round, run_until_stopped


@click.command("worker")
@home_option
@json_option
@click.option(
    "--once", is_flag=True, help="End after one round and the jobs that wait: 0 where the round could be done."
)
@click.option(
    "--every", type=click.FloatRange(min=1), default=300.0, show_default=True, help="Seconds from round to round."
)
def command(home: Path, as_json: bool, once: bool, every: float) -> None:
    """End, erase and remind of what falls due, round after round, and do jobs beside that, until stopped with Ctrl-C.

    `semblance serve` does the same beside its pages; this is for a node that serves none.
    """
    with run_node(home) as node, listen_for_stop() as stop:
        if once:
            report = run_round(node, stop=stop)
            _print_round(report, as_json=as_json)
            run_jobs(node, stop, KINDS, once=True)
            click.get_current_context().exit(DONE if report.complete and not stop.is_set() else INCOMPLETE)
        # a long job holds up no round
        with running_jobs(node, KINDS):
            run_until_stopped(node, stop, seconds=every, on_round=lambda report: _print_round(report, as_json=as_json))


def _print_round(report: RoundReport, *, as_json: bool) -> None:
    if as_json:
        outcomes = [
            {"job": done.job, "count": done.count, "error": done.error, "message": done.message and str(done.message)}
            for done in report.outcomes
        ]
        click.echo(json.dumps({"at": report.at.isoformat(), "jobs": outcomes}))
        return
    for outcome in report.outcomes:
        result = f"{outcome.count} done" if outcome.error is None else f"not done: {outcome.message}"
        click.echo(f"{report.at.isoformat(timespec='seconds')}  {outcome.job}: {result}")
