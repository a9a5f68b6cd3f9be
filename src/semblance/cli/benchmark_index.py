"""``semblance bench-index``: measure how fast this machine searches, and check each answer against brute force."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from semblance.benchmarks.compare_rivals import Rival
from semblance.benchmarks.index import run_index_benchmark
from semblance.benchmarks.synthetic import learn_from_photos
from semblance.benchmarks.templates import list_photos
from semblance.bootstrap.config import let_threads_rest
from semblance.bootstrap.extractors import open_by_name
from semblance.cli.models import find_models
from semblance.cli.options import Member, home_option
from semblance.cli.output import Reply, answering, draw_stages, make_table
from semblance.errors import UnreadableFile


@click.command("bench-index")
@click.argument("photos", type=click.Path(path_type=Path))
@home_option
@answering
@click.option("--pack", default="embedded", show_default=True, help="The model pack whose templates are imitated.")
@click.option("--rows", type=click.IntRange(1_000), default=100_000, show_default=True, help="Templates searched.")
@click.option("--searches", type=click.IntRange(1), default=50, show_default=True, help="Searches that are timed.")
@click.option(
    "--checks", type=click.IntRange(0), default=5, show_default=True, help="Answers compared with brute force."
)
@click.option(
    "--batch", type=click.IntRange(0), default=100, show_default=True, help="Probes in one batch; 0 for none."
)
@click.option("--photos-each", type=click.IntRange(1, 100), default=1, show_default=True, help="Photos of a subject.")
@click.option("--size", "sizes", type=click.IntRange(1_000), multiple=True, help="Time a search at this size, too.")
@click.option(
    "--against",
    "rivals",
    type=Member(Rival),
    multiple=True,
    help="Search by turns with this way; needs the extra `bench`.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same templates.")
def command(photos: Path, home: Path, pack: str, rows: int, photos_each: int, **asked: Any) -> Reply:
    """Search among synthetic templates that vary as those of the photos in PHOTOS do.

    PHOTOS is a folder or an evaluation set of some hundred photos at least. Templates are written to a file in the
    current folder meanwhile: 4 bytes a number.
    """
    # threads that spin on after a search would take the next one's cores
    let_threads_rest()
    paths = list_photos(photos)
    if len(paths) < 2:
        raise UnreadableFile(
            "operator.benchmarks.too-few-to-learn",
            "{photos} holds too few photos to learn from. Name a folder with some hundred.",
            photos=photos,
        )
    with draw_stages() as tell:

        def report(what: str, done: int, whole: int) -> None:
            tell(f"{what}: {done} of {whole}")

        model = learn_from_photos(open_by_name(pack, find_models(home)[0]), paths, on_progress=report)
        found = run_index_benchmark(model, rows, photos=photos_each, on_progress=report, **asked)
    timings = (
        (timing.name, f"{timing.median:.2f}", f"{timing.fastest:.2f}", f"{timing.slowest:.2f}", timing.note)
        for timing in found.timings
    )
    first = next(timing for timing in found.timings if timing.name == "one search")
    rate = found.read_bytes / (first.median / 1000)
    return Reply(
        {"pack": pack, "photos": len(paths), **asdict(found)},
        make_table(("what", "median ms", "fastest", "slowest", ""), timings),
        f"{found.rows} templates of {found.dimension} numbers, like {len(paths)} photos with the pack {pack}.",
        f"Built in {found.build_seconds:.1f} s; {found.row_bytes:.0f} bytes a row, "
        f"{100 * found.row_bytes / (4 * found.dimension):.0f} % of float32.",
        f"A search reads {found.read_bytes / 1e6:.0f} MB, {rate / 1e9:.1f} GB/s; this machine reads "
        f"{found.bandwidth / 1e9:.1f} GB/s.",
        f"{found.equal} of {found.checked} answers were compared with brute force and are equal to it.",
    )
