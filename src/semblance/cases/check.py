"""Whether somebody may do something: the one place where roles, records and the policy meet."""

from collections.abc import Callable
from datetime import date

from semblance.cases.policy import ActionRule, Policy, Whose
from semblance.terms.actor import Actor, Means
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Permit, Purpose, Refusal
from semblance.terms.record import RecordFacts, RecordStanding, RecordState


def check_action(
    policy: Policy,
    actor: Actor,
    action: Action,
    *,
    record: RecordStanding | None = None,
    owner: AuthorityCode | None = None,
) -> Permit | Refusal:
    """Return whether the actor may do the action to the record, or to a case or person of the authority ``owner``.

    Rules are asked in a fixed order, and the first that forbids answers: the authority's admission, the token's scope,
    the role, whose it is, the record's state.
    """
    rule = policy.actions.get(action)
    if not actor.admitted:
        return Refusal(
            "authority.not-admitted",
            "the authority {authority} is not admitted to act on this node",
            authority=actor.authority,
        )
    if actor.scope is not None and action not in actor.scope:
        return Refusal("token.scope", "the token that was used does not allow {action}", action=action)
    if rule is None:
        return Refusal("policy.action", "the policy of this node allows nobody to do {action}", action=action)
    if not rule.roles & actor.roles:
        return Refusal(
            "policy.role",
            "{action} needs the role {roles:or}, which {person} does not hold now",
            action=action,
            roles=sorted(rule.roles),
            person=actor.name,
        )
    if refusal := _refuse_foreign(rule, actor, action, record, owner):
        return refusal
    if record is not None and record.state not in rule.states:
        return Refusal(
            "policy.state", "{action} is not possible while the record is {state}", action=action, state=record.state
        )
    return Permit(f"actions.{action.value}")


def find_searchable(
    policy: Policy, purpose: Purpose, authority: AuthorityCode, today: date
) -> Callable[[RecordFacts], bool]:
    """Return the test that a record must pass to be a candidate of a search: active, in time, of a kind, visible."""
    kinds = policy.purposes[purpose].kinds if purpose in policy.purposes else frozenset()

    def allows(record: RecordFacts) -> bool:
        return (
            record.state is RecordState.ACTIVE
            and record.kind in kinds
            and record.retain_until >= today
            and record.is_visible_to(authority)
        )

    return allows


def _refuse_foreign(
    rule: ActionRule, actor: Actor, action: Action, record: RecordStanding | None, owner: AuthorityCode | None
) -> Refusal | None:
    if rule.whose is Whose.ANY or actor.means is Means.WORKER:
        return None
    owned_by = record.owner if record is not None else owner
    if owned_by is None or owned_by == actor.authority:
        return None
    if rule.whose is Whose.OWN:
        return Refusal(
            "policy.owner",
            "{action} is for the people of {authority}, the authority that owns it",
            action=action,
            authority=owned_by,
        )
    if record is None or not record.is_visible_to(actor.authority):
        return Refusal("policy.restriction", "what is asked for is not open to this authority")
    return None
