"""``semblance bench-video``: measure how well faces are followed, on videos made of photos."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from semblance.benchmarks.video import FollowingResult, measure_following
from semblance.cli.models import find_models
from semblance.cli.options import FOLDER, Member, home_option
from semblance.cli.output import Reply, answering, draw_stages, make_table
from semblance.evaluation.page import format_count, format_interval, format_rate
from semblance.faces.packs.opening import open_extractor
from semblance.faces.staging import Level


@click.command("bench-video")
@click.argument("sets", nargs=-1, required=True, type=FOLDER)
@home_option
@answering
@click.option("--pack", default="embedded", show_default=True, help="The model pack that follows and searches.")
@click.option(
    "--level", "levels", type=Member(Level), multiple=True, help="Only this level; repeatable [default: all]."
)
@click.option("--people", type=click.IntRange(4, 1000), default=40, show_default=True, help="How many are filmed.")
@click.option("--seconds", type=click.FloatRange(0.2, 60), default=4.0, show_default=True, help="Length of a video.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed films the same.")
def command(sets: tuple[Path, ...], home: Path, pack: str, levels: tuple[Level, ...], **asked: Any) -> Reply:
    """Film the people of SETS, four at a time, follow their faces, and search for them among all references of SETS.

    SETS are folders of photos with a manifest.csv, as `semblance evaluate` takes them. Nothing is written.
    """
    extractor = open_extractor(pack, models=find_models(home)[0])
    with draw_stages() as tell:

        def report(what: str, done: int, whole: int) -> None:
            tell(f"{what}: {done} of {whole}")

        found = list(measure_following(extractor, sets, levels or tuple(Level), on_progress=report, **asked))
    columns = (
        "level",
        "people",
        "sightings",
        "purity",
        "tracks a person",
        "FNIR, single frame",
        "FNIR, fused",
        "ratio",
    )
    return Reply(
        {"pack": pack, "levels": [asdict(result) for result in found]},
        make_table(columns, [_make_row(result) for result in found]),
        "FNIR at an FPIR of 5 %, 95 % intervals; purity of sightings; a false sighting counts as somebody else.",
    )


def _make_row(result: FollowingResult) -> tuple[str, ...]:
    rates = (
        f"{format_rate(rate)} ({format_count(rate)}; {format_interval(rate)})" for rate in (result.single, result.fused)
    )
    ratio = "-" if result.ratio is None else "{:.2f} ({:.2f} to {:.2f})".format(*result.ratio)
    return (
        result.level.value,
        str(result.people),
        str(result.sightings),
        f"{result.purity:.4f}",
        f"{result.fragments:.2f}",
        *rates,
        ratio,
    )
