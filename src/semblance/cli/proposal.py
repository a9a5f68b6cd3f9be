"""``semblance proposal``: what waits for a second person: look at it, confirm it, decline it."""

import click

from semblance.cli.acting import acting
from semblance.cli.options import reason_option
from semblance.cli.output import Reply, make_table, say, say_minute
from semblance.edge.people import describe_proposal, describe_proposals
from semblance.node.node import Node
from semblance.people.proposal import Proposal, ProposalState
from semblance.terms.permission import Actor
from semblance.workflows.clock_check import list_doubts
from semblance.workflows.oversight import proposals
from semblance.workflows.oversight.believe_clock import BelieveClock
from semblance.workflows.two_people import Stepped, propose


@click.group("proposal")
def command() -> None:
    """Look at what waits for a second person, confirm it, decline it."""


@command.command("list")
@click.option("--decided", is_flag=True, help="The newest, whatever became of them.")
@acting
def list_all(node: Node, actor: Actor, decided: bool) -> Reply:
    """List what waits for a second person."""
    found, now = proposals.list_proposals(node, actor, decided=decided), node.clock()
    rows = (
        (
            proposal.number,
            str(proposal.what),
            f"{proposal.name} of {proposal.authority}",
            proposal.reason,
            _say_state(proposal, proposal.find_state(now)),
        )
        for proposal in found
    )
    table = make_table(("number", "what", "proposed by", "reason", "state"), rows, numbers={"number"})
    return Reply(describe_proposals(found, now), table if found else "Nothing waits for a second person.")


@command.command("believe-clock")
@reason_option
@acting
def believe_clock(node: Node, actor: Actor, reason: str) -> Reply:
    """Propose to go on ending and erasing what falls due by a clock that the node doubts; a second person confirms."""
    for doubt in list_doubts(node):
        say(f"{doubt}.")
    return reply_proposed(node, propose(node, actor, BelieveClock(), reason=reason))


@command.command("confirm")
@click.argument("number", type=click.IntRange(1))
@acting
def confirm(node: Node, actor: Actor, number: int) -> Reply:
    """Do what somebody else proposed, as the second person."""
    done = proposals.confirm_proposal(node, actor, number)
    return Reply(
        describe_proposal(done.proposal, node.clock(), done.half),
        f"Done: {done.proposal.what}.",
        _say_half("second", done.half),
    )


@command.command("decline")
@click.argument("number", type=click.IntRange(1))
@reason_option
@acting
def decline(node: Node, actor: Actor, number: int, reason: str) -> Reply:
    """Let a proposal not be done: somebody else's, or your own."""
    done = proposals.decline_proposal(node, actor, number, reason=reason)
    return Reply(describe_proposal(done.proposal, node.clock()), f"Declined: {done.proposal.what}.")


def reply_proposed(node: Node, made: Stepped) -> Reply:
    """Return what a command says that proposed something."""
    proposal = made.proposal
    return Reply(
        describe_proposal(proposal, node.clock(), made.half),
        f"Proposed: {proposal.what}.",
        f"It waits until {say_minute(proposal.lapses_at)} for a second person: semblance proposal confirm "
        f"{proposal.number}",
        _say_half("first", made.half),
    )


def _say_half(which: str, half: str | None) -> str | None:
    if half is None:
        return None
    return f"The {which} half of the password, shown this once: {half} (the owner types both, a hyphen between them)"


def _say_state(proposal: Proposal, state: ProposalState) -> str:
    if state is ProposalState.WAITING:
        return f"waiting until {say_minute(proposal.lapses_at)}"
    return state if proposal.decided_by is None else f"{state} by {proposal.decided_by}"
