"""Take in what somebody asks about themselves, say what it is about, look at it; a dispute blocks records at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, NotFound, RefusedByPolicy, RequestInvalid
from semblance.gallery.request import (
    RECORDS_CAP,
    AboutRecord,
    Request,
    RequestDraft,
    RequestKind,
    RequestState,
    count_days_left,
    find_request_faults,
)
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import records, requests
from semblance.store.engine import Transaction
from semblance.terms.ids import RequestId, SubjectId, make_id
from semblance.terms.permission import Action, Actor
from semblance.terms.record import RecordState
from semblance.workflows.permission import Permitted, ask, log_act, note_reading
from semblance.workflows.records.read_record import ask_for_record, require_held
from semblance.workflows.records.write_record import dispute_record


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request and the days that are left to answer it: negative where it is overdue, None where it was decided."""

    request: Request
    days_left: int | None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A page of requests, the most urgent first; ``next_after`` asks for the page after it, None at the end."""

    rows: tuple[RequestRow, ...]
    next_after: RequestId | None


@dataclass(frozen=True, slots=True)
class RequestDetail:
    """A request; ``numbers`` are what the owners call its records, those that were erased are missing."""

    row: RequestRow
    numbers: dict[SubjectId, str]


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was taken in; ``refused`` says of which disputed records the policy forbade the blocking, and why.

    A record that is not active needs no blocking: no search finds it.
    """

    request: Request
    refused: tuple[tuple[SubjectId, RefusedByPolicy], ...] = ()


_DECIDED = (RequestState.ANSWERED, RequestState.DECLINED, RequestState.ERASED)


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
    if faults := find_request_faults(draft, today=now.astimezone(UTC).date()):
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
        log_act(tx, permit, Verb.COLLECTION, *touch_request(made), at=now, action="request.receive", reason=reason)
    return _block(node, permit, made, draft.records)


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
        log_act(tx, permit, Verb.ALTERATION, *touched, at=node.clock(), action="request.link")
    return _block(node, permit, changed, tuple(about.subject for about in new))


def _block(node: Node, permit: Permitted, made: Request, subjects: tuple[SubjectId, ...]) -> Received:
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
                dispute_record(node, permit.actor, subject, reason=made.draft.what)
                blocked.add(subject)
            except RefusedByPolicy as error:
                # the request is taken in all the same, and its answer decides about the record
                refused.append((subject, error))
    with node.store.writing() as tx:
        request = require_request(tx, made.id)
        marked = tuple(replace(about, blocked=about.blocked or about.subject in blocked) for about in request.about)
        changed = replace(request, about=marked)
        requests.change_request(tx, changed)
        log_act(tx, permit, Verb.ALTERATION, *touch_request(changed), at=node.clock(), action="request.block")
    return Received(changed, tuple(refused))


def list_requests(
    node: Node, actor: Actor, *, decided: bool = False, after: RequestId | None = None, limit: int = 50
) -> RequestPage:
    """Return the requests that wait for their answer, or those that were decided; raises NotFound for ``after``."""
    permit = ask(node, actor, Action.SUBJECT_ACCESS)
    with node.store.reading() as tx:
        last = None if after is None else require_request(tx, after)
        states = _DECIDED if decided else (RequestState.RECEIVED,)
        found = requests.list_requests(tx, states=states, after=last, limit=limit + 1)
    shown = found[:limit]
    touched = tuple(Touched("request", request.id) for request in shown)
    note_reading(node, permit, *touched, action="request.list")
    rows = tuple(_make_row(node, request) for request in shown)
    return RequestPage(rows, shown[-1].id if len(found) > limit else None)


def read_request(node: Node, actor: Actor, request_id: RequestId) -> RequestDetail:
    """Return a request; raises NotFound."""
    request, permit = ask_for_request(node, actor, request_id)
    with node.store.reading() as tx:
        names = records.read_headings(tx, [about.subject for about in request.about])
    note_reading(node, permit, *touch_request(request), action="request.read")
    return RequestDetail(_make_row(node, request), {subject: named.number for subject, named in names.items()})


def _make_row(node: Node, request: Request) -> RequestRow:
    waits = request.state is RequestState.RECEIVED
    return RequestRow(request, count_days_left(request, node.clock().astimezone(UTC).date()) if waits else None)


def ask_for_request(node: Node, actor: Actor, request_id: RequestId) -> tuple[Request, Permitted]:
    """Return the request and the permit to deal with it; a refusal is recorded. Raises NotFound."""
    permit = ask(node, actor, Action.SUBJECT_ACCESS, touched=(Touched("request", request_id),))
    with node.store.reading() as tx:
        return require_request(tx, request_id), permit


def require_request(tx: Transaction, request_id: RequestId) -> Request:
    """Return the request within the transaction in hand; raises NotFound."""
    request = requests.find_request(tx, request_id)
    if request is None:
        raise NotFound(
            "requests.unknown",
            "There is no request {number} here; `semblance request list` lists them.",
            number=request_id,
        )
    return request


def require_open(request: Request) -> None:
    """Raise Conflict where the request was decided already."""
    if request.state is RequestState.RECEIVED:
        return
    if request.decided_by is None:
        raise Conflict(
            "requests.decided", "The request was decided already: {state}. Nothing was changed.", state=request.state
        )
    raise Conflict(
        "requests.decided-by",
        "The request was decided already: {state} by {person}. Nothing was changed.",
        state=request.state,
        person=request.decided_by,
    )


def touch_request(request: Request) -> tuple[Touched, ...]:
    """Return what an act on the request touches: itself, and the records that it is about."""
    return (Touched("request", request.id), *(Touched("subject", about.subject) for about in request.about))
