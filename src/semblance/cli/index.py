"""``semblance index``: compare an index that is elsewhere with the store."""

from pathlib import Path

import click
from rich.progress import Progress, SpinnerColumn, TextColumn

from semblance.cli.acting import run_as
from semblance.cli.exit_codes import DONE, INCOMPLETE
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_facts, open_console, print_document, say
from semblance.workflows.models.check_index import check_index


@click.group("index")
def command() -> None:
    """Look after the index that searches use."""


@command.command("check")
@click.option("--repair", is_flag=True, help="Bring the index to what the store holds.")
@home_option
@json_option
def check_command(repair: bool, home: Path, as_json: bool) -> None:
    """Compare an index on Milvus with the store, row by row: what it lacks, what it should not hold, what is old."""
    console = open_console()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    hidden = as_json or not console.is_terminal
    with run_as(home) as (node, actor), Progress(*columns, console=console, disable=hidden, transient=True) as bar:
        task = bar.add_task("comparing", total=None)

        def report(looked: int) -> None:
            bar.update(task, description=f"comparing: {looked} rows")

        found = check_index(node, actor, repair=repair, on_progress=report)
    if as_json:
        print_document(found)
    elif not found.elsewhere:
        say("The index is in memory: it is made of the store at each start, and there is nothing to compare.")
    else:
        console.print(
            make_facts(
                {
                    "references in the store": found.references,
                    "missing in the index": found.missing,
                    "stray, not in the store": found.stray,
                    "stale": found.stale,
                }
            )
        )
        if found.repaired:
            say("The index was repaired. Earlier searches may have missed somebody, or shown an old state.")
        elif found.agrees:
            say("The index holds what the store holds, and nothing else.")
        else:
            say("The index differs from the store. `semblance index check --repair` repairs it.")
    click.get_current_context().exit(DONE if found.agrees or found.repaired else INCOMPLETE)
