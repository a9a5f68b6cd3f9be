"""Asking the policy, and recording its answer: a refusal at once, a permit in the entry of the act that it allows."""

from typing import NoReturn

from semblance.audit.act import Act, Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import PolicyError, RecordInvalid, RefusedByPolicy, UnusableText
from semblance.gallery.record_faults import Fault
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.permission import Permit, Refusal
from semblance.terms.record import RecordStanding
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault, says_nothing


def ask(
    node: Node,
    actor: Actor,
    action: Action,
    *,
    record: RecordStanding | None = None,
    owner: AuthorityCode | None = None,
    case: str | None = None,
    touched: tuple[Touched, ...] = (),
) -> Permit:
    """Return the permit where the actor may do the action; a refusal is recorded, then raised as RefusedByPolicy.

    ``record`` is what the action touches, ``owner`` the authority of a case or person that it touches instead. Never
    call it inside a writing transaction: the refusal is committed in one of its own.
    """
    if node.store.is_writing:
        raise RuntimeError("ask() inside a writing transaction: a refusal could not be recorded; ask before it")
    answer = check_action(node.policy.read(), actor, action, record=record, owner=owner)
    if isinstance(answer, Refusal):
        refuse(node, actor, action, answer, case=case, touched=touched)
    return answer


def refuse(
    node: Node,
    actor: Actor,
    action: Action,
    refusal: Refusal,
    *,
    case: str | None = None,
    purpose: str | None = None,
    touched: tuple[Touched, ...] = (),
) -> NoReturn:
    """Record a refusal and raise it as RefusedByPolicy."""
    record_refusal(node, actor, action, refusal, case=case, purpose=purpose, touched=touched)
    raise RefusedByPolicy(refusal.rule, refusal.message, refusal.field)


def record_refusal(
    node: Node,
    actor: Actor,
    action: Action,
    refusal: Refusal,
    *,
    case: str | None = None,
    purpose: str | None = None,
    touched: tuple[Touched, ...] = (),
) -> None:
    """Write a refusal into the ledger, in a transaction of its own."""
    act = Act(
        verb=Verb.REFUSAL,
        action=action.value,
        person=actor.name,
        authority=actor.authority,
        case=case,
        purpose=purpose,
        reason=refusal.message,
        touched=touched,
        rule=refusal.rule,
    )
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())


def note_list(node: Node, actor: Actor, permit: Permit, reason: Message, touched: tuple[Touched, ...]) -> None:
    """Write into the ledger that a page of a list of cases, or of what is in them, was read."""
    act = describe_act(actor, permit, Verb.CONSULTATION, Action.CASE_READ, reason=reason, touched=touched)
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())


def describe_act(
    actor: Actor,
    permit: Permit,
    verb: Verb,
    action: Action | str,
    *,
    case: str | None = None,
    purpose: str | None = None,
    reason: str | Message = "",
    touched: tuple[Touched, ...] = (),
) -> Act:
    """Return what the ledger is told of an act that was permitted."""
    return Act(verb, str(action), actor.name, actor.authority, case, purpose, reason, touched, permit.rule)


def require_reason(reason: str, missing: Message) -> None:
    """Raise PolicyError with the message where no reason is given, UnusableText where it cannot be kept."""
    fault = find_text_fault(reason, cap=REASON_LENGTH_CAP, breaks=True)
    if fault is not None:
        raise UnusableText("permission.reason-write-anew", "The reason {fault}; write it anew.", fault=fault)
    if says_nothing(reason):
        raise PolicyError(missing)


def require_sound(faults: tuple[Fault, ...]) -> None:
    """Raise RecordInvalid with every fault, unless there is none."""
    if faults:
        problems = [fault.message for fault in faults]
        raise RecordInvalid(
            "records.faulty", "The record cannot be taken: {problems:;}. Nothing was changed.", problems=problems
        )
