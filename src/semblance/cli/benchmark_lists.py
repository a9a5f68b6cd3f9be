"""``semblance bench-fill`` and ``bench-lists``: fill a node, and measure how long its lists take at the server."""

from dataclasses import asdict
from pathlib import Path

import click

from semblance.benchmarks.fill import fill_node
from semblance.benchmarks.lists import measure_lists
from semblance.benchmarks.node import prepare_people
from semblance.bootstrap.config import SETTINGS_FILE, read_settings
from semblance.bootstrap.node import create_node, run_node
from semblance.cli.options import FOLDER
from semblance.cli.output import Reply, answering, draw_bar, draw_stages, make_table, say_count
from semblance.server.site import make_site


@click.command("bench-fill")
@click.argument("home", type=FOLDER)
@click.option("--records", type=click.IntRange(1), default=54_000, show_default=True, help="How many it then holds.")
@click.option("--store", help="The database of a new node [default: a SQLite file in HOME].")
@answering
def fill(home: Path, records: int, store: str | None) -> Reply:
    """Fill a node in HOME with synthetic records: of many owners, kinds and states, some of them restricted.

    The node is made where there is none. Interrupted, the same command goes on; a larger number goes on from a smaller
    one. A node with other people's accounts is refused.
    """
    home = home.expanduser().absolute()
    if not (home / SETTINGS_FILE).exists():
        create_node(home, name="measurement", authority="FR", second_factor="offered", store=store)
    with run_node(home) as node, draw_bar("filling", records) as draw:
        added = fill_node(node, prepare_people(node), records, on_progress=draw)
    return Reply(
        {"home": str(home), "added": added, "records": records},
        f"{say_count(added, 'record was', 'records were')} added; {home} holds {records}.",
    )


@click.command("bench-lists")
@click.argument("home", type=FOLDER)
@answering
@click.option("--rounds", type=click.IntRange(1), default=15, show_default=True, help="How often each list is read.")
def command(home: Path, rounds: int) -> Reply:
    """Measure the lists of records of the node in HOME, which `semblance bench-fill` made.

    The application runs in this process: what is measured is the server's work, without a network.
    """
    settings = read_settings(home.expanduser().absolute())
    with run_node(settings.home) as node, draw_stages() as tell:
        site = make_site(node, settings)
        found = measure_lists(node, site, prepare_people(node), rounds=rounds, on_progress=tell)
        kind = node.store.kind
    rows = (
        (timing.name, *(f"{time:.1f}" for time in (timing.median, timing.fastest, timing.slowest, timing.processor)))
        for timing in found.timings
    )
    return Reply(
        {"store": kind, "rounds": rounds, **asdict(found)},
        make_table(("list", "median ms", "fastest", "slowest", "processor"), rows),
        f"{say_count(found.records, 'record', 'records')} in {kind}; {found.passed} come before the far page.",
    )
