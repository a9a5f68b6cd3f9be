"""Whether a search may be made: role, case, justification, quota, authorisation, in this order."""

from dataclasses import replace
from datetime import UTC, datetime

from semblance.audit.search_record import SearchRecord
from semblance.cases.case import Case, CaseState, check_authorised
from semblance.cases.check import Justification, check_action, check_compared, check_justification
from semblance.cases.policy import Policy, Waivable
from semblance.messages.message import Message
from semblance.store import authorisations, records, searches
from semblance.store.engine import Transaction
from semblance.terms.permission import Action, Actor, Permit, Refusal
from semblance.terms.text import REASON_LENGTH_CAP, find_text_fault


def check_joined_search(
    tx: Transaction, policy: Policy, actor: Actor, case: Case, draft: SearchRecord, now: datetime
) -> Permit | Refusal:
    """Return the first refusal, or the permit of the first probe: its own checks, the others', the kinds asked for.

    It is a value, since it is asked within a transaction: whoever asks records the search that was refused.
    """
    permit = _check_search(tx, policy, actor, case, draft, now)
    if isinstance(permit, Refusal):
        return permit
    for joined in draft.also:
        answer = _check_search(tx, policy, actor, case, replace(draft, probe=joined.probe), now)
        if isinstance(answer, Refusal):
            message = Message(
                "search.joined-refused",
                "{fault} (for {name}, which was to be searched together)",
                fault=answer.message,
                name=joined.name,
            )
            return Refusal(answer.rule, message, field=answer.field)
    if refusal := _check_origin(tx, policy, case, draft):
        return refusal
    if closed := draft.narrowed.kinds - policy.purposes[case.draft.purpose].kinds:
        return Refusal(
            "policy.kinds",
            "a search for {purpose} does not look among records of {kinds}",
            field="kinds",
            purpose=case.draft.purpose,
            kinds=sorted(closed),
        )
    return permit


def _check_origin(tx: Transaction, policy: Policy, case: Case, draft: SearchRecord) -> Refusal | None:
    """Return why a photo of a record is not compared for the case's purpose, or those answered before are not again."""
    if draft.origin is None:
        if draft.again:
            return Refusal(
                "search.again", "only of a photo of a record it is known who was answered before", field="again"
            )
        return None
    facts = records.find_facts(tx, draft.origin)
    if facts is not None and (refusal := check_compared(policy, case.draft.purpose, facts)):
        return refusal
    if draft.again and (fault := find_text_fault(draft.again, cap=REASON_LENGTH_CAP, breaks=True)):
        return Refusal(
            "search.again", Message("search.again-unusable", "the reason {fault}", fault=fault), field="again"
        )
    return None


def _check_search(
    tx: Transaction, policy: Policy, actor: Actor, case: Case, draft: SearchRecord, now: datetime
) -> Permit | Refusal:
    permit = check_action(policy, actor, Action.GALLERY_SEARCH, owner=case.authority)
    if isinstance(permit, Refusal):
        return permit
    if case.state is not CaseState.OPEN:
        return Refusal("case.state", "the case is {state}; searches are made in open cases only", state=case.state)
    purpose = case.draft.purpose
    justified = check_justification(
        Justification(draft.person, case.number, purpose.value, draft.reason), tuple(policy.purposes)
    )
    if isinstance(justified, Refusal):
        return justified
    rule = policy.purposes[purpose]
    today = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
    if searches.count_searches(tx, actor.authority, since=today, purpose=purpose) >= rule.searches_per_day:
        return Refusal(
            "policy.searches-per-day",
            "{authority} has made the {n} searches a day that the policy allows it for {purpose}; the count "
            "begins anew at midnight UTC",
            authority=actor.authority,
            n=rule.searches_per_day,
            purpose=purpose,
        )
    waiver = policy.find_waiver(Waivable.AUTHORISATION, actor.authority)
    authorised = check_authorised(rule, authorisations.find_for_probe(tx, draft.probe), now, waiver=waiver)
    if isinstance(authorised, Refusal) or authorised.rule.startswith("waivers."):
        return authorised
    return Permit(f"purposes.{purpose.value}")
