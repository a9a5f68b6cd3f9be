"""``semblance bench-fill``: a node with as many synthetic records as a measurement needs."""

from pathlib import Path

import click
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from semblance.benchmarks.fill import fill_node
from semblance.benchmarks.node import prepare_people
from semblance.bootstrap.config import SETTINGS_FILE
from semblance.bootstrap.node import create_node, run_node
from semblance.cli.options import json_option
from semblance.cli.output import open_console, print_document, say, say_count


@click.command("bench-fill")
@click.argument("home", type=click.Path(path_type=Path, file_okay=False))
@click.option("--records", type=click.IntRange(1), default=54_000, show_default=True, help="How many it then holds.")
@click.option("--store", default=None, help="The database of a new node [default: a SQLite file in HOME].")
@json_option
def command(home: Path, records: int, store: str | None, as_json: bool) -> None:
    """Fill a node in HOME with synthetic records: of many owners, kinds and states, some of them restricted.

    The node is made where there is none. Interrupted, the same command goes on; a larger number goes on from a smaller
    one. A node with other people's accounts is refused.
    """
    home = home.expanduser().absolute()
    if not (home / SETTINGS_FILE).exists():
        create_node(home, name="measurement", authority="FR", second_factor="offered", store=store)
    console = open_console()
    with (
        run_node(home) as node,
        Progress(
            *Progress.get_default_columns()[:2],
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=as_json or not console.is_terminal,
        ) as bar,
    ):
        task = bar.add_task("filling", total=records)
        added = fill_node(
            node,
            prepare_people(node),
            records,
            on_progress=lambda done, whole: bar.update(task, completed=done, total=whole),
        )
    if as_json:
        print_document({"home": str(home), "added": added, "records": records})
        return
    say(f"{say_count(added, 'record was', 'records were')} added; {home} holds {records}.")
