"""``semblance standing``: an unknown of an open case, compared each night with what was enrolled since."""

from datetime import date

import click

from semblance.cases.standing_search import StandingSearch
from semblance.cli.acting import acting
from semblance.cli.options import DAY, reason_option
from semblance.cli.output import Reply, make_table
from semblance.edge.standing import StandingListDocument, describe_decided, describe_standing, describe_standing_detail
from semblance.node.node import Node
from semblance.terms.ids import PreparationId, ProbeId, StandingSearchId
from semblance.terms.permission import Actor
from semblance.workflows.cases.cases import name_case
from semblance.workflows.standing import decide_standing
from semblance.workflows.standing.ask_standing import StandingDraft, ask_for_standing
from semblance.workflows.standing.list_standing import list_standing, read_standing


@click.group("standing")
def command() -> None:
    """Compare an unknown each night with what was enrolled since; what is found is examined, and is no alarm."""


@command.command("list")
@acting
def list_all(node: Node, actor: Actor) -> Reply:
    """List your authority's standing searches, those that are open first, and why one does not run."""
    rows = list_standing(node, actor)
    document = StandingListDocument(standing=tuple(map(describe_standing, rows)))
    if not rows:
        return Reply(document, "There is no standing search.")
    columns = ("standing search", "case", "state", "until", "runs", "comparisons", "nights found", "cut", "remark")
    cells = (
        (
            *(row.standing.id, row.case_number, row.standing.state, row.standing.last_day, row.standing.cost.runs),
            *(row.standing.cost.comparisons, row.standing.cost.found, row.standing.cost.cut),
            row.hindered or row.end or "-",
        )
        for row in rows
    )
    return Reply(document, make_table(columns, cells))


@command.command("show")
@click.argument("standing")
@acting
def show(node: Node, actor: Actor, standing: str) -> Reply:
    """Show a STANDING search, and the searches in which it found somebody."""
    detail = read_standing(node, actor, StandingSearchId(standing))
    found = ", ".join(record.search for record in detail.found) or "none"
    held = detail.row.standing
    said = f"Case {detail.row.case_number}, {held.state}, until {held.last_day}: {held.reason}"
    return Reply(describe_standing_detail(detail), said, f"Searches in which it found somebody: {found}.")


@command.command("ask")
@click.argument("probe")
@click.option("--face", type=click.IntRange(0), help="Which face; needed where the probe shows several.")
@click.option("--prepared", help="A prepared version of the probe, in which the face counts.")
@click.option("--until", "last_day", type=DAY, required=True, help="The last day on which it may run.")
@reason_option
@acting
def ask(
    node: Node, actor: Actor, probe: str, face: int | None, prepared: str | None, last_day: date, reason: str
) -> Reply:
    """Ask for a standing search for a face of a PROBE; another person authorises it."""
    version = None if prepared is None else PreparationId(prepared)
    made = ask_for_standing(node, actor, StandingDraft(ProbeId(probe), reason, last_day, face, version))
    return _reply(node, made, f"Asked as {made.id}; another person grants or refuses it.")


@command.command("grant")
@click.argument("standing")
@reason_option
@acting
def grant(node: Node, actor: Actor, standing: str, reason: str) -> Reply:
    """Authorise a STANDING search; nobody authorises their own."""
    granted = decide_standing.grant_standing(node, actor, StandingSearchId(standing), reason=reason)
    return _reply(node, granted, f"Granted: it runs each night until {granted.last_day}.")


@command.command("refuse")
@click.argument("standing")
@reason_option
@acting
def refuse(node: Node, actor: Actor, standing: str, reason: str) -> Reply:
    """Refuse to authorise a STANDING search, or withdraw the authorisation of one that runs."""
    ended = decide_standing.refuse_standing(node, actor, StandingSearchId(standing), reason=reason)
    return _reply(node, ended, f"Ended: {ended.why_ended}. What it found before stays to be examined.")


@command.command("stop")
@click.argument("standing")
@reason_option
@acting
def stop(node: Node, actor: Actor, standing: str, reason: str) -> Reply:
    """Stop a STANDING search."""
    ended = decide_standing.stop_standing(node, actor, StandingSearchId(standing), reason=reason)
    return _reply(node, ended, "Stopped. What it found before stays to be examined.")


def _reply(node: Node, standing: StandingSearch, said: str) -> Reply:
    return Reply(describe_decided(standing, name_case(node, standing.case)), said)
