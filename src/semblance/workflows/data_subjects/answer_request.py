"""Answer what somebody asked about themselves, or decline it: each kind leads to an act of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from semblance.audit.entry import Verb
from semblance.errors import Conflict, RefusedByPolicy
from semblance.gallery.request import AboutRecord, Request, RequestKind, RequestState
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import records, requests
from semblance.store.engine import Transaction
from semblance.terms.ids import RequestId, SubjectId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.terms.record import RecordState
from semblance.workflows.data_subjects.requests import (
    ask_for_request,
    require_open,
    require_open_here,
    require_same,
    touch_request,
)
from semblance.workflows.permission import Permitted, log_act, require_reason
from semblance.workflows.records.erase_record import ErasureReceipt, erase_records
from semblance.workflows.records.read_record import ask_for_record
from semblance.workflows.records.write_record import decide_within


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was decided; ``receipts`` prove what was erased because of it."""

    request: Request
    receipts: tuple[ErasureReceipt, ...] = ()


def answer_request(node: Node, actor: Actor, request_id: RequestId, *, reason: str) -> Answered:
    """Answer a request as it was asked.

    Access: the file must have been handed out, unless nothing is held. Rectification: every record must have been
    edited since. Erasure: every record is erased now. Dispute: it is upheld, and every record withdrawn. Raises
    NotFound, and Conflict where the request was decided already or cannot be answered so yet; then nothing was
    changed.
    """
    require_reason(reason, Message("requests.answer-missing", "Say what the answer is."))
    request, permit = ask_for_request(node, actor, request_id)
    require_open(request)
    if not request.about and request.kind is not RequestKind.ACCESS:
        raise Conflict(
            "requests.about-no-record",
            "The request names no record. Say which with `semblance request link`, or decline it.",
        )
    if request.kind is RequestKind.ERASURE:
        return _erase(node, permit, request, reason)
    if request.kind is RequestKind.DISPUTE:
        _ask_to_decide(node, actor, request, upheld=True)
    with node.store.writing() as tx:
        return Answered(_answer(tx, node, permit, require_same(tx, request), reason))


def _answer(tx: Transaction, node: Node, permit: Permitted, request: Request, reason: str) -> Request:
    now = node.clock()
    if request.kind is RequestKind.ACCESS:
        if request.about and request.told_in is None:
            raise Conflict(
                "requests.file-missing",
                "The file of what is held was not made yet. Make it with `semblance request access-file`, hand it "
                "out, and answer then.",
            )
    elif request.kind is RequestKind.RECTIFICATION:
        require_open_here(tx, request)
        request = replace(request, about=tuple(_find_correction(tx, about) for about in request.about))
    else:
        _decide(tx, node, permit.actor, request, upheld=True, reason=reason, now=now)
    return _close(tx, permit, request, RequestState.ANSWERED, reason, now)


def decline_request(node: Node, actor: Actor, request_id: RequestId, *, reason: str) -> Answered:
    """Decline a request; records that a dispute blocked are active again, unless another dispute still blocks them.

    Raises NotFound, and Conflict where the request was decided already.
    """
    require_reason(
        reason, Message("requests.refusal-unexplained", "Say why the request is declined, and which law allows that.")
    )
    request, permit = ask_for_request(node, actor, request_id)
    require_open(request)
    if request.kind is RequestKind.DISPUTE:
        _ask_to_decide(node, actor, request, upheld=False)
    now = node.clock()
    with node.store.writing() as tx:
        current = require_same(tx, request)
        if request.kind is RequestKind.DISPUTE:
            _decide(tx, node, actor, current, upheld=False, reason=reason, now=now)
        return Answered(_close(tx, permit, current, RequestState.DECLINED, reason, now))


def _find_correction(tx: Transaction, about: AboutRecord) -> AboutRecord:
    if records.find_facts(tx, about.subject) is None:
        return about
    versions = {version.record.version: version.record for version in records.list_versions(tx, about.subject)}
    before = versions[about.version]
    # a longer time is no correction
    until = before.draft.retain_until
    changed = (
        number for number, record in versions.items() if replace(record.draft, retain_until=until) != before.draft
    )
    corrected = max(changed, default=0)
    if corrected <= about.version:
        raise Conflict(
            "requests.record-not-corrected",
            "Record '{number}' was not changed since the request was linked to it. Its owner edits it first; "
            "then answer, or decline the request.",
            number=before.number,
        )
    return replace(about, corrected=corrected)


def _erase(node: Node, permit: Permitted, request: Request, reason: str) -> Answered:
    with node.store.reading() as tx:
        require_open_here(tx, request)
        waiting = [about.subject for about in request.about if records.find_facts(tx, about.subject) is not None]
    # all or none: a record that must not be erased keeps the others, too
    permits = {subject: ask_for_record(node, permit.actor, Action.RECORD_ERASE, subject) for subject in waiting}
    closed: list[Request] = []

    def settle(tx: Transaction, entries: Mapping[SubjectId, int], now: datetime) -> None:
        current = require_same(tx, request)
        erased = tuple(replace(about, erased_in=entries.get(about.subject)) for about in current.about)
        closed.append(_close(tx, permit, replace(current, about=erased), RequestState.ANSWERED, reason, now))

    receipts = erase_records(node, permits, reason=reason, settle=settle)
    return Answered(closed[0], receipts)


def _ask_to_decide(node: Node, actor: Actor, request: Request, *, upheld: bool) -> None:
    """Ask for every record that the decision moves, so that a refusal is recorded."""
    with node.store.reading() as tx:
        blocked = _list_blocked(tx, request, upheld=upheld)
    for subject in blocked:
        ask_for_record(node, actor, Action.RECORD_DECIDE, subject)


def _decide(
    tx: Transaction, node: Node, actor: Actor, request: Request, *, upheld: bool, reason: str, now: datetime
) -> None:
    for subject in _list_blocked(tx, request, upheld=upheld):
        outcome = decide_within(tx, node, actor, subject, upheld=upheld, reason=reason, now=now)
        if isinstance(outcome, Refusal):
            raise RefusedByPolicy(outcome.rule, outcome.message, outcome.field)


def _list_blocked(tx: Transaction, request: Request, *, upheld: bool) -> tuple[SubjectId, ...]:
    """Return the records that a decision of the dispute moves: one that another dispute blocks, too, stays blocked."""
    require_open_here(tx, request)
    found = []
    for about in request.about:
        facts = records.find_facts(tx, about.subject)
        others = any(
            other.id != request.id and other.kind is RequestKind.DISPUTE and other.state is RequestState.RECEIVED
            for other in requests.list_about(tx, about.subject)
        )
        if facts is not None and facts.state is RecordState.BLOCKED and (upheld or not others):
            found.append(about.subject)
    return tuple(found)


def _close(
    tx: Transaction, permit: Permitted, request: Request, state: RequestState, reason: str, now: datetime
) -> Request:
    closed = replace(request, state=state, decided_at=now, decided_by=permit.actor.name, reason=reason)
    requests.change_request(tx, closed)
    action = "request.answer" if state is RequestState.ANSWERED else "request.decline"
    log_act(tx, permit, Verb.ALTERATION, *touch_request(closed), at=now, action=action, reason=reason)
    return closed
