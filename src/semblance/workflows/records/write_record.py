"""Write a record: make a draft, or change what stands in one."""

from dataclasses import replace

from semblance.audit.act import Touched, Verb
from semblance.errors import Conflict
from semblance.gallery.record import Record, RecordDraft, RecordVersion
from semblance.gallery.record_faults import find_draft_faults, require_no_faults
from semblance.gallery.subject import normalise_key
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, records, subjects
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordState
from semblance.workflows.permission import ask, describe_act, require_reason
from semblance.workflows.records.record_intake import begin_record, cap_retention
from semblance.workflows.records.require_record import ask_for_record, require_held


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
        made = begin_record(subject.id, actor, draft, now=now)
        records.add_record(tx, RecordVersion(made, actor.name, actor.authority, now, reason))
        touched = (Touched("subject", subject.id),)
        act = describe_act(actor, permit, Verb.COLLECTION, Action.RECORD_CREATE, reason=reason, touched=touched)
        ledger.append(tx, act, at=now)
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
        before = require_held(tx, subject)
        if before.version != version:
            raise Conflict(
                "records.changed-since",
                "Somebody changed the record since: it is at version {now}, and you had version {before}. Open it "
                "again, and make your change in what stands there now.",
                now=before.version,
                before=version,
            )
        if draft.number != before.number:
            raise Conflict(
                "records.number-kept",
                "A record keeps its number '{number}'; make a new record for another number.",
                number=before.number,
            )
        if before.state is RecordState.ACTIVE:
            draft = replace(draft, retain_until=cap_retention(draft.retain_until, node.policy.read(), now=now))
        after = replace(before, draft=draft, version=version + 1, changed_at=now)
        records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, reason))
        touched = (Touched("subject", subject),)
        act = describe_act(actor, permit, Verb.ALTERATION, Action.RECORD_EDIT, reason=reason, touched=touched)
        ledger.append(tx, act, at=now)
    return after
