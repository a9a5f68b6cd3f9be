"""Whether a search may be made that joins several probes, or is narrowed: each probe is asked about by itself."""

from dataclasses import replace
from datetime import datetime

from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case
from semblance.cases.policy import Policy
from semblance.store.engine import Transaction
from semblance.terms.actor import Actor
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.check_search import check_search


def check_joined_search(
    tx: Transaction, policy: Policy, actor: Actor, case: Case, draft: SearchRecord, now: datetime
) -> Permit | Refusal:
    """Return the first refusal, or the permit of the first probe: its own checks, the others', the kinds asked for."""
    permit = check_search(tx, policy, actor, case, draft, now)
    if isinstance(permit, Refusal):
        return permit
    for one in draft.also:
        answer = check_search(tx, policy, actor, case, replace(draft, probe=one.probe), now)
        if isinstance(answer, Refusal):
            return Refusal(answer.rule, f"{answer.reason} (for {one.name}, which was to be searched together)")
    closed = draft.narrowed.kinds - policy.purposes[case.draft.purpose].kinds
    if closed:
        kinds = ", ".join(sorted(closed))
        return Refusal(
            "policy.kinds", f"a search for {case.draft.purpose.value} does not look among records of {kinds}"
        )
    return permit
