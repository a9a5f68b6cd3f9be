"""Asking the policy, and recording its answer: a refusal at once, a permit in the entry of the act that it allows."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Act, Touched, Verb
from semblance.cases.case import Case
from semblance.cases.check import NOT_OPEN, check_action
from semblance.errors import PolicyError, RefusedByPolicy, UnusableText
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import NODE_KEY, KeyId
from semblance.terms.ids import AuthorityCode, is_id
from semblance.terms.permission import Action, Actor, Permit, Purpose, Refusal
from semblance.terms.record import RecordStanding
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing


@dataclass(frozen=True, slots=True)
class Permitted(Permit):
    """What somebody was allowed to do."""

    actor: Actor
    action: Action


def ask(
    node: Node,
    actor: Actor,
    action: Action,
    *,
    record: RecordStanding | None = None,
    owner: AuthorityCode | None = None,
    case: str | None = None,
    touched: tuple[Touched, ...] = (),
) -> Permitted:
    """Return the permit where the actor may do the action; a refusal is recorded, then raised as RefusedByPolicy.

    ``record`` is what the action touches, ``owner`` the authority of a case or person that it touches instead. Never
    call it inside a writing transaction: the refusal is committed in one of its own.
    """
    if node.store.is_writing:
        raise RuntimeError("ask() inside a writing transaction: a refusal could not be recorded; ask before it")
    answer = check_action(node.policy.read(), actor, action, record=record, owner=owner)
    if isinstance(answer, Refusal):
        raise record_refusal(node, actor, action, answer, case=case, touched=touched)
    return Permitted(answer.rule, actor, action)


def record_refusal(
    node: Node,
    actor: Actor,
    action: Action,
    refusal: Refusal,
    *,
    case: str | None = None,
    purpose: str | None = None,
    touched: tuple[Touched, ...] = (),
) -> RefusedByPolicy:
    """Write a refusal into the ledger, in a transaction of its own, and return the error to raise."""
    with node.store.writing() as tx:
        return log_refusal(tx, actor, action, refusal, at=node.clock(), case=case, purpose=purpose, touched=touched)


def log_refusal(
    tx: Transaction,
    actor: Actor,
    action: Action,
    refusal: Refusal,
    *,
    at: datetime,
    case: str | None = None,
    purpose: str | None = None,
    touched: tuple[Touched, ...] = (),
) -> RefusedByPolicy:
    """Write a refusal into the ledger, and return the error to raise or to tell.

    The node's own key seals what opens it, whatever it touched: that of a record would tell that there is one.
    """
    reason, rule = refusal.message, refusal.rule
    act = Act(Verb.REFUSAL, action.value, actor.name, actor.authority, case, purpose, reason, touched, rule)
    ledger.append(tx, act, at=at, sealed_under=NODE_KEY)
    return RefusedByPolicy(refusal.rule, refusal.message, refusal.field)


def refuse_missing(node: Node, actor: Actor, action: Action, touched: tuple[Touched, ...]) -> None:
    """Record that what was asked for is not held, or is not open to the actor's authority: both alike.

    Whoever answers 404 finds such things by queries that do the same for both, and calls this for both.
    """
    record_refusal(node, actor, action, NOT_OPEN, touched=touched)


def name_touched(kind: str, thing: str) -> tuple[Touched, ...]:
    """Return what somebody named, as a refusal touches it; nothing where the text is no id, which may say anything."""
    return (Touched(kind, thing),) if is_id(thing) else ()


def note_reading(
    node: Node, permit: Permitted, *touched: Touched, reason: Message | str = "", action: str = ""
) -> None:
    """Write into the ledger, in a transaction of its own, that something was read."""
    record_act(node, permit, Verb.CONSULTATION, *touched, action=action, reason=reason)


def record_act(
    node: Node, permit: Permitted, verb: Verb, *touched: Touched, action: str = "", reason: Message | str = ""
) -> int:
    """Write an act that was permitted into the ledger, in a transaction of its own, and return the entry's number."""
    with node.store.writing() as tx:
        return log_act(tx, permit, verb, *touched, at=node.clock(), action=action, reason=reason)


def log_act(
    tx: Transaction,
    permit: Permitted,
    verb: Verb,
    *touched: Touched,
    at: datetime,
    action: str = "",
    case: Case | None = None,
    purpose: Purpose | None = None,
    reason: str | Message = "",
    sealed_under: KeyId | None = None,
) -> int:
    """Write an act that was permitted into the ledger, and return the entry's number."""
    act = describe_act(permit, verb, *touched, action=action, case=case, purpose=purpose, reason=reason)
    return ledger.append(tx, act, at=at, sealed_under=sealed_under)


def describe_act(
    permit: Permitted,
    verb: Verb,
    *touched: Touched,
    action: str = "",
    case: Case | None = None,
    purpose: Purpose | None = None,
    reason: str | Message = "",
) -> Act:
    """Return what the ledger is told of an act that was permitted.

    ``action`` is what was done where that has a name of its own, ``case`` the one in which it was done, with its
    purpose; ``purpose`` that of an act in no case.
    """
    number, purpose = (case.number or None, case.draft.purpose) if case else (None, purpose)
    what, why = str(action or permit.action), None if purpose is None else purpose.value
    return Act(verb, what, permit.actor.name, permit.actor.authority, number, why, reason, touched, permit.rule)


def require_reason(reason: str, missing: Message) -> None:
    """Raise PolicyError with the message where no reason is given, UnusableText where it cannot be kept."""
    fault = find_text_fault(reason, cap=REASON_LENGTH_CAP, breaks=True)
    if fault is not None:
        raise UnusableText("permission.reason-write-anew", "The reason {fault}; write it anew.", fault=fault)
    if says_nothing(reason):
        raise PolicyError(missing)
