"""End records whose last day has passed: out of every search at once, erased with a receipt some time later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import KeyDestroyed, VerificationError
from semblance.gallery.record import RecordVersion
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import gallery, ledger, record_ends, records, requests
from semblance.store.engine import Transaction
from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.record import RecordState
from semblance.workflows.records.erase_record import erase_within
from semblance.workflows.worker_acts import describe_due, make_worker

_BATCH: Final = 100
_TIME_OVER: Final = Message("records.time-over", "its time and the time to look back are over")
_CAME_BACK: Final = Message("records.rows-came-back", "its key was destroyed before, and these rows came back")


def expire_records(node: Node) -> Iterator[int]:
    """Move records whose last day has passed to expired, and remove their templates; give how many each time.

    Photos and names stay, readable for their owner, until ``erase_expired_records``. A record that was changed by hand
    keeps no other from its end; at the end VerificationError is raised for the first of them.
    """
    after, fault = "", None
    while True:
        now = node.clock()
        today = now.astimezone(UTC).date()
        with node.store.reading() as tx:
            if not record_ends.find_ended(tx, today=today, after=after, limit=1):
                break
        gone: list[ReferenceId] = []
        done = 0
        with node.index.removing() as forget:
            with node.store.writing() as tx:
                ended = record_ends.find_ended(tx, today=today, after=after, limit=_BATCH)
                for subject in ended:
                    try:
                        gone += _expire(tx, node, subject, now=now)
                        done += 1
                    except VerificationError as error:
                        fault = fault or error
            forget(gone)
        after = ended[-1] if ended else after
        yield done
    if fault is not None:
        raise fault


def erase_expired_records(node: Node) -> Iterator[int]:
    """Erase expired records when the policy's days since their last one have passed; give how many each time.

    A record about which somebody's request still waits for its answer is kept until that is given.
    """
    while True:
        now = node.clock()
        before = now.astimezone(UTC).date() - timedelta(days=node.policy.read().retention.expired_record)
        with node.store.reading() as tx:
            if not record_ends.find_erasable(tx, ended_before=before, limit=1):
                return
        gone: list[ReferenceId] = []
        with node.index.removing() as forget:
            with node.store.writing() as tx:
                ended = record_ends.find_erasable(tx, ended_before=before, limit=_BATCH)
                for subject in ended:
                    gone += _erase(tx, node, subject, _TIME_OVER, now=now)
            forget(gone)
        node.store.clear_deleted()
        yield len(ended)


def _expire(tx: Transaction, node: Node, subject: SubjectId, *, now: datetime) -> tuple[ReferenceId, ...]:
    try:
        before = records.find_record(tx, subject)
    except KeyDestroyed:
        # rows that an older copy of the database brought back: what they seal was erased before
        return _erase(tx, node, subject, _CAME_BACK, now=now)
    assert before is not None
    reason = Message("records.last-day-passed", "its last day, {day}, has passed", day=before.draft.retain_until)
    worker = make_worker(node)
    after = replace(before, state=RecordState.EXPIRED, version=before.version + 1, changed_at=now)
    references = gallery.remove_references(tx, subject)
    records.change_record(tx, RecordVersion(after, worker.name, worker.authority, now, reason))
    act = describe_due(
        node,
        Verb.ALTERATION,
        "record.expire",
        rule="retention.record",
        reason=reason,
        touched=(Touched("subject", subject),),
    )
    ledger.append(tx, act, at=now)
    return references


def _erase(
    tx: Transaction, node: Node, subject: SubjectId, reason: Message, *, now: datetime
) -> tuple[ReferenceId, ...]:
    act = describe_due(
        node,
        Verb.ERASURE,
        "record.erase-expired",
        rule="retention.expired-record",
        reason=reason,
        touched=(Touched("subject", subject),),
    )
    return erase_within(tx, act, subject, now=now).references


def erase_requests(node: Node) -> Iterator[int]:
    """Erase who asked what, and the key that seals it, of requests that were decided long enough ago."""
    while True:
        now = node.clock()
        before = now - timedelta(days=node.policy.read().retention.request)
        with node.store.reading() as tx:
            if not requests.find_decided(tx, before=before, limit=1):
                return
        with node.store.writing() as tx:
            found = requests.find_decided(tx, before=before, limit=_BATCH)
            for request_id in found:
                requests.erase_request(tx, request_id)
                act = describe_due(
                    node,
                    Verb.ERASURE,
                    "request.erase",
                    rule="retention.request",
                    reason=Message("requests.time-over", "the time to account for its answer is over"),
                    touched=(Touched("request", request_id),),
                )
                ledger.append(tx, act, at=now)
        node.store.clear_deleted()
        yield len(found)
