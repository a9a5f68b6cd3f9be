"""``semblance bench-lists``: how long the lists of a filled node take at the server."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.progress import Progress, SpinnerColumn, TextColumn

from semblance.benchmarks.lists import measure_lists
from semblance.benchmarks.node import prepare_people
from semblance.bootstrap.config import read_settings
from semblance.bootstrap.node import run_node
from semblance.cli.options import json_option
from semblance.cli.output import make_table, open_console, say, say_count
from semblance.server.site import make_site


@click.command("bench-lists")
@click.argument("home", type=click.Path(path_type=Path, file_okay=False))
@json_option
@click.option("--rounds", type=click.IntRange(1), default=15, show_default=True, help="How often each list is read.")
def command(home: Path, as_json: bool, rounds: int) -> None:
    """Measure the lists of records of the node in HOME, which `semblance bench-fill` made.

    The application runs in this process: what is measured is the server's work, without a network.
    """
    settings = read_settings(home.expanduser().absolute())
    console = open_console()
    with (
        run_node(settings.home) as node,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), console=console, disable=as_json, transient=True
        ) as bar,
    ):
        task = bar.add_task("starting", total=None)
        found = measure_lists(
            node,
            make_site(node, settings),
            prepare_people(node),
            rounds=rounds,
            on_progress=lambda what: bar.update(task, description=what),
        )
        kind = node.store.kind
    if as_json:
        click.echo(json.dumps({"store": kind, "rounds": rounds, **asdict(found)}, indent=2))
        return
    table = make_table("list", "median ms", "fastest", "slowest", "processor")
    for timing in found.timings:
        times = (timing.median, timing.fastest, timing.slowest, timing.processor)
        table.add_row(timing.name, *(f"{milliseconds:.1f}" for milliseconds in times))
    console.print(table)
    say(f"{say_count(found.records, 'record', 'records')} in {kind}; {found.passed} come before the far page.")
