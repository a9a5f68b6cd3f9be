"""``semblance reminders``: what ends soon, and what should have been answered."""

from pathlib import Path

import click

from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.requests import describe_reminders
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
        print_document(describe_reminders(found))
        return
    if not found.ending and not found.overdue:
        say("Nothing ends soon, and nothing is overdue.")
        return
    console = open_console()
    if found.ending:
        table = make_table("record", "name", "kind", "state", "last day", "days left", numbers=frozenset({"days left"}))
        for one in found.ending:
            table.add_row(
                one.number, one.name, one.kind.value, one.state.value, one.last_day.isoformat(), str(one.days_left)
            )
        console.print(table)
    if found.overdue:
        table = make_table("request", "kind", "was due", "days over", numbers=frozenset({"days over"}))
        for late in found.overdue:
            table.add_row(late.request, late.kind, late.due_on.isoformat(), str(late.days_over))
        console.print(table)
