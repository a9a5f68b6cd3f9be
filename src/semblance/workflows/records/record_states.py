"""Move a record from one state to another: publish, withdraw, dispute, decide, extend. Each move is a new version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from semblance.audit.act import Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import RefusedByPolicy
from semblance.gallery.record import Dispute, Record, RecordVersion
from semblance.gallery.record_faults import find_draft_faults, find_last_day_fault, require_no_faults
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, records
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Refusal
from semblance.terms.record import RecordState
from semblance.workflows.permission import describe_act, refuse, require_reason
from semblance.workflows.records.record_intake import NOT_NEUTRAL, answer_question, cap_retention
from semblance.workflows.records.require_record import ask_for_record, require_held


def publish_record(node: Node, actor: Actor, subject: SubjectId, *, neutral: bool, reason: str) -> Record:
    """Make a draft active, so that it can be a candidate, after the publish-time question was answered with yes.

    ``neutral``: it is not political, military, religious or racial in character. The answer and who gave it are kept
    either way; with no the record stays a draft, and the refusal is recorded. Raises RecordInvalid where a draft lacks
    what its kind needs.
    """
    policy = node.policy.read()

    def publish(before: Record, now: datetime) -> Record:
        require_no_faults(find_draft_faults(before.draft, today=now.date()))
        return answer_question(before, actor, neutral=neutral, policy=policy, now=now)

    refused = None if neutral else NOT_NEUTRAL
    return _move(node, actor, Action.RECORD_PUBLISH, subject, reason, publish, refused=refused)


def withdraw_record(node: Node, actor: Actor, subject: SubjectId, *, reason: str) -> Record:
    """Take a record out of every search for good; it is held until its time ends or it is erased."""
    return _move(
        node,
        actor,
        Action.RECORD_WITHDRAW,
        subject,
        reason,
        lambda before, _now: replace(before, state=RecordState.WITHDRAWN, dispute=None),
    )


def dispute_record(node: Node, actor: Actor, subject: SubjectId, *, reason: str) -> Record:
    """Block an active record while it is disputed: no search finds it until the dispute is decided."""
    return _move(
        node,
        actor,
        Action.RECORD_DISPUTE,
        subject,
        reason,
        lambda before, now: replace(
            before, state=RecordState.BLOCKED, dispute=Dispute(reason, actor.name, actor.authority, now)
        ),
    )


def decide_dispute(node: Node, actor: Actor, subject: SubjectId, *, upheld: bool, reason: str) -> Record:
    """End a dispute: upheld, the record is withdrawn; else it is active again."""
    state = RecordState.WITHDRAWN if upheld else RecordState.ACTIVE
    return _move(
        node,
        actor,
        Action.RECORD_DECIDE,
        subject,
        reason,
        lambda before, _now: replace(before, state=state, dispute=None),
    )


def extend_record(node: Node, actor: Actor, subject: SubjectId, *, retain_until: date, reason: str) -> Record:
    """Move the last day on which a record is held, after its need was reviewed; never beyond what the policy allows.

    Raises RecordInvalid where the day is not in the future.
    """
    policy = node.policy.read()

    def extend(before: Record, now: datetime) -> Record:
        fault = find_last_day_fault(retain_until, now.date())
        require_no_faults(() if fault is None else (fault,))
        return replace(before, draft=replace(before.draft, retain_until=cap_retention(retain_until, policy, now=now)))

    return _move(node, actor, Action.RECORD_EXTEND, subject, reason, extend)


def _move(
    node: Node,
    actor: Actor,
    action: Action,
    subject: SubjectId,
    reason: str,
    change: Callable[[Record, datetime], Record],
    *,
    refused: Refusal | None = None,
) -> Record:
    """Make the change and log it; ``refused`` is raised after it where it keeps an answer and no more."""
    require_reason(reason, Message("reason.no-record-moved", "Say why: every change of a record has a reason."))
    permit = ask_for_record(node, actor, action, subject)
    now, touched = node.clock(), (Touched("subject", subject),)
    with node.store.writing() as tx:
        before = require_held(tx, subject)
        # asked again inside the transaction: somebody may have been quicker
        answer = check_action(node.policy.read(), actor, action, record=before.facts)
        if not isinstance(answer, Refusal):
            after = replace(change(before, now), version=before.version + 1, changed_at=now)
            records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, reason))
            act = describe_act(actor, permit, Verb.ALTERATION, action, reason=reason, touched=touched)
            ledger.append(tx, act if refused is None else replace(act, verb=Verb.REFUSAL, rule=refused.rule), at=now)
    if isinstance(answer, Refusal):
        refuse(node, actor, action, answer, touched=touched)
    if refused is not None:
        raise RefusedByPolicy(refused.rule, refused.message, refused.field)
    return after
