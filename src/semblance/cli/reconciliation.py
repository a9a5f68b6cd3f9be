"""``semblance reconciliation``: missing persons beside who was found."""

import click

from semblance.cases.reconciliation.pair import Evidence
from semblance.cli.acting import acting
from semblance.cli.options import Member
from semblance.cli.output import Reply, make_facts, make_table, say_minute
from semblance.edge.reconciliation import PairListDocument, describe_pair, describe_pair_detail
from semblance.node.node import Node
from semblance.terms.ids import PairId
from semblance.terms.permission import Actor
from semblance.workflows.reconciliation.judge_pair import conclude_pair
from semblance.workflows.reconciliation.read_pair import list_waiting, read_pair


@click.group("reconciliation")
def command() -> None:
    """Look at pairs of missing persons and who was found, and record outcomes."""


@command.command("list")
@acting
def list_all(node: Node, actor: Actor) -> Reply:
    """List the pairs that wait for you, the oldest first; faces are judged on the pages."""
    waiting = list_waiting(node, actor)
    document = PairListDocument(pairs=tuple(map(describe_pair, waiting)))
    if not waiting:
        return Reply(document, "No pair waits for you.")
    rows = (
        (
            pair.id,
            pair.missing_owner,
            pair.found_owner,
            say_minute(pair.offered_at),
            "an opinion on the faces" if pair.is_open else "an outcome",
        )
        for pair in waiting
    )
    return Reply(document, make_table(("pair", "missing person of", "found, of", "offered", "waits for"), rows))


@command.command("show")
@click.argument("pair")
@acting
def show(node: Node, actor: Actor, pair: str) -> Reply:
    """Show one pair; what else agrees or excludes only after your own opinion on the faces."""
    found = read_pair(node, actor, PairId(pair))
    document = describe_pair_detail(found)
    facts: dict[str, object] = {
        "missing person of": found.pair.missing_owner,
        "found, of": found.pair.found_owner,
        "faces": "wait for opinions" if document.pair.open else document.pair.state,
        "outcome": document.pair.evidence,
        "decided by": found.pair.decided_by,
        "reason": found.reason,
    }
    table = make_facts({name: value for name, value in facts.items() if value not in ("", None)})
    rows = [(line.field, line.verdict, str(line.why)) for line in found.fields]
    return Reply(document, table, make_table(("field", "says", "why"), rows) if rows else None)


@command.command("conclude")
@click.argument("pair")
@click.option(
    "--evidence", type=Member(Evidence), required=True, help="What it rests on; none: the two are not reconciled."
)
@click.option("--reason", required=True, help="Which evidence it is, and who gave it.")
@acting
def conclude(node: Node, actor: Actor, pair: str, evidence: Evidence, reason: str) -> Reply:
    """Record the outcome of a pair whose faces were judged; it cannot be changed."""
    decided = conclude_pair(node, actor, PairId(pair), evidence, reason=reason)
    words = "Recorded: not reconciled." if evidence is Evidence.NONE else f"Recorded: reconciled by {evidence}."
    return Reply(describe_pair(decided), words)
