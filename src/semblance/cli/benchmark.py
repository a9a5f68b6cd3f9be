"""``semblance bench``: measure how fast this machine makes templates."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from semblance.benchmarks.templates import BenchmarkResult, Contender, check_encoder, list_photos, run_benchmark
from semblance.bootstrap.extractors import open_by_name
from semblance.cli.models import find_models
from semblance.cli.options import home_option
from semblance.cli.output import Reply, answering, draw_stages, make_table, open_console
from semblance.errors import UnreadableFile
from semblance.faces.baseline import BASELINE_NAME
from semblance.faces.encoding.dlib_resnet import EncoderComparison
from semblance.workflows.demo.demo import list_sample_paths
from semblance.workflows.models.models import look_at_pack, look_at_packs


@click.command("bench")
@click.argument("photos", type=click.Path(path_type=Path), required=False)
@home_option
@answering
@click.option(
    "--pack", "packs", multiple=True, help="A model pack to measure; repeatable [default: all that are ready]."
)
@click.option("--compare/--no-compare", default=True, show_default=True, help="Measure face_recognition beside them.")
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="Rounds; medians are shown.")
@click.option("--limit", type=click.IntRange(min=1), help="Use only the first so many photos.")
@click.option("--workers", type=click.IntRange(1, 256), help="Threads or processes [default: all cores].")
@click.option(
    "--chips", type=click.IntRange(min=0), default=200, show_default=True, help="Chips for the encoder check."
)
def command(
    photos: Path | None, home: Path, packs: tuple[str, ...], compare: bool, limit: int | None, chips: int, **asked: Any
) -> Reply:
    """Measure photos a second from file to template, side by side, on the photos of PHOTOS.

    PHOTOS is a folder, an evaluation set (its references are used) or one photo; without it, the sample photos of
    installed packages are used. Every way runs in a process of its own, in turn, on the same photos.
    """
    models, _ = find_models(home)
    paths = list_photos(photos) if photos is not None else list_sample_paths()
    paths = paths[:limit]
    if not paths:
        raise UnreadableFile(
            "operator.benchmarks.no-photos",
            "There are no photos in {photos}. Name a folder that holds some.",
            photos=photos,
        )
    names = list(packs) or [status.manifest.name for status in look_at_packs(models) if status.usable]
    contenders = [
        Contender(look_at_pack(name, models).manifest.name, partial(open_by_name, name, models), "threads")
        for name in names
    ]
    if compare:
        contenders.append(Contender(BASELINE_NAME, partial(open_by_name, BASELINE_NAME, models), "processes"))
    with draw_stages() as tell:

        def report(contender: str, number: int, count: int) -> None:
            tell(f"round {number} of {count}: {contender}")

        results = run_benchmark(contenders, paths, on_progress=report, **asked)
        tell("checking the rebuilt encoder against dlib")
        check = check_encoder(models, paths, limit=chips) if chips and "embedded" in names else None
    baseline = next((result for result in results if result.name == BASELINE_NAME), None)
    document = _write(results, baseline, check, photos=len(paths))
    return Reply(document, partial(_print, results, baseline, check))


def _print(
    results: tuple[BenchmarkResult, ...], baseline: BenchmarkResult | None, check: EncoderComparison | None
) -> None:
    console = open_console()
    rows = (
        (
            result.name,
            f"{result.rate:.1f}",
            f"{min(result.rates):.1f}",
            f"{max(result.rates):.1f}",
            f"{result.rate / baseline.rate:.1f} x" if baseline is not None else "",
            f"{result.templates} of {result.photos}",
            f"{result.peak_bytes / 1e6:.0f} MB",
            f"{result.start_seconds:.1f} s",
        )
        for result in results
    )
    columns = "way", "photos/s", "slowest", "fastest", "ratio", "templates", "peak memory", "start"
    console.print(make_table(columns, rows))
    staged = [result for result in results if result.stages]
    stages = (
        (stage, *(f"{result.stages[place][1]:.1f}" for result in staged))
        for place, (stage, _) in enumerate(staged[0].stages if staged else ())
    )
    console.print(make_table(("milliseconds a photo, one thread", *(result.name for result in staged)), stages))
    if check is not None:
        console.print(
            f"Rebuilt encoder against dlib's own, {check.chips} chips: largest difference "
            f"{check.largest_difference:.1e}, {1000 * check.rebuilt_seconds:.1f} ms against "
            f"{1000 * check.dlib_seconds:.1f} ms a chip, "
            f"{check.dlib_seconds / check.rebuilt_seconds:.1f} times as fast."
        )


def _write(
    results: tuple[BenchmarkResult, ...],
    baseline: BenchmarkResult | None,
    check: EncoderComparison | None,
    *,
    photos: int,
) -> dict[str, Any]:
    """Return the document for programs; stages are mean milliseconds a photo on one thread."""
    contenders = [
        {
            "name": result.name,
            "photos_per_second": result.rate,
            "rounds": result.rates,
            "ratio": result.rate / baseline.rate if baseline is not None else None,
            "templates": result.templates,
            "peak_bytes": result.peak_bytes,
            "start_seconds": result.start_seconds,
            "stages": dict(result.stages),
        }
        for result in results
    ]
    encoder = check and {
        "chips": check.chips,
        "largest_difference": check.largest_difference,
        "dlib_milliseconds": 1000 * check.dlib_seconds,
        "rebuilt_milliseconds": 1000 * check.rebuilt_seconds,
        "ratio": check.dlib_seconds / check.rebuilt_seconds,
    }
    return {"photos": photos, "contenders": contenders, "encoder": encoder}
