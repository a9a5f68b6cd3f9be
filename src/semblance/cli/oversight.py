"""``semblance oversight``: the figures of a data-protection officer."""

import click
from rich.table import Table

from semblance.cli.acting import acting
from semblance.cli.output import Reply, make_facts, make_table
from semblance.edge.requests import OversightDocument
from semblance.node.node import Node
from semblance.store.worker_notes import Verification
from semblance.terms.permission import Actor
from semblance.workflows.oversight.oversight import LONGEST, NamedRecord, Oversight, read_oversight


@click.command("oversight")
@click.option("--days", type=click.IntRange(1, LONGEST), default=30, show_default=True, help="How far to look back.")
@click.option(
    "--within", type=click.IntRange(0, LONGEST), default=30, show_default=True, help="Days ahead for records that end."
)
@acting
def command(node: Node, actor: Actor, days: int, within: int) -> Reply:
    """Show who searches, what is refused, what ends, what is disputed and what waits for its answer."""
    found = read_oversight(node, actor, days=days, within=within)
    tables = (
        make_table(
            ("day", "authority", "purpose", "outcome", "count"),
            ((row.day, row.authority, row.purpose, row.outcome, row.count) for row in found.searches),
            numbers={"count"},
        ),
        make_table(
            ("refused by rule", "count"), ((rule.name, rule.count) for rule in found.ledger.refusals), numbers={"count"}
        ),
        make_table(
            ("kind", "state", "owner", "count"),
            ((row.kind, row.state, row.owner, row.count) for row in found.records),
            numbers={"count"},
        ),
        _make_records("ends soon", found.ending),
        _make_records("disputed", found.disputed),
    )
    lines = (line for table in tables if table.row_count for line in ("", table))
    return Reply(OversightDocument.model_validate(found), make_facts(_list_facts(found)), *lines)


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
        "roles joined": ", ".join(joined.person for joined in found.standing.joined) or "none that are kept apart",
        "two administrators": "yes" if found.standing.two_administrators else "no: what needs two people waits",
    }


def _say_verified(last: Verification | None) -> str:
    if last is None:
        return "never; the worker does it once a day"
    when = last.at.isoformat(timespec="seconds")
    return f"{when}: {last.entries} entries, no fault" if last.fault is None else f"{when}: {last.fault}"


def _make_records(title: str, records: tuple[NamedRecord, ...]) -> Table:
    rows = ((record.number, record.owner, record.kind, record.state, record.last_day) for record in records)
    return make_table((title, "owner", "kind", "state", "last day"), rows)
