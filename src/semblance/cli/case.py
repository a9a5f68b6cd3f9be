"""``semblance case``: open cases, look at them, close them."""

from collections.abc import Iterator
from typing import Any

import click
from rich.table import Table

from semblance.cases.case import CaseDraft, CaseState, Category
from semblance.cli.acting import acting
from semblance.cli.options import Member, reason_option
from semblance.cli.output import Reply, make_facts, make_table, say_minute
from semblance.cli.photo_table import say_notes
from semblance.edge.cases import describe_case_detail
from semblance.node.node import Node
from semblance.terms.permission import Actor, Purpose
from semblance.workflows.cases import cases
from semblance.workflows.cases.cases import CaseDetail


@click.group("case")
def command() -> None:
    """Open cases, look at them, close them; every search belongs to one."""


@command.command("open")
@click.argument("number")
@click.option(
    "--purpose",
    type=Member(Purpose),
    required=True,
    help="What searches in it are for; the policy says which records they may search.",
)
@click.option(
    "--category", type=Member(Category), required=True, help="Which part the person in question plays in the case."
)
@click.option("--aim", required=True, help="What finding the person is for.")
@click.option("--offence", default="", help="What is investigated; a wanted person's case needs it.")
@click.option("--link", default="", help="The report or record that it belongs to; a missing person's case needs it.")
@acting
def open_(node: Node, actor: Actor, **draft: Any) -> Reply:
    """Open a case of your authority under its NUMBER."""
    made = cases.open_case(node, actor, CaseDraft(**draft))
    return Reply(made, f"Opened {made.number}. Search in it: semblance search PHOTO --case {made.number} --reason …")


@command.command("list")
@click.option("--state", type=Member(CaseState), help="Only these.")
@click.option("--after", help="Go on after this case.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="The most cases listed.")
@acting
def list_all(node: Node, actor: Actor, state: CaseState | None, after: str | None, limit: int) -> Reply:
    """List the cases of your authority, the one opened last first."""
    last = None if after is None else cases.find_case_id(node, actor, after)
    page = cases.list_cases(node, actor, state=state, after=last, limit=limit)
    if not page.cases:
        return Reply(page, "There is no such case of your authority. `semblance case open` opens one.")
    rows = (
        (
            found.number or f"(erased) {found.id}",
            found.draft.purpose,
            found.draft.category,
            found.state,
            say_minute(found.opened_at),
            found.opened_by,
            say_minute(found.last_act_at),
        )
        for found in page.cases
    )
    return Reply(
        page,
        make_table(("case", "purpose", "category", "state", "opened (UTC)", "by", "last act (UTC)"), rows),
        None if page.next_after is None else f"More: semblance case list --after {page.next_after}",
    )


@command.command("show")
@click.argument("case")
@acting
def show(node: Node, actor: Actor, case: str) -> Reply:
    """Show a CASE, by its number: its probes, its searches, newest first, and the authorisations of these."""
    detail = cases.read_case(node, actor, cases.find_case_id(node, actor, case))
    return Reply(describe_case_detail(detail, node.suitability), *_make_tables(detail))


@command.command("close")
@click.argument("case")
@reason_option
@acting
def close(node: Node, actor: Actor, case: str, reason: str) -> Reply:
    """Close a CASE: nothing more is handed in or searched in it."""
    closed = cases.close_case(node, actor, cases.find_case_id(node, actor, case), reason=reason)
    return Reply(closed, f"Closed {closed.number}.")


def _make_tables(detail: CaseDetail) -> Iterator[Table]:
    draft = detail.case.draft
    facts = {
        "case": draft.number,
        "state": detail.case.state,
        "purpose": draft.purpose,
        "category": draft.category,
        "aim": draft.aim,
        "offence": draft.offence,
        "link": draft.link,
        "opened": f"{detail.case.opened_at.isoformat(timespec='seconds')} by {detail.case.opened_by}",
    }
    yield make_facts({name: value for name, value in facts.items() if value})
    if detail.probes:
        rows = (
            (probe.id, probe.name, len(probe.faces), say_minute(probe.expires_at), say_notes(probe.facts))
            for probe in detail.probes
        )
        yield make_table(("probe", "name", "faces", "held until (UTC)", "noted"), rows, numbers={"faces"})
    if detail.searches:
        searches = (
            (record.search, say_minute(record.when), record.person, record.outcome, len(record.candidates))
            for record in detail.searches
        )
        yield make_table(("search", "at (UTC)", "by", "outcome", "candidates"), searches, numbers={"candidates"})
    if detail.authorisations:
        authorisations = (
            (asked.id, asked.probe, asked.state, asked.requested_by, asked.decided_by or "-")
            for asked in detail.authorisations
        )
        yield make_table(("authorisation", "probe", "state", "asked by", "decided by"), authorisations)
