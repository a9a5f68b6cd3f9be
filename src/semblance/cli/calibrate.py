"""``semblance calibrate``: measure what a score means in the node's own gallery."""

from collections.abc import Iterator
from pathlib import Path

import click

from semblance.cli.acting import acting, run_as
from semblance.cli.exit_codes import DONE, INTERRUPTED
from semblance.cli.options import Member, home_option
from semblance.cli.output import Reply, answering, draw_bar, make_table, say_minute
from semblance.edge.searches import CalibrationDocument, CalibrationListDocument
from semblance.evaluation.calibration import FEWEST_TRIALS
from semblance.node.node import Node
from semblance.store.calibrations import MOST_CHANGE
from semblance.terms.permission import Actor, Purpose
from semblance.workflows.evaluation import calibrate
from semblance.workflows.evaluation.calibrate import DEFAULT_SEED, DEFAULT_TRIALS, CalibrationRun


@click.group("calibrate", invoke_without_command=True)
@click.option(
    "--purpose",
    type=Member(Purpose),
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
@answering
def command(purpose: Purpose | None, trials: int, seed: int, home: Path) -> Reply | None:
    """Measure how high the best candidate scores of somebody who is not in the gallery.

    May be stopped with Ctrl-C at any moment: scores are stored as they are made, and the same command goes on where it
    stopped. Scores alone are stored; they name nobody.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return None
    if purpose is None:
        raise click.UsageError("Name the --purpose whose searches are to be explained, or `semblance calibrate list`.")
    with run_as(home) as (node, actor), draw_bar("trials") as draw:
        done = calibrate.calibrate_gallery(node, actor, purpose, trials=trials, seed=seed, on_progress=draw)
    code = INTERRUPTED if done.interrupted else DONE
    made = CalibrationDocument.model_validate(done.calibration)
    document = {"calibration": made, "resumed": done.resumed, "interrupted": done.interrupted}
    return Reply(document, *_say_run(done), code=code)


@command.command("list")
@acting
def list_all(node: Node, actor: Actor) -> Reply:
    """List your authority's calibrations, newest first."""
    found = calibrate.list_calibrations(node, actor)
    document = CalibrationListDocument.model_validate({"calibrations": found})
    if not found:
        return Reply(document, "There is no calibration; `semblance calibrate --purpose PURPOSE` makes one.")
    columns = "begun (UTC)", "by", "purpose", "pack", "people", "photos", "trials", "of", "state"
    rows = (
        (
            say_minute(made.started_at),
            made.person,
            made.purpose,
            made.pack[:12],
            made.subjects,
            made.references,
            made.trials,
            made.asked,
            "not finished" if made.finished_at is None else "finished",
        )
        for made in found
    )
    return Reply(document, make_table(columns, rows, numbers={"people", "photos", "trials", "of"}))


def _say_run(done: CalibrationRun) -> Iterator[str]:
    made = done.calibration
    if done.resumed:
        yield f"{done.resumed} trials were done before; this run went on from there."
    if done.interrupted:
        yield (
            f"Stopped with {made.trials} of {made.asked} trials done. They are kept: "
            "the same command goes on from there."
        )
        return
    yield (
        f"Stored {made.trials} scores, and nothing that names anybody: {made.trials} people, each searched among the "
        f"{made.subjects - 1} others whose records {made.purpose.value} opens."
    )
    yield (
        f"Scores of your authority's searches are explained by them until {MOST_CHANGE:.0%} of the "
        f"{made.references} photos were added, removed or altered."
    )
