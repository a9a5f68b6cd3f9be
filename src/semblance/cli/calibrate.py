"""``semblance calibrate``: measure what a score means in the node's own gallery."""

from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INTERRUPTED
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.searches import CalibrationDocument, CalibrationListDocument
from semblance.evaluation.calibration import FEWEST_TRIALS
from semblance.store.calibrations import MOST_CHANGE
from semblance.terms.permission import Purpose
from semblance.workflows.evaluation import calibrate
from semblance.workflows.evaluation.calibrate import DEFAULT_SEED, DEFAULT_TRIALS, CalibrationRun


@click.group("calibrate", invoke_without_command=True)
@click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    default=None,
    help="Whose searches are to be explained: the records that this purpose opens are calibrated.",
)
@click.option(
    "--trials",
    type=click.IntRange(FEWEST_TRIALS, 1_000_000),
    default=DEFAULT_TRIALS,
    show_default=True,
    help="How many people to search among all the others; more say more of rare scores.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**62), default=DEFAULT_SEED, show_default=True, help="Which people these are."
)
@home_option
@json_option
@click.pass_context
def command(context: click.Context, purpose: str | None, trials: int, seed: int, home: Path, as_json: bool) -> None:
    """Measure how high the best candidate scores of somebody who is not in the gallery.

    May be stopped with Ctrl-C at any moment: scores are stored as they are made, and the same command goes on where it
    stopped. Scores alone are stored; they name nobody.
    """
    if context.invoked_subcommand is not None:
        return
    if purpose is None:
        raise click.UsageError("Name the --purpose whose searches are to be explained, or `semblance calibrate list`.")
    with run_as(home) as (node, actor):
        console = open_console()
        columns = (TextColumn("trials"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        hidden = as_json or not console.is_terminal
        with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
            task = progress.add_task("", total=None)
            done = calibrate.calibrate_gallery(
                node,
                actor,
                Purpose(purpose),
                trials=trials,
                seed=seed,
                on_progress=lambda count, total: progress.update(task, completed=count, total=total),
            )
    if as_json:
        made = CalibrationDocument.model_validate(done.calibration)
        print_document({"calibration": made, "resumed": done.resumed, "interrupted": done.interrupted})
    else:
        _print_run(done)
    context.exit(INTERRUPTED if done.interrupted else DONE)


@command.command("list")
@home_option
@json_option
def list_all(home: Path, as_json: bool) -> None:
    """List your authority's calibrations, newest first."""
    with run_as(home) as (node, actor):
        found = calibrate.list_calibrations(node, actor)
    if as_json:
        print_document(CalibrationListDocument.model_validate({"calibrations": found}))
        return
    if not found:
        say("There is no calibration; `semblance calibrate --purpose PURPOSE` makes one.")
        return
    numbers = frozenset({"people", "photos", "trials", "of"})
    table = make_table(
        "begun (UTC)", "by", "purpose", "pack", "people", "photos", "trials", "of", "state", numbers=numbers
    )
    for made in found:
        counts = made.subjects, made.references, made.trials, made.asked
        table.add_row(
            made.started_at.isoformat(sep=" ", timespec="minutes")[:16],
            made.person,
            made.purpose.value,
            made.pack[:12],
            *map(str, counts),
            "not finished" if made.finished_at is None else "finished",
        )
    open_console().print(table)


def _print_run(done: CalibrationRun) -> None:
    made = done.calibration
    if done.resumed:
        say(f"{done.resumed} trials were done before; this run went on from there.")
    if done.interrupted:
        say(
            f"Stopped with {made.trials} of {made.asked} trials done. They are kept: "
            "the same command goes on from there."
        )
        return
    say(
        f"Stored {made.trials} scores, and nothing that names anybody: {made.trials} people, each searched among the "
        f"{made.subjects - 1} others whose records {made.purpose.value} opens."
    )
    say(
        f"Scores of your authority's searches are explained by them until {MOST_CHANGE:.0%} of the "
        f"{made.references} photos were added, removed or altered."
    )
