"""Write a record: make a draft, change what stands in it, move it from state to state; each change is a new version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import Conflict, RefusedByPolicy
from semblance.gallery.record import Dispute, Record, RecordDraft, RecordVersion
from semblance.gallery.record_faults import find_draft_faults, find_last_day_fault, require_no_faults
from semblance.gallery.subject import normalise_key
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import records, subjects
from semblance.store.engine import Transaction
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.terms.record import RecordState
from semblance.workflows.permission import Permitted, ask, log_act, record_refusal, require_reason
from semblance.workflows.records.read_record import ask_for_record, require_held, require_version
from semblance.workflows.records.record_intake import (
    NOT_NEUTRAL,
    answer_question,
    begin_record,
    cap_retention,
    name_unknown,
)


def create_record(node: Node, actor: Actor, draft: RecordDraft, *, reason: str) -> Record:
    """Make a draft of a record that the actor's authority owns; photos are enrolled into it afterwards.

    Raises RecordInvalid with every fault of the draft, Conflict where the authority holds a record of that number.
    """
    require_reason(reason, Message("reason.no-record-made", "Say why the record is made."))
    permit = ask(node, actor, Action.RECORD_CREATE, owner=actor.authority)
    now = node.clock()
    draft = replace(draft, number=normalise_key(draft.number))
    require_no_faults(find_draft_faults(draft, today=now.date()))
    with node.store.writing() as tx:
        if subjects.find_subject_id(tx, actor.authority, draft.number) is not None:
            raise Conflict(
                "records.number-taken",
                "{authority} holds a record '{number}' already; edit that one, or number anew.",
                authority=actor.authority,
                number=draft.number,
            )
        subject = subjects.add_subject(tx, actor.authority, draft.number, at=now, person=actor.name)
        made = name_unknown(tx, begin_record(subject.id, actor, draft, now=now), now=now)
        records.add_record(tx, RecordVersion(made, actor.name, actor.authority, now, reason))
        log_act(tx, permit, Verb.COLLECTION, Touched("subject", subject.id), at=now, reason=reason)
    return made


def edit_record(
    node: Node, actor: Actor, subject: SubjectId, draft: RecordDraft, *, version: int, reason: str
) -> Record:
    """Change what stands in a record; the version before is kept with who changed it, when and why.

    ``version`` is the one that the editor had in front of them. Raises Conflict where somebody changed it since, or
    where the number would change; RecordInvalid with every fault; NotFound.
    """
    require_reason(reason, Message("reason.no-record-changed", "Say why the record is changed."))
    permit = ask_for_record(node, actor, Action.RECORD_EDIT, subject)
    now = node.clock()
    draft = replace(draft, number=normalise_key(draft.number))
    require_no_faults(find_draft_faults(draft, today=now.date()))
    with node.store.writing() as tx:
        return edit_within(tx, node, permit, subject, draft, version=version, reason=reason, now=now)


def edit_within(
    tx: Transaction,
    node: Node,
    permit: Permitted,
    subject: SubjectId,
    draft: RecordDraft,
    *,
    version: int,
    reason: str,
    now: datetime,
) -> Record:
    """Change what stands in a record in the transaction in hand; the draft has no faults. Raises Conflict, NotFound."""
    before, actor = require_version(tx, subject, version), permit.actor
    if draft.number != before.number:
        raise Conflict(
            "records.number-kept",
            "A record keeps its number '{number}'; make a new record for another number.",
            number=before.number,
        )
    if before.state is RecordState.ACTIVE:
        draft = replace(draft, retain_until=cap_retention(draft.retain_until, node.policy.read(), now=now))
    after = name_unknown(tx, replace(before, draft=draft, version=version + 1, changed_at=now), now=now)
    records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, reason))
    log_act(tx, permit, Verb.ALTERATION, Touched("subject", subject), at=now, reason=reason)
    return after


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
    return _move(node, actor, Action.RECORD_WITHDRAW, subject, reason, _enter(RecordState.WITHDRAWN))


def dispute_record(node: Node, actor: Actor, subject: SubjectId, *, reason: str) -> Record:
    """Block an active record while it is disputed: no search finds it until the dispute is decided."""
    return _move(node, actor, Action.RECORD_DISPUTE, subject, reason, _block(actor, reason))


def dispute_within(
    tx: Transaction, node: Node, actor: Actor, subject: SubjectId, *, reason: str, now: datetime
) -> Record | Refusal:
    """Block an active record in the transaction in hand, or return why the policy forbids that."""
    return _change(tx, node, actor, Action.RECORD_DISPUTE, subject, reason, _block(actor, reason), now=now)


def decide_dispute(node: Node, actor: Actor, subject: SubjectId, *, upheld: bool, reason: str) -> Record:
    """End a dispute: upheld, the record is withdrawn; else it is active again."""
    return _move(node, actor, Action.RECORD_DECIDE, subject, reason, _settle(upheld=upheld))


def decide_within(
    tx: Transaction, node: Node, actor: Actor, subject: SubjectId, *, upheld: bool, reason: str, now: datetime
) -> Record | Refusal:
    """End a dispute in the transaction in hand, or return why the policy forbids that."""
    return _change(tx, node, actor, Action.RECORD_DECIDE, subject, reason, _settle(upheld=upheld), now=now)


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


Change = Callable[[Record, datetime], Record]


def _enter(state: RecordState) -> Change:
    return lambda before, _now: replace(before, state=state, dispute=None)


def _settle(*, upheld: bool) -> Change:
    return _enter(RecordState.WITHDRAWN if upheld else RecordState.ACTIVE)


def _block(actor: Actor, reason: str) -> Change:
    def block(before: Record, now: datetime) -> Record:
        return replace(before, state=RecordState.BLOCKED, dispute=Dispute(reason, actor.name, actor.authority, now))

    return block


def _move(
    node: Node,
    actor: Actor,
    action: Action,
    subject: SubjectId,
    reason: str,
    change: Change,
    *,
    refused: Refusal | None = None,
) -> Record:
    """Make the change and log it; ``refused`` is raised after it where it keeps an answer and no more."""
    require_reason(reason, Message("reason.no-record-moved", "Say why: every change of a record has a reason."))
    ask_for_record(node, actor, action, subject)
    with node.store.writing() as tx:
        outcome = _change(tx, node, actor, action, subject, reason, change, now=node.clock(), refused=refused)
    if isinstance(outcome, Refusal):
        raise record_refusal(node, actor, action, outcome, touched=(Touched("subject", subject),))
    if refused is not None:
        raise RefusedByPolicy(refused.rule, refused.message, refused.field)
    return outcome


def _change(
    tx: Transaction,
    node: Node,
    actor: Actor,
    action: Action,
    subject: SubjectId,
    reason: str,
    change: Change,
    *,
    now: datetime,
    refused: Refusal | None = None,
) -> Record | Refusal:
    """Make the change and log it, or return why the policy forbids it: somebody may have been quicker."""
    before = require_held(tx, subject)
    answer = check_action(node.policy.read(), actor, action, record=before.facts)
    if isinstance(answer, Refusal):
        return answer
    after = replace(change(before, now), version=before.version + 1, changed_at=now)
    records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, reason))
    verb, rule = (Verb.ALTERATION, answer.rule) if refused is None else (Verb.REFUSAL, refused.rule)
    log_act(tx, Permitted(rule, actor, action), verb, Touched("subject", subject), at=now, reason=reason)
    return after
