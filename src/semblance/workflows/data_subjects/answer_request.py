"""Answer what somebody asked about themselves, or decline it: each kind leads to an act of its own."""

from dataclasses import dataclass, replace
from datetime import datetime

from semblance.audit.act import Verb
from semblance.errors import Conflict
from semblance.gallery.request import AboutRecord, Request, RequestKind, RequestState
from semblance.node.node import Node
from semblance.store import ledger, records, requests
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import RequestId
from semblance.terms.permission import Permit
from semblance.terms.record import RecordState
from semblance.workflows.data_subjects.require_request import (
    ask_for_request,
    require_open,
    require_request,
    touch_request,
)
from semblance.workflows.permission import describe_act, require_reason
from semblance.workflows.records.erase_record import ErasureReceipt, erase_record
from semblance.workflows.records.record_states import decide_dispute
from semblance.workflows.records.require_record import ask_for_record


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
    require_reason(reason, "Say what the answer is.")
    found = ask_for_request(node, actor, request_id)
    held, permit = found
    require_open(held)
    if not held.about and held.kind is not RequestKind.ACCESS:
        raise Conflict(
            "requests.request-names-no-record-say",
            "The request names no record. Say which with `semblance request link`, or decline it.",
        )
    if held.kind is RequestKind.ACCESS:
        _require_told(held)
    elif held.kind is RequestKind.RECTIFICATION:
        held = _find_corrections(node, held)
    elif held.kind is RequestKind.ERASURE:
        return _erase(node, actor, held, permit, reason)
    else:
        refused = _decide(node, actor, held, upheld=True, reason=reason)
        if refused is not None:
            return refused
    return Answered(_close(node, actor, permit, held, RequestState.ANSWERED, reason))


def decline_request(node: Node, actor: Actor, request_id: RequestId, *, reason: str) -> Answered:
    """Decline a request; records that a dispute blocked are active again, unless another dispute still blocks them.

    Raises NotFound, and Conflict where the request was decided already.
    """
    require_reason(reason, "Say why the request is declined, and which law allows that.")
    found = ask_for_request(node, actor, request_id)
    held, permit = found
    require_open(held)
    if held.kind is RequestKind.DISPUTE:
        refused = _decide(node, actor, held, upheld=False, reason=reason)
        if refused is not None:
            return refused
    return Answered(_close(node, actor, permit, held, RequestState.DECLINED, reason))


def _require_told(held: Request) -> None:
    if held.about and held.told_in is None:
        raise Conflict(
            "requests.file-held-not-made-yet",
            "The file of what is held was not made yet. Make it with `semblance request access-file`, hand it "
            "out, and answer then.",
        )


def _find_corrections(node: Node, held: Request) -> Request:
    with node.store.reading() as tx:
        about = tuple(_find_correction(tx, one) for one in held.about)
    return replace(held, about=about)


def _find_correction(tx: Transaction, about: AboutRecord) -> AboutRecord:
    if records.find_facts(tx, about.subject) is None:
        return about
    versions = {version.record.version: version.record for version in records.list_versions(tx, about.subject)}
    before = versions[about.version]
    # a longer time is no correction
    until = before.draft.retain_until
    changed = (number for number, one in versions.items() if replace(one.draft, retain_until=until) != before.draft)
    corrected = max(changed, default=0)
    if corrected <= about.version:
        raise Conflict(
            "requests.record-not-changed-since-request",
            "Record '{number}' was not changed since the request was linked to it. Its owner edits it first; "
            "then answer, or decline the request.",
            number=before.number,
        )
    return replace(about, corrected=corrected)


def _erase(node: Node, actor: Actor, held: Request, permit: Permit, reason: str) -> Answered:
    with node.store.reading() as tx:
        waiting = [one for one in held.about if records.find_facts(tx, one.subject) is not None]
    # all or none: a record that must not be erased keeps the others, too
    for one in waiting:
        ask_for_record(node, actor, Action.RECORD_ERASE, one.subject)
    receipts: list[ErasureReceipt] = []
    for one in waiting:
        receipt = erase_record(node, actor, one.subject, reason=reason)
        receipts.append(receipt)
        held = _note_erasure(node, actor, permit, held, receipt)
    return Answered(_close(node, actor, permit, held, RequestState.ANSWERED, reason), tuple(receipts))


def _note_erasure(node: Node, actor: Actor, permit: Permit, held: Request, receipt: ErasureReceipt) -> Request:
    about = tuple(
        replace(one, erased_in=receipt.ledger_entry) if one.subject == receipt.subject else one for one in held.about
    )
    with node.store.writing() as tx:
        changed = replace(require_request(tx, held.id), about=about)
        requests.change_request(tx, changed)
        act = describe_act(actor, permit, Verb.ALTERATION, "request.note-erasure", touched=touch_request(changed))
        ledger.append(tx, act, at=node.clock())
    return changed


def _decide(node: Node, actor: Actor, held: Request, *, upheld: bool, reason: str) -> None:
    for one in held.about:
        with node.store.reading() as tx:
            facts = records.find_facts(tx, one.subject)
            others = any(
                other.id != held.id and other.kind is RequestKind.DISPUTE and other.state is RequestState.RECEIVED
                for other in requests.list_about(tx, one.subject)
            )
        if facts is None or facts.state is not RecordState.BLOCKED or (others and not upheld):
            continue
        decide_dispute(node, actor, one.subject, upheld=upheld, reason=reason)
    return


def _close(node: Node, actor: Actor, permit: Permit, held: Request, state: RequestState, reason: str) -> Request:
    now: datetime = node.clock()
    with node.store.writing() as tx:
        require_open(require_request(tx, held.id))
        closed = replace(held, state=state, decided_at=now, decided_by=actor.name, reason=reason)
        requests.change_request(tx, closed)
        action = "request.answer" if state is RequestState.ANSWERED else "request.decline"
        act = describe_act(actor, permit, Verb.ALTERATION, action, reason=reason, touched=touch_request(closed))
        ledger.append(tx, act, at=now)
    return closed
