"""``semblance authorisation``: who authorises searches, before them or within the time that the policy gives."""

from datetime import datetime
from pathlib import Path

import click

from semblance.cases.case import Authorisation, AuthorisationState
from semblance.cli.acting import run_as
from semblance.cli.options import home_option, json_option, reason_option
from semblance.cli.output import make_table, open_console, print_document, say
from semblance.edge.cases import AuthorisationListDocument, describe_authorisation, describe_authorisation_refused
from semblance.node.node import Node
from semblance.terms.ids import AuthorisationId, ProbeId
from semblance.terms.permission import Actor
from semblance.workflows.cases import authorise
from semblance.workflows.cases.cases import read_case


@click.group("authorisation")
def command() -> None:
    """Ask for the authorisation of searches, grant it, refuse it."""


@command.command("list")
@click.option("--decided", is_flag=True, help="All, not only those that wait.")
@home_option
@json_option
def list_all(decided: bool, home: Path, as_json: bool) -> None:
    """List what waits for an authorisation, the nearest end of a clock first."""
    state = None if decided else AuthorisationState.WAITING
    with run_as(home) as (node, actor):
        rows = authorise.list_authorisations(node, actor, state=state)
        now = node.clock()
    if as_json:
        documents = tuple(describe_authorisation(row.authorisation, row.case_number) for row in rows)
        print_document(AuthorisationListDocument(authorisations=documents))
        return
    if not rows:
        say("Nothing was ever to be authorised." if decided else "Nothing waits for an authorisation.")
        return
    table = make_table("authorisation", "case", "purpose", "probe", "asked by", "state", "time left")
    for row in rows:
        asked = row.authorisation
        table.add_row(
            asked.id,
            row.case_number,
            row.purpose,
            asked.probe,
            asked.requested_by,
            asked.state.value,
            _say_left(asked, now),
        )
    open_console().print(table)


@command.command("request")
@click.argument("probe")
@home_option
@json_option
def request(probe: str, home: Path, as_json: bool) -> None:
    """Ask for the authorisation of searches for a PROBE, where the policy wants it before the first."""
    with run_as(home) as (node, actor):
        asked = authorise.request_authorisation(node, actor, ProbeId(probe))
        case = _find_number(node, actor, asked)
    if as_json:
        print_document(describe_authorisation(asked, case))
        return
    say(f"Asked as {asked.id} ({asked.state.value}); another person grants or refuses it.")


@command.command("grant")
@click.argument("authorisation")
@reason_option
@home_option
@json_option
def grant(authorisation: str, reason: str, home: Path, as_json: bool) -> None:
    """Authorise the searches for a probe; nobody authorises their own."""
    with run_as(home) as (node, actor):
        granted = authorise.grant_authorisation(node, actor, AuthorisationId(authorisation), reason=reason)
        case = _find_number(node, actor, granted)
    if as_json:
        print_document(describe_authorisation(granted, case))
        return
    say(f"Granted: searches for probe {granted.probe} in case {case}.")


@command.command("refuse")
@click.argument("authorisation")
@reason_option
@home_option
@json_option
def refuse(authorisation: str, reason: str, home: Path, as_json: bool) -> None:
    """Refuse to authorise: the probe, and the reasons and candidates of its searches, are erased at once."""
    with run_as(home) as (node, actor):
        refused = authorise.refuse_authorisation(node, actor, AuthorisationId(authorisation), reason=reason)
        case = _find_number(node, actor, refused.authorisation)
    if as_json:
        print_document(describe_authorisation_refused(refused, case))
        return
    say(f"Refused: {refused.erased.message}. Entry {refused.ledger_entry} of the ledger proves it.")
    if not refused.files_cleared:
        say("Another program was reading the store: old pages of it go when that has ended.", err=True)


def _find_number(node: Node, actor: Actor, asked: Authorisation) -> str:
    return read_case(node, actor, asked.case).case.number


def _say_left(asked: Authorisation, now: datetime) -> str:
    if asked.state is not AuthorisationState.WAITING:
        return "-"
    if asked.due_at is None:
        return "none runs"
    hours = (asked.due_at - now).total_seconds() / 3600
    return f"{hours:.1f} hours" if hours > 0 else "over"
