"""Whether a search may be made: role, case, justification, quota, authorisation, in this order."""

from dataclasses import replace
from datetime import UTC, datetime

from semblance.audit.search_record import SearchRecord
from semblance.cases.authorisation import check_authorised
from semblance.cases.case import Case, CaseState
from semblance.cases.check import check_action
from semblance.cases.justification import Justification, check_justification
from semblance.cases.policy import Policy, Waivable
from semblance.messages.message import Message
from semblance.store import authorisations, searches
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.permission import Permit, Refusal


def check_search(
    tx: Transaction, policy: Policy, actor: Actor, case: Case, draft: SearchRecord, now: datetime
) -> Permit:
    """Return the first refusal, or the permit of the purpose: role, case, justification, quota, authorisation."""
    permit = check_action(policy, actor, Action.GALLERY_SEARCH, owner=case.authority)
    if isinstance(permit, Refusal):
        return permit
    if case.state is not CaseState.OPEN:
        return Refusal(
            "case.state",
            "the case is {state}; searches are made in open cases only",
            state=case.state,
        )
    said = Justification(draft.person, case.number, case.draft.purpose.value, draft.reason)
    justified = check_justification(said, tuple(policy.purposes))
    if isinstance(justified, Refusal):
        return justified
    quota = _find_quota_fault(tx, policy, actor, case, now)
    if quota is not None:
        return quota
    held = authorisations.find_for_probe(tx, draft.probe)
    waiver = policy.find_waiver(Waivable.AUTHORISATION, actor.authority)
    authorised = check_authorised(policy.purposes[case.draft.purpose], held, now, waiver=waiver)
    if isinstance(authorised, Refusal) or authorised.rule.startswith("waivers."):
        return authorised
    return Permit(f"purposes.{case.draft.purpose.value}", authorised.reason)


def _find_quota_fault(tx: Transaction, policy: Policy, actor: Actor, case: Case, now: datetime) -> None:
    rule = policy.purposes.get(case.draft.purpose)
    if rule is None:
        return Refusal(
            "policy.purpose",
            Message(
                "policy.purpose.policy-allows-no-search",
                "the policy allows no search for {purpose}",
                purpose=case.draft.purpose,
            ),
        )
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    made = searches.count_searches(tx, actor.authority, since=today, purpose=case.draft.purpose)
    if made < rule.searches_per_day:
        return None
    return Refusal(
        "policy.searches-per-day",
        "{authority} has made the {n} searches a day that the policy allows it for {purpose}; the count "
        "begins anew at midnight UTC",
        authority=actor.authority,
        n=rule.searches_per_day,
        purpose=case.draft.purpose,
    )


def check_joined_search(
    tx: Transaction, policy: Policy, actor: Actor, case: Case, draft: SearchRecord, now: datetime
) -> Permit:
    """Return the first refusal, or the permit of the first probe: its own checks, the others', the kinds asked for."""
    permit = check_search(tx, policy, actor, case, draft, now)
    for one in draft.also:
        answer = check_search(tx, policy, actor, case, replace(draft, probe=one.probe), now)
        if isinstance(answer, Refusal):
            return Refusal(
                answer.rule,
                Message(
                    "search.searched-together",
                    "{fault} (for {name}, which was to be searched together)",
                    fault=answer.reason,
                    name=one.name,
                ),
            )
    closed = draft.narrowed.kinds - policy.purposes[case.draft.purpose].kinds
    if closed:
        kinds = ", ".join(sorted(closed))
        return Refusal(
            "policy.kinds",
            "a search for {purpose} does not look among records of {kinds}",
            purpose=case.draft.purpose,
            kinds=kinds,
        )
    return permit
