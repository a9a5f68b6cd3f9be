"""Forget what has had its time: probes, cases, unauthorised searches, what was said to justify searches."""

from datetime import timedelta

from semblance.audit.act import Act, Touched, Verb
from semblance.cases.authorisation import AuthorisationState
from semblance.cases.case import CaseState
from semblance.node.node import Node
from semblance.store import authorisations, cases, ledger, probes, searches
from semblance.workflows.cases.erase_probes import erase_derived, erase_whole_case
from semblance.workflows.worker_acts import BATCH, WORKER, describe_erasure


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
            for held in authorisations.list_late(tx, now=now, limit=BATCH):
                case = cases.find_case(tx, held.case)
                assert case is not None
                reason = "nobody authorised the search in time"
                authorisations.decide_authorisation(
                    tx, held, AuthorisationState.LATE, at=now, person=WORKER, reason=reason
                )
                erased = erase_derived(tx, (held.probe,))
                act = Act(
                    Verb.ERASURE,
                    "authorisation.expire",
                    WORKER,
                    node.authority,
                    case.number,
                    case.draft.purpose.value,
                    f"{reason} ({erased})",
                    (Touched("authorisation", held.id), Touched("probe", held.probe), Touched("case", case.id)),
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
                held = cases.find_case(tx, case_id)
                assert held is not None
                cases.change_state(tx, case_id, CaseState.EXPIRED)
                gone = probes.delete_probes(tx, probes.find_of_case(tx, case_id))
                # without its probe nothing is left to be decided, except about what was found already
                authorisations.end_waiting(tx, case_id, at=now, person=WORKER, clockless_only=True)
                act = Act(
                    Verb.ERASURE,
                    "case.expire",
                    WORKER,
                    node.authority,
                    held.number,
                    held.draft.purpose.value,
                    f"nothing was done in the case for long; {gone} probes erased",
                    (Touched("case", case_id),),
                )
                ledger.append(tx, act, at=now)
                total += 1
    if total:
        node.store.clear_deleted()
    return total


def erase_justifications(node: Node) -> int:
    """Erase what was said to justify searches and cases when its time is over; return how many of both."""
    before = node.clock() - timedelta(days=node.policy.read().retention.justification)
    ended = (CaseState.CLOSED, CaseState.EXPIRED)
    total = 0
    while True:
        with node.store.writing() as tx:
            said, candidates = searches.erase_searches_before(tx, before, limit=BATCH)
            if said:
                reason = f"the justifications of {said} searches had their time; {candidates} candidates erased"
                ledger.append(tx, describe_erasure(node, "search.expire", reason), at=node.clock())
        total += said
        if said < BATCH:
            break
    while True:
        with node.store.writing() as tx:
            idle = cases.find_idle(tx, before=before, states=ended, limit=BATCH)
            for case_id in idle:
                now = node.clock()
                erased = erase_whole_case(tx, case_id, at=now, person=WORKER)
                touched, reason = (Touched("case", case_id),), f"its time is over ({erased})"
                act = Act(Verb.ERASURE, "case.erase", WORKER, node.authority, reason=reason, touched=touched)
                ledger.append(tx, act, at=now)
        total += len(idle)
        if not idle:
            break
    if total:
        node.store.clear_deleted()
    return total
