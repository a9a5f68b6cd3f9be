"""The policy: read it, look at its versions, bring a new one into force."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.policy import Policy
from semblance.cases.policy import read_policy as parse_policy
from semblance.errors import Conflict
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import policies
from semblance.store.policies import StoredPolicy
from semblance.terms.permission import Action, Actor
from semblance.workflows.permission import ask, log_act, require_reason


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy in force; ``number`` is 0 and ``since`` None while it is the shipped one."""

    number: int
    policy: Policy
    since: datetime | None
    person: str | None
    reason: str | None


def read_policy(node: Node, actor: Actor) -> PolicyInForce:
    """Return the policy in force."""
    ask(node, actor, Action.POLICY_READ)
    number, policy = node.policy.read_numbered()
    with node.store.reading() as tx:
        stored = policies.find_policy(tx, number)
    if stored is None:
        return PolicyInForce(0, policy, None, None, None)
    return PolicyInForce(number, policy, stored.at, stored.person, stored.reason)


def list_policies(node: Node, actor: Actor) -> tuple[StoredPolicy, ...]:
    """Return all versions that were brought into force, newest first."""
    ask(node, actor, Action.POLICY_READ)
    with node.store.reading() as tx:
        return policies.list_policies(tx)


def replace_policy(node: Node, actor: Actor, text: str, *, reason: str) -> PolicyInForce:
    """Bring the policy that the text states into force, as the next version; the one before is kept.

    Raises PolicyInvalid where the text is none, Conflict where it is in force; nothing is changed then.
    """
    require_reason(reason, Message("policy.replacement-unexplained", "Say why the policy is replaced."))
    permit = ask(node, actor, Action.POLICY_REPLACE)
    policy = parse_policy(text, source="The policy")
    now = node.clock()
    with node.store.writing() as tx:
        before = policies.find_newest(tx)
        if policy.digest == (node.policy.read().digest if before is None else before.digest):
            raise Conflict("policy.in-force-already", "This policy is in force already; nothing was changed.")
        number = 1 if before is None else before.number + 1
        made = StoredPolicy(number, now, actor.name, actor.authority, reason, policy.digest, text)
        policies.add_policy(tx, made)
        touched = (Touched("policy", f"{made.number} {policy.digest}"),)
        log_act(tx, permit, Verb.ALTERATION, *touched, at=now, reason=reason)
    return PolicyInForce(made.number, policy, now, actor.name, reason)
