"""``semblance reminders``: what ends soon, and what should have been answered."""

from pathlib import Path

import click

from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.workflows.scheduled.remind import list_reminders


@click.command("reminders")
@home_option
@json_option
def command(home: Path, as_json: bool) -> None:
    """List your authority's records that end soon, and the requests whose deadline has passed.

    A record that is still needed is extended; any other ends by itself.
    """
    with run_as(home) as (node, actor):
        found = list_reminders(node, actor)
    if as_json:
        print_document(found)
        return
    if not found.ending and not found.overdue:
        say("Nothing ends soon, and nothing is overdue.")
        return
    console = open_console()
    if found.ending:
        table = make_table("record", "name", "kind", "state", "last day", "days left", numbers=frozenset({"days left"}))
        for record in found.ending:
            table.add_row(
                record.number, record.name, record.kind, record.state, str(record.last_day), str(record.days_left)
            )
        console.print(table)
    if found.overdue:
        table = make_table("request", "kind", "was due", "days over", numbers=frozenset({"days over"}))
        for late in found.overdue:
            table.add_row(late.request, late.kind, str(late.due_on), str(late.days_over))
        console.print(table)
