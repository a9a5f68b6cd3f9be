"""Take in what somebody asks about themselves, say what it is about, look at it; a dispute blocks records at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

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
from semblance.terms.ids import AuthorityCode, RequestId, SubjectId, make_id
from semblance.terms.permission import Action, Actor, Refusal
from semblance.terms.record import RecordState
from semblance.workflows.accounts.authorities import require_authority
from semblance.workflows.permission import (
    Permitted,
    ask,
    log_act,
    log_refusal,
    name_touched,
    note_reading,
    refuse_missing,
    require_reason,
)
from semblance.workflows.records.read_record import ask_for_record, require_held
from semblance.workflows.records.write_record import dispute_within


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
    """A request; ``numbers`` are what the owners call its records, those that were erased or closed are missing."""

    row: RequestRow
    numbers: dict[SubjectId, str]


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was taken in; ``refused`` says of which disputed records the policy forbade the blocking, and why.

    A record that is not active needs no blocking: no search finds it.
    """

    request: Request
    refused: tuple[tuple[SubjectId, RefusedByPolicy], ...] = ()


_DECIDED = (RequestState.ANSWERED, RequestState.DECLINED, RequestState.REFERRED, RequestState.ERASED)


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
        return _block(tx, node, permit, made, draft.records, now)


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
        request = require_request(tx, request_id, actor.authority)
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
        now = node.clock()
        log_act(tx, permit, Verb.ALTERATION, *touched, at=now, action="request.link")
        return _block(tx, node, permit, changed, tuple(about.subject for about in new), now)


def _block(
    tx: Transaction, node: Node, permit: Permitted, made: Request, subjects: tuple[SubjectId, ...], now: datetime
) -> Received:
    if made.kind is not RequestKind.DISPUTE or not subjects:
        return Received(made)
    refused: list[tuple[SubjectId, RefusedByPolicy]] = []
    blocked: set[SubjectId] = set()
    actor = permit.actor
    for subject in subjects:
        state = require_held(tx, subject).state
        if state is RecordState.ACTIVE:
            outcome = dispute_within(tx, node, actor, subject, reason=made.draft.what, now=now)
            if isinstance(outcome, Refusal):
                # the request is taken in all the same, and its answer decides about the record
                touched = (Touched("subject", subject),)
                error = log_refusal(tx, actor, Action.RECORD_DISPUTE, outcome, at=now, touched=touched)
                refused.append((subject, error))
                continue
        if state in (RecordState.ACTIVE, RecordState.BLOCKED):
            blocked.add(subject)
    marked = tuple(replace(about, blocked=about.blocked or about.subject in blocked) for about in made.about)
    changed = replace(made, about=marked)
    requests.change_request(tx, changed)
    log_act(tx, permit, Verb.ALTERATION, *touch_request(changed), at=now, action="request.block")
    return Received(changed, tuple(refused))


def refer_request(node: Node, actor: Actor, request_id: RequestId, *, to: str, reason: str) -> Request:
    """Refer a request to the authority that owns what it is about; its officers have it as one of their own then.

    What stands in it goes there with the day on which it came in, and of its records those of that authority that are
    not open to the actor's any more. Nothing is told of whether there is such a record. Raises NotFound, also where the
    authority is not registered, and Conflict where the request was decided already, where the authority is the actor's
    own or not admitted, or where the request is about records that the actor's authority may answer for.
    """
    require_reason(reason, Message("requests.referral-unexplained", "Say why the request is referred."))
    _, permit = ask_for_request(node, actor, request_id)
    now = node.clock()
    with node.store.writing() as tx:
        request, owner = require_request(tx, request_id, actor.authority), require_authority(tx, to)
        require_open(request)
        if owner.code == actor.authority or not owner.admitted:
            raise Conflict(
                "requests.not-referable",
                "A request is referred to another authority whose people are admitted here, not to {authority}.",
                authority=owner.code,
            )
        gone = tuple(about for about in request.about if _is_elsewhere(tx, about, actor, owner.code))
        if len(gone) < len(request.about):
            raise Conflict(
                "requests.answerable-here",
                "The request is about records that you can answer for. Answer it for these, and take in another one "
                "to be referred.",
            )
        referred = replace(
            request,
            state=RequestState.REFERRED,
            about=(),
            decided_at=now,
            decided_by=actor.name,
            reason=reason,
            referred_to=owner.code,
        )
        draft = replace(request.draft, records=tuple(about.subject for about in gone))
        theirs = replace(
            request,
            id=RequestId(make_id()),
            authority=owner.code,
            draft=draft,
            about=gone,
            withheld=(),
            told_in=None,
            referred_by=actor.authority,
        )
        requests.change_request(tx, referred)
        requests.add_request(tx, theirs)
        touched = Touched("request", request.id), Touched("request", theirs.id)
        log_act(tx, permit, Verb.DISCLOSURE, *touched, at=now, action="request.refer", reason=reason)
    return referred


def _is_elsewhere(tx: Transaction, about: AboutRecord, actor: Actor, owner: AuthorityCode) -> bool:
    facts = records.find_facts(tx, about.subject)
    return facts is not None and facts.owner == owner and not facts.is_visible_to(actor.authority)


def list_requests(
    node: Node, actor: Actor, *, decided: bool = False, after: RequestId | None = None, limit: int = 50
) -> RequestPage:
    """Return the requests of the actor's authority that wait for their answer, or those that were decided.

    Raises NotFound for ``after``.
    """
    permit = ask(node, actor, Action.SUBJECT_ACCESS)
    with node.store.reading() as tx:
        last = None if after is None else require_request(tx, after, actor.authority)
        states = _DECIDED if decided else (RequestState.RECEIVED,)
        found = requests.list_requests(tx, actor.authority, states=states, after=last, limit=limit + 1)
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
    numbers = {subject: named.number for subject, named in names.items() if named.facts.is_visible_to(actor.authority)}
    return RequestDetail(_make_row(node, request), numbers)


def _make_row(node: Node, request: Request) -> RequestRow:
    waits = request.state is RequestState.RECEIVED
    return RequestRow(request, count_days_left(request, node.clock().astimezone(UTC).date()) if waits else None)


def ask_for_request(node: Node, actor: Actor, request_id: RequestId) -> tuple[Request, Permitted]:
    """Return a request of the actor's authority and the permit to deal with it; a refusal is recorded.

    Raises NotFound where there is none, and in the same words, for the same work, where it is another authority's.
    """
    named = name_touched("request", request_id)
    permit = ask(node, actor, Action.SUBJECT_ACCESS, touched=named)
    with node.store.reading() as tx:
        request = requests.find_request(tx, request_id, actor.authority)
    if request is None:
        refuse_missing(node, actor, Action.SUBJECT_ACCESS, named)
        raise _missing_request(request_id)
    return request, permit


def require_request(tx: Transaction, request_id: RequestId, authority: AuthorityCode) -> Request:
    """Return the authority's request within the transaction in hand; raises NotFound."""
    request = requests.find_request(tx, request_id, authority)
    if request is None:
        raise _missing_request(request_id)
    return request


def _missing_request(request_id: RequestId) -> NotFound:
    return NotFound(
        "requests.unknown", "There is no request {number} here; `semblance request list` lists them.", number=request_id
    )


def require_same(tx: Transaction, request: Request) -> Request:
    """Return the request as it stands; raises Conflict where it was decided or changed since it was looked at."""
    current = require_request(tx, request.id, request.authority)
    require_open(current)
    if current != request:
        raise changed_since()
    return current


def changed_since() -> Conflict:
    """Return the error for a request that was changed while it was dealt with."""
    return Conflict(
        "requests.changed-since", "Somebody changed the request since. Look at it again; nothing was changed."
    )


def require_open_here(tx: Transaction, request: Request) -> None:
    """Raise Conflict where the request is about a record that its owner has closed to the request's authority since."""
    for about in request.about:
        facts = records.find_facts(tx, about.subject)
        if facts is not None and not facts.is_visible_to(request.authority):
            raise Conflict(
                "requests.record-closed",
                "A record that the request is about is not open to you any more. Refer the request to {authority}, its "
                "owner: `semblance request refer`.",
                authority=facts.owner,
            )


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
