"""What one person proposes and another, independent one confirms before it is done; and who is independent of whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from semblance.messages.stored import StoredMessage
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import PersonId, Refusal

LIFE: Final = timedelta(days=7)
"""How long a proposal waits for its second person."""


class ProposalState(StrEnum):
    """What became of a proposal; one that was withdrawn is declined by whoever made it."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act that waits for a second person, or was decided.

    ``act`` and ``values`` say for programs what shall be done, ``what`` says it for people. ``person``, ``name`` and
    ``authority`` are who proposed it. ``half`` is the first half of the password that the act will make, kept until the
    decision; None where it makes none.
    """

    number: int
    act: str
    values: Mapping[str, Any]
    what: StoredMessage
    person: PersonId
    name: str
    authority: AuthorityCode
    reason: str
    made_at: datetime
    lapses_at: datetime
    state: ProposalState = ProposalState.WAITING
    decided_by: str | None = None
    decided_at: datetime | None = None
    half: str | None = None

    def find_state(self, now: datetime) -> ProposalState:
        """Return the state at that moment: a proposal that nobody decided in time has lapsed."""
        waits = self.state is ProposalState.WAITING
        return ProposalState.LAPSED if waits and now >= self.lapses_at else self.state


Hands: TypeAlias = Mapping[PersonId, frozenset[PersonId]]
"""By account: those who alone made it, gave it a role, or let somebody in with it, and so may be its person."""


def trace_hands(person: PersonId, hands: Hands) -> frozenset[PersonId]:
    """Return everybody who may act through the account: its own person, whoever made it, whoever made theirs."""
    found, waiting = {person}, [person]
    while waiting:
        fresh = hands.get(waiting.pop(), frozenset()) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)


def are_independent(one: PersonId, other: PersonId, hands: Hands) -> bool:
    """Return whether nobody alone can be both."""
    return trace_hands(one, hands).isdisjoint(trace_hands(other, hands))


def refuse_second(proposal: Proposal, person: PersonId, name: str, hands: Hands) -> Refusal | None:
    """Return why somebody cannot be the second person of a proposal, or None."""
    if proposal.person == person:
        return Refusal("proposal.same-person", "nobody confirms their own proposal; another person must")
    if not are_independent(proposal.person, person, hands):
        return Refusal(
            "proposal.not-independent",
            "one person alone can act as both {proposer} and {person}, having made or changed their accounts; "
            "somebody else must confirm it",
            proposer=proposal.name,
            person=name,
        )
    return None
