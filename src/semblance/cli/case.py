"""``semblance case``: open cases, look at them, close them."""

from pathlib import Path

import click

from semblance.cases.case import CaseDraft, CaseState, Category
from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option, reason_option
from semblance.cli.output import make_facts, make_table, open_console, print_document, say
from semblance.edge.cases import describe_case_detail
from semblance.terms.permission import Purpose
from semblance.workflows.cases import cases
from semblance.workflows.cases.cases import CaseDetail


@click.group("case")
def command() -> None:
    """Open cases, look at them, close them; every search belongs to one."""


@command.command("open")
@click.argument("number")
@click.option(
    "--purpose",
    type=click.Choice([purpose.value for purpose in Purpose]),
    required=True,
    help="What searches in it are for; the policy says which records they may search.",
)
@click.option(
    "--category",
    type=click.Choice([category.value for category in Category]),
    required=True,
    help="Which part the person in question plays in the case.",
)
@click.option("--aim", required=True, help="What finding the person is for.")
@click.option("--offence", default="", help="What is investigated; a wanted person's case needs it.")
@click.option("--link", default="", help="The report or record that it belongs to; a missing person's case needs it.")
@home_option
@json_option
def open_(
    number: str, purpose: str, category: str, aim: str, offence: str, link: str, home: Path, as_json: bool
) -> None:
    """Open a case of your authority under its NUMBER."""
    draft = CaseDraft(number, Purpose(purpose), Category(category), aim, offence, link)
    with run_as(home) as (node, actor):
        made = cases.open_case(node, actor, draft)
    if as_json:
        print_document(made)
        return
    say(f"Opened {made.number}. Search in it: semblance search PHOTO --case {made.number} --reason …")


@command.command("list")
@click.option("--state", type=click.Choice([state.value for state in CaseState]), default=None, help="Only these.")
@click.option("--after", default=None, help="Go on after this case.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="The most cases listed.")
@home_option
@json_option
def list_all(state: str | None, after: str | None, limit: int, home: Path, as_json: bool) -> None:
    """List the cases of your authority, the one opened last first."""
    wanted = None if state is None else CaseState(state)
    with run_as(home) as (node, actor):
        last = None if after is None else cases.find_case_id(node, actor, after)
        page = cases.list_cases(node, actor, state=wanted, after=last, limit=limit)
    if as_json:
        print_document(page)
        return
    if not page.cases:
        say("There is no such case of your authority. `semblance case open` opens one.")
        return
    table = make_table("case", "purpose", "category", "state", "opened (UTC)", "by", "last act (UTC)")
    for found in page.cases:
        table.add_row(
            found.number or f"(erased) {found.id}",
            found.draft.purpose.value,
            found.draft.category.value,
            found.state.value,
            found.opened_at.isoformat(sep=" ", timespec="minutes")[:16],
            found.opened_by,
            found.last_act_at.isoformat(sep=" ", timespec="minutes")[:16],
        )
    open_console().print(table)
    if page.next_after is not None:
        say(f"More: semblance case list --after {page.next_after}")


@command.command("show")
@click.argument("case")
@home_option
@json_option
def show(case: str, home: Path, as_json: bool) -> None:
    """Show a CASE, by its number: its probes, its searches, newest first, and the authorisations of these."""
    with run_as(home) as (node, actor):
        detail = cases.read_case(node, actor, cases.find_case_id(node, actor, case))
        line = node.suitability
    if as_json:
        print_document(describe_case_detail(detail, line))
        return
    _print_detail(detail)


@command.command("close")
@click.argument("case")
@reason_option
@home_option
@json_option
def close(case: str, reason: str, home: Path, as_json: bool) -> None:
    """Close a CASE: nothing more is handed in or searched in it."""
    with run_as(home) as (node, actor):
        closed = cases.close_case(node, actor, cases.find_case_id(node, actor, case), reason=reason)
    if as_json:
        print_document(closed)
        return
    say(f"Closed {closed.number}.")


def _print_detail(detail: CaseDetail) -> None:
    console, draft = open_console(), detail.case.draft
    facts = {
        "case": draft.number,
        "state": detail.case.state.value,
        "purpose": draft.purpose.value,
        "category": draft.category.value,
        "aim": draft.aim,
        "offence": draft.offence,
        "link": draft.link,
        "opened": f"{detail.case.opened_at.isoformat(timespec='seconds')} by {detail.case.opened_by}",
    }
    console.print(make_facts({name: value for name, value in facts.items() if value}))
    if detail.probes:
        table = make_table("probe", "name", "faces", "held until (UTC)", numbers=frozenset({"faces"}))
        for probe in detail.probes:
            until = probe.expires_at.isoformat(sep=" ", timespec="minutes")[:16]
            table.add_row(probe.id, probe.name, str(len(probe.faces)), until)
        console.print(table)
    if detail.searches:
        table = make_table("search", "at (UTC)", "by", "outcome", "candidates", numbers=frozenset({"candidates"}))
        for record in detail.searches:
            at = record.when.isoformat(sep=" ", timespec="minutes")[:16]
            table.add_row(record.search, at, record.person, record.outcome.value, str(len(record.candidates)))
        console.print(table)
    if detail.authorisations:
        table = make_table("authorisation", "probe", "state", "asked by", "decided by")
        for asked in detail.authorisations:
            table.add_row(asked.id, asked.probe, asked.state.value, asked.requested_by, asked.decided_by or "-")
        console.print(table)
