"""What waits for a second person: looking at it, confirming it, declining it."""

from types import MappingProxyType
from typing import Final

from semblance.audit.entry import Verb
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.proposal import Proposal
from semblance.store import proposals
from semblance.terms.permission import Action, Actor
from semblance.workflows import two_people
from semblance.workflows.accounts.joint_acts import ACCOUNT_ACTS
from semblance.workflows.oversight.believe_clock import BelieveClock
from semblance.workflows.permission import ask, log_act
from semblance.workflows.two_people import JointAct, Stepped, touch_proposal

KINDS: Final = MappingProxyType[str, type[JointAct]]({kind.kind: kind for kind in (*ACCOUNT_ACTS, BelieveClock)})
"""Every act that two people do together, by its stable name."""

_LISTED: Final = 200


def list_proposals(node: Node, actor: Actor, *, decided: bool = False) -> tuple[Proposal, ...]:
    """Return what waits for a second person, or with ``decided`` the newest proposals whatever became of them.

    The list is an entry in the ledger.
    """
    permit = ask(node, actor, Action.PERSON_READ)
    now = node.clock()
    with node.store.writing() as tx:
        found = proposals.list_newest(tx, limit=_LISTED) if decided else proposals.list_waiting(tx, now=now)
        reason = Message("proposal.list", "a list of proposals")
        log_act(tx, permit, Verb.CONSULTATION, *map(touch_proposal, found), at=now, reason=reason)
    return found


def confirm_proposal(node: Node, actor: Actor, number: int) -> Stepped:
    """Do what somebody else proposed, as the second person."""
    return two_people.confirm(node, actor, number, KINDS)


def decline_proposal(node: Node, actor: Actor, number: int, *, reason: str) -> Stepped:
    """Let a proposal not be done: somebody else's, or one's own."""
    return two_people.decline(node, actor, number, KINDS, reason=reason)
