"""Take in what somebody asks about themselves, and the records that it is about; a dispute blocks these at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from semblance.audit.entry import Verb
from semblance.errors import Conflict, RefusedByPolicy, RequestInvalid
from semblance.gallery.request import (
    RECORDS_CAP,
    AboutRecord,
    Request,
    RequestDraft,
    RequestKind,
    RequestState,
    find_request_faults,
)
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, records, requests
from semblance.terms.ids import RequestId, SubjectId, make_id
from semblance.terms.permission import Action, Actor, Permit
from semblance.terms.record import RecordState
from semblance.workflows.data_subjects.require_request import (
    ask_for_request,
    require_open,
    require_request,
    touch_request,
)
from semblance.workflows.permission import ask, describe_act
from semblance.workflows.records.read_record import ask_for_record, require_held
from semblance.workflows.records.write_record import dispute_record


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was taken in; ``refused`` says of which disputed records the policy forbade the blocking, and why.

    A record that is not active needs no blocking: no search finds it.
    """

    request: Request
    refused: tuple[tuple[SubjectId, RefusedByPolicy], ...] = ()


def receive_request(node: Node, actor: Actor, draft: RequestDraft) -> Received:
    """Take in a request; its deadline runs from the day on which it came in.

    Raises RequestInvalid with every fault, NotFound where a record that it names is not held.
    """
    permit = ask(node, actor, Action.SUBJECT_ACCESS)
    now = node.clock()
    draft = replace(
        draft,
        asker=draft.asker.strip(),
        whom=draft.whom.strip(),
        what=draft.what.strip(),
        records=tuple(dict.fromkeys(draft.records)),
    )
    faults = find_request_faults(draft, today=now.astimezone(UTC).date())
    if faults:
        raise RequestInvalid(
            "requests.faulty",
            "The request cannot be taken: {faults:;}. Nothing was changed.",
            faults=faults,
            problems=faults,
        )
    for subject in draft.records:
        ask_for_record(node, actor, Action.SUBJECT_ACCESS, subject)
    days = node.policy.read().retention.request_deadline
    with node.store.writing() as tx:
        made = Request(
            id=RequestId(make_id()),
            draft=draft,
            state=RequestState.RECEIVED,
            authority=actor.authority,
            taken_at=now,
            taken_by=actor.name,
            due_on=draft.received_on + timedelta(days=days),
            about=tuple(AboutRecord(subject, require_held(tx, subject).version) for subject in draft.records),
        )
        requests.add_request(tx, made)
        reason = Message("requests.received", "a request for {kind}", kind=draft.kind)
        act = describe_act(
            actor, permit, Verb.COLLECTION, "request.receive", reason=reason, touched=touch_request(made)
        )
        ledger.append(tx, act, at=now)
    return _block(node, actor, permit, made, draft.records)


def link_records(
    node: Node, actor: Actor, request_id: RequestId, *, add: Iterable[SubjectId] = (), remove: Iterable[SubjectId] = ()
) -> Received:
    """Say which records a request is about, or take back that it is about some; new ones of a dispute are blocked.

    Raises NotFound, and Conflict where the request was decided already, or where a record is blocked because of it.
    """
    fresh, gone = tuple(dict.fromkeys(add)), frozenset(remove)
    _, permit = ask_for_request(node, actor, request_id)
    for subject in fresh:
        ask_for_record(node, actor, Action.SUBJECT_ACCESS, subject)
    with node.store.writing() as tx:
        request = require_request(tx, request_id)
        require_open(request)
        if any(about.blocked for about in request.about if about.subject in gone):
            raise Conflict(
                "requests.record-blocked",
                "That record is blocked because of this dispute; answer or decline it, which decides that.",
            )
        kept = tuple(about for about in request.about if about.subject not in gone)
        known = {about.subject for about in kept}
        new = tuple(
            AboutRecord(subject, require_held(tx, subject).version) for subject in fresh if subject not in known
        )
        if len(kept) + len(new) > RECORDS_CAP:
            raise Conflict(
                "requests.many-records", "A request is about one person: {most} records are allowed.", most=RECORDS_CAP
            )
        changed = replace(request, about=(*kept, *new))
        requests.change_request(tx, changed)
        touched = tuple(dict.fromkeys((*touch_request(request), *touch_request(changed))))
        act = describe_act(actor, permit, Verb.ALTERATION, "request.link", touched=touched)
        ledger.append(tx, act, at=node.clock())
    return _block(node, actor, permit, changed, tuple(about.subject for about in new))


def _block(node: Node, actor: Actor, permit: Permit, made: Request, subjects: tuple[SubjectId, ...]) -> Received:
    if made.kind is not RequestKind.DISPUTE or not subjects:
        return Received(made)
    refused: list[tuple[SubjectId, RefusedByPolicy]] = []
    blocked: set[SubjectId] = set()
    for subject in subjects:
        with node.store.reading() as tx:
            facts = records.find_facts(tx, subject)
        if facts is not None and facts.state is RecordState.BLOCKED:
            blocked.add(subject)
        elif facts is not None and facts.state is RecordState.ACTIVE:
            try:
                dispute_record(node, actor, subject, reason=made.draft.what)
                blocked.add(subject)
            except RefusedByPolicy as error:
                # the request is taken in all the same, and its answer decides about the record
                refused.append((subject, error))
    with node.store.writing() as tx:
        request = require_request(tx, made.id)
        marked = tuple(replace(about, blocked=about.blocked or about.subject in blocked) for about in request.about)
        changed = replace(request, about=marked)
        requests.change_request(tx, changed)
        act = describe_act(actor, permit, Verb.ALTERATION, "request.block", touched=touch_request(changed))
        ledger.append(tx, act, at=node.clock())
    return Received(changed, tuple(refused))
