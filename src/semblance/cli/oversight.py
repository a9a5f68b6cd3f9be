"""``semblance oversight``: the figures of a data-protection officer."""

from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console

from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option
from semblance.cli.output import make_facts, make_table, open_console, print_document
from semblance.edge.requests import OversightDocument
from semblance.store.verifications import Verification
from semblance.workflows.oversight.oversight import LONGEST, NamedRecord, Oversight, read_oversight


@click.command("oversight")
@click.option("--days", type=click.IntRange(1, LONGEST), default=30, show_default=True, help="How far to look back.")
@click.option(
    "--within", type=click.IntRange(0, LONGEST), default=30, show_default=True, help="Days ahead for records that end."
)
@home_option
@json_option
def command(days: int, within: int, home: Path, as_json: bool) -> None:
    """Show who searches, what is refused, what ends, what is disputed and what waits for its answer."""
    with run_as(home) as (node, actor):
        found = read_oversight(node, actor, days=days, within=within)
    if as_json:
        print_document(OversightDocument.model_validate(found))
        return
    console = open_console()
    console.print(make_facts(_list_facts(found)))
    _print_counts(
        console,
        ("day", "authority", "purpose", "outcome"),
        (((str(row.day), row.authority, row.purpose, row.outcome), row.count) for row in found.searches),
    )
    _print_counts(console, ("refused by rule",), (((rule.name,), rule.count) for rule in found.ledger.refusals))
    _print_counts(
        console, ("kind", "state", "owner"), (((row.kind, row.state, row.owner), row.count) for row in found.records)
    )
    _print_records(console, "ends soon", found.ending)
    _print_records(console, "disputed", found.disputed)


def _list_facts(found: Oversight) -> dict[str, object]:
    states = ", ".join(f"{row.count} {row.state} ({row.authority})" for row in found.authorisations)
    return {
        "at": found.at.isoformat(timespec="seconds"),
        "days": found.days,
        "requests": f"{found.requests_open} open, {found.requests_overdue} overdue",
        "disputes": found.disputed_count,
        f"ending within {found.within} days": found.ending_count,
        "authorisations": states or "none asked for",
        "waivers used": ", ".join(f"{waiver.name}: {waiver.count}" for waiver in found.ledger.waivers) or "none",
        "subjects erased": found.subjects_erased,
        "keys destroyed": found.keys_destroyed,
        "ledger entries": f"{found.ledger.entries}{'' if found.ledger.complete else ' and more'}",
        "ledger verified": _say_verified(found.verified),
    }


def _say_verified(last: Verification | None) -> str:
    if last is None:
        return "never; the worker does it once a day"
    when = last.at.isoformat(timespec="seconds")
    return f"{when}: {last.entries} entries, no fault" if last.fault is None else f"{when}: {last.fault}"


def _print_counts(console: Console, columns: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], int]]) -> None:
    table = make_table(*columns, "count", numbers=frozenset({"count"}))
    for names, count in rows:
        table.add_row(*names, str(count))
    if table.row_count:
        console.print()
        console.print(table)


def _print_records(console: Console, title: str, rows: tuple[NamedRecord, ...]) -> None:
    table = make_table(title, "owner", "kind", "state", "last day")
    for record in rows:
        table.add_row(record.number, record.owner, record.kind, record.state, str(record.last_day))
    if table.row_count:
        console.print()
        console.print(table)
