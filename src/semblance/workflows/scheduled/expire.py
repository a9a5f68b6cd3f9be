"""Expire what nobody needs any longer: unauthorised searches, idle cases, and the justifications of both."""

from datetime import timedelta
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.cases.case import AuthorisationState, CaseState
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorisations, cases, ledger, probes, searches
from semblance.workflows.cases.erase_probes import erase_derived, erase_whole_case
from semblance.workflows.worker_acts import BATCH, WORKER, describe_erasure

_NOT_IN_TIME: Final = Message("authorisation.not-in-time", "nobody authorised the search in time")
_TIME_OVER: Final = Message("case.time-over", "its time is over")


def expire_authorisations(node: Node) -> int:
    """Erase everything derived from probes whose searches nobody authorised in time; return how many probes."""
    total = 0
    while True:
        now = node.clock()
        with node.store.reading() as tx:
            late = authorisations.list_late(tx, now=now, limit=BATCH)
        if not late:
            break
        with node.store.writing() as tx:
            # asked again inside the transaction: somebody may have decided meanwhile
            for authorisation in authorisations.list_late(tx, now=now, limit=BATCH):
                case = cases.find_case(tx, authorisation.case)
                assert case is not None
                authorisations.decide_authorisation(
                    tx, authorisation, AuthorisationState.LATE, at=now, person=WORKER, reason=str(_NOT_IN_TIME)
                )
                erased = erase_derived(tx, (authorisation.probe,))
                act = Act(
                    Verb.ERASURE,
                    "authorisation.expire",
                    WORKER,
                    node.authority,
                    case.number,
                    case.draft.purpose.value,
                    Message("expiry.erased", "{why}: {erased}", why=_NOT_IN_TIME, erased=erased.message),
                    (
                        Touched("authorisation", authorisation.id),
                        Touched("probe", authorisation.probe),
                        Touched("case", case.id),
                    ),
                )
                ledger.append(tx, act, at=now)
                total += 1
    if total:
        node.store.clear_deleted()
    return total


def expire_cases(node: Node) -> int:
    """Move cases in which nothing was done for long to expired, and erase their probes; return how many cases."""
    before = node.clock() - timedelta(days=node.policy.read().retention.case)
    total = 0
    while True:
        with node.store.reading() as tx:
            if not cases.find_idle(tx, before=before, states=(CaseState.OPEN, CaseState.CLOSED), limit=1):
                break
        with node.store.writing() as tx:
            now = node.clock()
            for case_id in cases.find_idle(tx, before=before, states=(CaseState.OPEN, CaseState.CLOSED), limit=BATCH):
                case = cases.find_case(tx, case_id)
                assert case is not None
                cases.change_state(tx, case_id, CaseState.EXPIRED)
                gone = probes.delete_probes(tx, probes.find_of_case(tx, case_id))
                # without its probe nothing is left to be decided, except about what was found already
                authorisations.end_waiting(tx, case_id, at=now, person=WORKER, clockless_only=True)
                act = Act(
                    Verb.ERASURE,
                    "case.expire",
                    WORKER,
                    node.authority,
                    case.number,
                    case.draft.purpose.value,
                    Message("case.idle", "nothing was done in the case for long; {n} probes erased", n=gone),
                    (Touched("case", case_id),),
                )
                ledger.append(tx, act, at=now)
                total += 1
    if total:
        node.store.clear_deleted()
    return total


def erase_justifications(node: Node) -> int:
    """Erase the justifications of searches and cases when their time is over; return how many of both."""
    before = node.clock() - timedelta(days=node.policy.read().retention.justification)
    ended = (CaseState.CLOSED, CaseState.EXPIRED)
    total = 0
    while True:
        with node.store.writing() as tx:
            count, candidates = searches.erase_searches_before(tx, before, limit=BATCH)
            if count:
                reason = Message(
                    "searches.justifications-expired",
                    "the time of the justifications of {n} searches is over; {candidates} candidates erased",
                    n=count,
                    candidates=candidates,
                )
                ledger.append(tx, describe_erasure(node, "search.expire", reason), at=node.clock())
        total += count
        if count < BATCH:
            break
    while True:
        with node.store.writing() as tx:
            idle = cases.find_idle(tx, before=before, states=ended, limit=BATCH)
            for case_id in idle:
                now = node.clock()
                erased = erase_whole_case(tx, case_id, at=now, person=WORKER)
                reason = Message("expiry.erased", "{why}: {erased}", why=_TIME_OVER, erased=erased.message)
                act = describe_erasure(node, "case.erase", reason, touched=(Touched("case", case_id),))
                ledger.append(tx, act, at=now)
        total += len(idle)
        if not idle:
            break
    if total:
        node.store.clear_deleted()
    return total
