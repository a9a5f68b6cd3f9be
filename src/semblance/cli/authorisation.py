"""``semblance authorisation``: who authorises searches, before them or within the time that the policy gives."""

from datetime import datetime

import click

from semblance.cases.case import Authorisation, AuthorisationState
from semblance.cli.acting import acting
from semblance.cli.options import reason_option
from semblance.cli.output import Aside, Reply, make_table
from semblance.edge.cases import AuthorisationListDocument, describe_authorisation, describe_authorisation_refused
from semblance.node.node import Node
from semblance.terms.ids import AuthorisationId, ProbeId
from semblance.terms.permission import Actor
from semblance.workflows.cases import authorise
from semblance.workflows.cases.cases import name_case


@click.group("authorisation")
def command() -> None:
    """Ask for the authorisation of searches, grant it, refuse it."""


@command.command("list")
@click.option("--decided", is_flag=True, help="All, not only those that wait.")
@acting
def list_all(node: Node, actor: Actor, decided: bool) -> Reply:
    """List what waits for an authorisation, the nearest end of a clock first."""
    rows = authorise.list_authorisations(node, actor, state=None if decided else AuthorisationState.WAITING)
    document = AuthorisationListDocument(
        authorisations=tuple(describe_authorisation(row.authorisation, row.case_number) for row in rows)
    )
    if not rows:
        return Reply(document, f"Nothing {'was ever to be authorised' if decided else 'waits for an authorisation'}.")
    now = node.clock()
    columns = "authorisation", "case", "purpose", "probe", "asked by", "state", "time left"
    cells = (
        (asked.id, row.case_number, row.purpose, asked.probe, asked.requested_by, asked.state, _say_left(asked, now))
        for row in rows
        for asked in (row.authorisation,)
    )
    return Reply(document, make_table(columns, cells))


@command.command("request")
@click.argument("probe")
@acting
def request(node: Node, actor: Actor, probe: str) -> Reply:
    """Ask for the authorisation of searches for a PROBE, where the policy wants it before the first."""
    asked = authorise.request_authorisation(node, actor, ProbeId(probe))
    document = describe_authorisation(asked, name_case(node, asked.case))
    return Reply(document, f"Asked as {asked.id} ({asked.state}); another person grants or refuses it.")


@command.command("grant")
@click.argument("authorisation")
@reason_option
@acting
def grant(node: Node, actor: Actor, authorisation: str, reason: str) -> Reply:
    """Authorise the searches for a probe; nobody authorises their own."""
    granted = authorise.grant_authorisation(node, actor, AuthorisationId(authorisation), reason=reason)
    case = name_case(node, granted.case)
    return Reply(describe_authorisation(granted, case), f"Granted: searches for probe {granted.probe} in case {case}.")


@command.command("refuse")
@click.argument("authorisation")
@reason_option
@acting
def refuse(node: Node, actor: Actor, authorisation: str, reason: str) -> Reply:
    """Refuse to authorise: the probe, and the reasons and candidates of its searches, are erased at once."""
    refused = authorise.refuse_authorisation(node, actor, AuthorisationId(authorisation), reason=reason)
    return Reply(
        describe_authorisation_refused(refused, name_case(node, refused.authorisation.case)),
        f"Refused: {refused.erased.message}. Entry {refused.ledger_entry} of the ledger proves it.",
        not refused.files_cleared
        and Aside("Another program was reading the store: old pages of it go when that has ended."),
    )


def _say_left(asked: Authorisation, now: datetime) -> str:
    if asked.state is not AuthorisationState.WAITING:
        return "-"
    if asked.due_at is None:
        return "none runs"
    hours = (asked.due_at - now).total_seconds() / 3600
    return f"{hours:.1f} hours" if hours > 0 else "over"
