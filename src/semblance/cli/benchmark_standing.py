"""``semblance bench-standing``: measure one night of standing searches on made-up people."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from semblance.benchmarks.standing import measure_night
from semblance.bootstrap.node import create_node, run_node
from semblance.cli.output import Reply, answering, draw_stages, make_table

_PARTS: Final = ("planning", "reading", "comparing", "writing", "night")


@click.command("bench-standing")
@answering
@click.option("--held", type=click.IntRange(1), default=10_000, show_default=True, help="People in the gallery.")
@click.option("--new", type=click.IntRange(1), default=1_000, show_default=True, help="People enrolled since.")
@click.option("--searches", type=click.IntRange(2), default=200, show_default=True, help="Standing searches.")
@click.option("--pack", default="embedded", show_default=True, help="The pack whose made-up templates are compared.")
def command(held: int, new: int, searches: int, pack: str) -> Reply:
    """Fill a node with made-up people and standing searches, and measure the night that compares them.

    The node lies in the folder for temporary files, and is deleted afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="semblance-bench-") as folder, draw_stages() as report:
        home = Path(folder) / "node"
        create_node(home, name="measurement", authority="FR", pack=pack, second_factor="offered")
        with run_node(home) as node:
            figures = measure_night(node, held=held, new=new, searches=searches, on_progress=report)
    costs = asdict(figures)
    rows = ((part, f"{costs[part]['seconds']:.2f}", f"{costs[part]['processor']:.2f}") for part in _PARTS)
    return Reply(
        {"pack": pack, **costs},
        make_table(("part", "seconds", "processor seconds"), rows),
        f"{figures.searches} standing searches against {new} new people, in a gallery of {held + new}.",
    )
