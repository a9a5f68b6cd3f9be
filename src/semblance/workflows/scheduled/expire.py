"""Expire what nobody needs any longer: unauthorised searches, idle cases and their justifications, leads, records."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.cases.case import Authorisation, AuthorisationState, Case, CaseState
from semblance.cases.lead_check import HeldLead, LeadState
from semblance.errors import KeyDestroyed, VerificationError
from semblance.gallery.record import RecordVersion
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import (
    authorisations,
    cases,
    examinations,
    gallery,
    leads,
    ledger,
    probes,
    records,
    requests,
    searches,
    submissions,
)
from semblance.store.clock_doubts import count_work
from semblance.store.engine import Transaction
from semblance.store.notifications import queue_notification
from semblance.terms.ids import CaseId, ReferenceId, RequestId, SubjectId
from semblance.terms.notification import LeadNotification
from semblance.terms.record import RecordState
from semblance.workflows.cases.probes import erase_derived, erase_whole_case
from semblance.workflows.clock_check import require_believable
from semblance.workflows.jobs.jobs import end_jobs_of_case
from semblance.workflows.records.erase_record import erase_within
from semblance.workflows.worker_acts import BATCH, WORKER, describe_due, log_due, make_worker, work_off

_NOT_IN_TIME: Final = Message("authorisation.not-in-time", "nobody authorised the search in time")
_BATCH: Final = 100
_LOOK_BACK_OVER: Final = Message("records.time-over", "its time and the time to look back are over")
_CAME_BACK: Final = Message("records.rows-came-back", "its key was destroyed before, and these rows came back")
_TIME_OVER: Final = Message("case.time-over", "its time is over")


def expire_authorisations(node: Node) -> int:
    """Erase everything derived from probes whose searches nobody authorised in time; return how many probes."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[Authorisation, ...]:
        return authorisations.list_late(tx, now=now, limit=limit)

    def expire(tx: Transaction, late: Sequence[Authorisation], now: datetime) -> None:
        for authorisation in late:
            case = cases.find_case(tx, authorisation.case)
            assert case is not None
            authorisations.decide_authorisation(
                tx, authorisation, AuthorisationState.LATE, at=now, person=WORKER, reason=str(_NOT_IN_TIME)
            )
            erased = erase_derived(tx, (authorisation.probe,))
            reason = Message("expiry.erased", "{why}: {erased}", why=_NOT_IN_TIME, erased=erased.message)
            waiting, probe = Touched("authorisation", authorisation.id), Touched("probe", authorisation.probe)
            act = _describe_expiry("authorisation.expire", case, reason, waiting, probe)
            ledger.append(tx, act, at=now)

    return _clear(node, sum(work_off(node, find, expire, job="expire-authorisations")))


def expire_cases(node: Node) -> int:
    """Move cases in which nothing was done for long to expired, and erase their probes; return how many cases."""
    before = node.clock() - timedelta(days=node.policy.read().retention.case)

    def find(tx: Transaction, _now: datetime, limit: int) -> tuple[CaseId, ...]:
        return cases.find_idle(tx, before=before, states=(CaseState.OPEN, CaseState.CLOSED), limit=limit)

    def expire(tx: Transaction, idle: Sequence[CaseId], now: datetime) -> None:
        for case_id in idle:
            case = cases.find_case(tx, case_id)
            assert case is not None
            cases.change_state(tx, case_id, CaseState.EXPIRED)
            examinations.lapse_of_case(tx, case_id, now)
            end_jobs_of_case(tx, case_id, name=WORKER, at=now)
            gone = probes.delete_probes(tx, probes.find_of_case(tx, case_id))
            # without its probe nothing is left to be decided, except about what was found already
            authorisations.end_waiting(tx, case_id, at=now, person=WORKER, clockless_only=True)
            submissions.erase_of_case(tx, case_id)
            reason = Message("case.idle", "nothing was done in the case for long; {n} probes erased", n=gone)
            ledger.append(tx, _describe_expiry("case.expire", case, reason), at=now)

    return _clear(node, sum(work_off(node, find, expire, job="expire-cases")))


def erase_justifications(node: Node) -> int:
    """Erase the justifications of searches and cases when their time is over; return how many of both."""
    before, job = node.clock() - timedelta(days=node.policy.read().retention.justification), "erase-justifications"
    require_believable(node, job, lambda tx, _now, limit: len(searches.find_justified(tx, before=before, limit=limit)))
    total = 0
    while True:
        with node.store.writing() as tx:
            count, candidates = searches.erase_searches_before(tx, before, limit=BATCH)
            if count:
                count_work(tx, job, node.clock(), count)
                reason = Message(
                    "searches.justifications-expired",
                    "the time of the justifications of {n} searches is over; {candidates} candidates erased",
                    n=count,
                    candidates=candidates,
                )
                log_due(tx, node, Verb.ERASURE, "search.expire", reason=reason, at=node.clock())
        total += count
        if count < BATCH:
            break

    def find(tx: Transaction, _now: datetime, limit: int) -> tuple[CaseId, ...]:
        return cases.find_idle(tx, before=before, states=(CaseState.CLOSED, CaseState.EXPIRED), limit=limit)

    def erase(tx: Transaction, idle: Sequence[CaseId], now: datetime) -> None:
        for case_id in idle:
            whose = cases.find_authority(tx, case_id)
            erased = erase_whole_case(tx, case_id, at=now, person=WORKER)
            reason = Message("expiry.erased", "{why}: {erased}", why=_TIME_OVER, erased=erased.message)
            touched = (Touched("case", case_id),)
            log_due(tx, node, Verb.ERASURE, "case.erase", reason=reason, touched=touched, whose=whose, at=now)

    return _clear(node, total + sum(work_off(node, find, erase, job="erase-cases")))


def remind_of_leads(node: Node) -> Iterator[int]:
    """Remind each owner once of a lead whose deadline is near; give how many each time."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[HeldLead, ...]:
        soon = now + timedelta(days=node.policy.read().examination.owner_reminder)
        return leads.list_unreminded(tx, due_before=soon, limit=limit)

    def remind(tx: Transaction, near: Sequence[HeldLead], now: datetime) -> None:
        for lead in near:
            leads.note_reminded(tx, lead.id, now)
            queue_notification(tx, LeadNotification.REMINDER.value, lead.id, lead.owner, at=now, deadline=lead.due_at)
            reason = Message(
                "lead.reminded",
                "{authority} is reminded of a lead until {day}",
                authority=lead.owner,
                day=lead.due_at.date(),
            )
            touched, rule = _touch_lead(lead), "examination.owner-reminder"
            verb, whose = Verb.CONSULTATION, lead.owner
            log_due(tx, node, verb, "lead.remind", rule=rule, reason=reason, touched=touched, whose=whose, at=now)

    return work_off(node, find, remind)


def expire_leads(node: Node) -> Iterator[int]:
    """Note of each lead whose time is over that its owner has not answered; it still may. Give how many each time."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[HeldLead, ...]:
        return leads.list_overdue(tx, now=now, limit=limit)

    def expire(tx: Transaction, overdue: Sequence[HeldLead], now: datetime) -> None:
        for lead in overdue:
            leads.move_lead(tx, lead.id, LeadState.UNANSWERED)
            for told in sorted({lead.owner, lead.authority}):
                queue_notification(tx, LeadNotification.UNANSWERED.value, lead.id, told, at=now, deadline=lead.due_at)
            reason = Message(
                "lead.unanswered",
                "{authority} has not answered until {day}",
                authority=lead.owner,
                day=lead.due_at.date(),
            )
            touched, rule = _touch_lead(lead), "examination.owner-days"
            verb, whose = Verb.ALTERATION, lead.owner
            log_due(tx, node, verb, "lead.expire", rule=rule, reason=reason, touched=touched, whose=whose, at=now)

    return work_off(node, find, expire, job="expire-leads")


def expire_records(node: Node) -> Iterator[int]:
    """Move records whose last day has passed to expired, and remove their templates; give how many each time.

    Photos and names stay, readable for their owner, until ``erase_expired_records``. A record that was changed by hand
    keeps no other from its end; at the end VerificationError is raised for the first of them.
    """
    after, fault, job = "", None, "expire-records"
    require_believable(
        node,
        job,
        lambda tx, now, limit: len(records.find_ended(tx, today=now.astimezone(UTC).date(), after="", limit=limit)),
    )
    while True:
        now = node.clock()
        today = now.astimezone(UTC).date()
        with node.store.reading() as tx:
            if not records.find_ended(tx, today=today, after=after, limit=1):
                break
        gone: list[ReferenceId] = []
        done = 0
        with node.index.removing() as forget:
            with node.store.writing() as tx:
                ended = records.find_ended(tx, today=today, after=after, limit=_BATCH)
                for subject in ended:
                    try:
                        gone += _expire(tx, node, subject, now=now)
                        done += 1
                    except VerificationError as error:
                        fault = fault or error
                count_work(tx, job, now, done)
            forget(gone)
        after = ended[-1] if ended else after
        yield done
    if fault is not None:
        raise fault


def erase_expired_records(node: Node) -> Iterator[int]:
    """Erase expired records when the policy's days since their last one have passed; give how many each time.

    A record about which somebody's request still waits for its answer is kept until that is given.
    """
    kept, job = timedelta(days=node.policy.read().retention.expired_record), "erase-expired-records"
    require_believable(
        node,
        job,
        lambda tx, now, limit: len(
            records.find_erasable(tx, ended_before=now.astimezone(UTC).date() - kept, limit=limit)
        ),
    )
    while True:
        now = node.clock()
        before = now.astimezone(UTC).date() - kept
        with node.store.reading() as tx:
            if not records.find_erasable(tx, ended_before=before, limit=1):
                return
        gone: list[ReferenceId] = []
        with node.index.removing() as forget:
            with node.store.writing() as tx:
                ended = records.find_erasable(tx, ended_before=before, limit=_BATCH)
                for subject in ended:
                    gone += _erase(tx, node, subject, _LOOK_BACK_OVER, now=now)
                count_work(tx, job, now, len(ended))
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
    touched, rule = (Touched("subject", subject),), "retention.record"
    verb, whose = Verb.ALTERATION, before.owner
    log_due(tx, node, verb, "record.expire", rule=rule, reason=reason, touched=touched, whose=whose, at=now)
    return references


def _erase(
    tx: Transaction, node: Node, subject: SubjectId, reason: Message, *, now: datetime
) -> tuple[ReferenceId, ...]:
    touched, rule = (Touched("subject", subject),), "retention.expired-record"
    facts = records.find_facts(tx, subject)
    whose = None if facts is None else facts.owner
    verb, action = Verb.ERASURE, "record.erase-expired"
    act = describe_due(node, verb, action, rule=rule, reason=reason, touched=touched, whose=whose)
    return erase_within(tx, act, subject, now=now).references


def erase_requests(node: Node) -> Iterator[int]:
    """Erase who asked what, and the key that seals it, of requests that were decided long enough ago."""

    def find(tx: Transaction, now: datetime, limit: int) -> tuple[RequestId, ...]:
        before = now - timedelta(days=node.policy.read().retention.request)
        return requests.find_decided(tx, before=before, limit=limit)

    def erase(tx: Transaction, decided: Sequence[RequestId], now: datetime) -> None:
        reason = Message("requests.time-over", "the time to account for its answer is over")
        for request_id in decided:
            whose = requests.find_authority(tx, request_id)
            requests.erase_request(tx, request_id)
            touched, rule, verb = (Touched("request", request_id),), "retention.request", Verb.ERASURE
            log_due(tx, node, verb, "request.erase", rule=rule, reason=reason, touched=touched, whose=whose, at=now)

    for erased in work_off(node, find, erase, job="erase-requests"):
        node.store.clear_deleted()
        yield erased


def _describe_expiry(action: str, case: Case, reason: Message, *touched: Touched) -> Act:
    purpose, all_touched = case.draft.purpose.value, (*touched, Touched("case", case.id))
    return Act(Verb.ERASURE, action, WORKER, case.authority, case.number, purpose, reason, all_touched)


def _touch_lead(lead: HeldLead) -> tuple[Touched, ...]:
    return Touched("subject", lead.subject), Touched("lead", lead.id)


def _clear(node: Node, erased: int) -> int:
    if erased:
        node.store.clear_deleted()
    return erased
