"""Acts that two people do together: one proposes, another, independent one confirms, and then it is done.

What gives somebody power, or a way in, needs two; what takes it away needs one. Each step is one transaction with its
entry in the ledger. Rooms declare their acts as kinds of ``JointAct``; ``oversight.proposals`` knows them all.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Final

from pydantic import TypeAdapter

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message, quote_text
from semblance.node.node import Node
from semblance.people.passwords import hash_password, join_halves, make_half
from semblance.people.person import find_roles_in_force
from semblance.people.proposal import LIFE, Proposal, ProposalState, refuse_second
from semblance.store import people, proposals
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Actor, Means, Permit, Refusal
from semblance.workflows.permission import Permitted, ask, log_act, record_refusal, require_reason

_BY_TOKEN: Final = Refusal("proposal.by-token", "a token confirms nothing; sign in with the password to confirm it")


@dataclass(frozen=True, slots=True)
class Affected:
    """What an act is done to, as far as it is there: whose it is, and what the ledger is told."""

    owner: AuthorityCode | None = None
    touched: tuple[Touched, ...] = ()


@dataclass(frozen=True, slots=True)
class Doing:
    """What an act is checked and done with; ``password`` is the hash of that which a keyed act makes."""

    node: Node
    tx: Transaction
    password: str | None = None


class JointAct(ABC):
    """An act that two people do together; a kind of it is a frozen dataclass of plain values.

    ``kind`` is stable for programs. Both people must be allowed to do ``action``. An act that is ``keyed`` makes a
    password, of which each of the two is shown one half: neither can sign in with it.
    """

    kind: ClassVar[str]
    action: ClassVar[Action]
    verb: ClassVar[Verb] = Verb.ALTERATION
    entry: ClassVar[str] = ""
    """What the ledger calls it, where that is not what permits it."""

    @property
    def keyed(self) -> bool:
        return False

    @abstractmethod
    def describe(self) -> Message:
        """Return what shall be done, in words that begin small and have no end."""

    def find_affected(self, _tx: Transaction) -> Affected:
        """Return what the act is done to; what is not there is left out."""
        return Affected()

    def refuse(self, _doing: Doing) -> Refusal | None:
        """Return the rule that forbids the act, or None."""
        return None

    @abstractmethod
    def check(self, doing: Doing) -> None:
        """Raise why the act cannot be done now; nothing is changed."""

    @abstractmethod
    def perform(self, doing: Doing) -> None:
        """Do it in the transaction in hand."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A proposal after a step, and the half of a password that whoever took the step is shown this once, or None."""

    proposal: Proposal
    half: str | None = None


def propose(node: Node, actor: Actor, act: JointAct, *, reason: str) -> Stepped:
    """Propose an act to a second person; it lapses after a week.

    Raises what keeps the act from being done, Conflict where the same waits already.
    """
    with node.store.reading() as tx:
        affected = act.find_affected(tx)
    permit = ask(node, actor, act.action, owner=affected.owner, touched=affected.touched)
    require_reason(reason, Message("proposal.unexplained", "Say why: the second person and the ledger are told."))
    _refuse(node, actor, act, affected.touched)
    now, half = node.clock(), make_half() if act.keyed else None
    with node.store.writing() as tx:
        act.check(Doing(node, tx))
        values = _adapt(type(act)).dump_python(act, mode="json")
        for waiting in proposals.list_waiting(tx, now=now):
            if (waiting.act, waiting.values) == (act.kind, values):
                raise Conflict(
                    "proposal.waits-already",
                    "The same was proposed already, as number {n}; it waits for a second person.",
                    n=waiting.number,
                )
        who = (actor.person, actor.name, actor.authority)
        draft = Proposal(0, act.kind, values, act.describe(), *who, reason, now, now + LIFE, half=half)
        made = proposals.add_proposal(tx, draft)
        touched = (touch_proposal(made), *affected.touched)
        log_act(tx, permit, Verb.COLLECTION, *touched, at=now, action="proposal.make", reason=reason)
    return Stepped(made, half)


def confirm(node: Node, actor: Actor, number: int, kinds: Mapping[str, type[JointAct]]) -> Stepped:
    """Do what somebody else proposed; ``kinds`` are the acts by their stable names.

    Raises NotFound, Conflict where it was decided or has lapsed, and what keeps the act from being done by now.
    """
    found, act, permit, touched = _ask_about(node, actor, number, kinds)
    with node.store.reading() as tx:
        refusal = refuse_second(found, actor.person, actor.name, proposals.read_hands(tx, (found.person, actor.person)))
    if actor.means is not Means.SESSION:
        refusal = _BY_TOKEN
    if refusal is not None:
        raise record_refusal(node, actor, act.action, refusal, touched=touched)
    _refuse(node, actor, act, touched)
    half = None if found.half is None else make_half()
    hashed = None if found.half is None or half is None else hash_password(join_halves(found.half, half))
    now = node.clock()
    with node.store.writing() as tx:
        waiting = _require_waiting(node, tx, number)
        _require_proposer(node, tx, waiting, act)
        doing = Doing(node, tx, hashed)
        act.check(doing)
        act.perform(doing)
        # somebody who was added is there only now
        touched = (touch_proposal(waiting), *act.find_affected(tx).touched)
        done = _decide(node, tx, waiting, ProposalState.CONFIRMED, actor)
        why = Message(
            "proposal.confirmed",
            "proposed by {person} as number {n}: {reason}",
            person=waiting.name,
            n=number,
            reason=quote_text(waiting.reason),
        )
        log_act(tx, permit, act.verb, *touched, at=now, action=act.entry, reason=why)
    return Stepped(done, half)


def decline(node: Node, actor: Actor, number: int, kinds: Mapping[str, type[JointAct]], *, reason: str) -> Stepped:
    """Let a proposal not be done: somebody else's, or one's own. Raises NotFound, Conflict where it was decided."""
    _found, _act, permit, touched = _ask_about(node, actor, number, kinds)
    require_reason(reason, Message("proposal.decline-unexplained", "Say why it shall not be done."))
    with node.store.writing() as tx:
        declined = _decide(node, tx, _require_waiting(node, tx, number), ProposalState.DECLINED, actor)
        log_act(tx, permit, Verb.ALTERATION, *touched, at=node.clock(), action="proposal.decline", reason=reason)
    return Stepped(declined)


def touch_proposal(made: Proposal) -> Touched:
    """Return a proposal as the ledger is told of it."""
    return Touched("proposal", str(made.number))


def _ask_about(
    node: Node, actor: Actor, number: int, kinds: Mapping[str, type[JointAct]]
) -> tuple[Proposal, JointAct, Permitted, tuple[Touched, ...]]:
    with node.store.reading() as tx:
        found = proposals.find_proposal(tx, number)
        act = None if found is None else _read_act(found, kinds)
        affected = Affected() if act is None else act.find_affected(tx)
    if found is None or act is None:
        ask(node, actor, Action.PERSON_READ)
        raise _missing(number)
    touched = (touch_proposal(found), *affected.touched)
    return found, act, ask(node, actor, act.action, owner=affected.owner, touched=touched), touched


def _refuse(node: Node, actor: Actor, act: JointAct, touched: tuple[Touched, ...]) -> None:
    with node.store.reading() as tx:
        refusal = act.refuse(Doing(node, tx))
    if refusal is not None:
        raise record_refusal(node, actor, act.action, refusal, touched=touched)


def _require_waiting(node: Node, tx: Transaction, number: int) -> Proposal:
    found = proposals.find_proposal(tx, number)
    if found is None:
        raise _missing(number)
    state = found.find_state(node.clock())
    if state is not ProposalState.WAITING:
        raise Conflict("proposal.over", "Proposal {n} does not wait any more: it was {state}.", n=number, state=state)
    return found


def _require_proposer(node: Node, tx: Transaction, waiting: Proposal, act: JointAct) -> None:
    """Raise Conflict where whoever proposed it could not do so any more."""
    person = people.find_person(tx, waiting.person)
    if person is not None and person.may_sign_in:
        roles = find_roles_in_force(person, node.clock().date(), node.role_rules)
        admitted = person.authority.admitted
        proposer = Actor(person.id, person.name, person.authority.code, roles, admitted=admitted)
        owner = act.find_affected(tx).owner
        if isinstance(check_action(node.policy.read(), proposer, act.action, owner=owner), Permit):
            return
    raise Conflict(
        "proposal.proposer-gone",
        "{person}, who proposed this, may not do so any more. Decline it, and propose it anew.",
        person=waiting.name,
    )


def _decide(node: Node, tx: Transaction, waiting: Proposal, state: ProposalState, actor: Actor) -> Proposal:
    decided = replace(waiting, state=state, decided_by=actor.name, decided_at=node.clock(), half=None)
    proposals.change_proposal(tx, decided)
    return decided


def _read_act(found: Proposal, kinds: Mapping[str, type[JointAct]]) -> JointAct | None:
    kind = kinds.get(found.act)
    if kind is None:
        return None
    act: JointAct = _adapt(kind).validate_python(found.values)
    return act


@cache
def _adapt(kind: type[JointAct]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _missing(number: int) -> NotFound:
    return NotFound(
        "proposal.missing", "There is no proposal {n}; `semblance proposal list` shows those that wait.", n=number
    )
