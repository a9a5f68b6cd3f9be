"""How the accounts of a node stand: whether two administrators can act, and who holds roles that are kept apart."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from semblance.errors import VerificationError
from semblance.node.node import Node
from semblance.people.person import Person, find_roles_in_force, list_joined
from semblance.people.proposal import are_independent
from semblance.store import people, proposals
from semblance.store.engine import Transaction
from semblance.terms.permission import PersonId, Role


@dataclass(frozen=True, slots=True)
class JoinedRoles:
    """Roles that are kept apart and that one person holds; ``until`` is their last day, None where that has passed."""

    person: str
    roles: tuple[Role, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What needs mending; ``two_administrators``: what needs two people can be done."""

    joined: tuple[JoinedRoles, ...]
    two_administrators: bool


def read_standing(node: Node, tx: Transaction) -> Standing:
    """Return how the accounts stand now."""
    today, apart = node.clock().date(), node.policy.read().roles.apart
    found = []
    for person in people.list_holders_of_several(tx):
        if joined := list_joined(person, today, apart):
            days = [grant.joined_until for grant in person.grants if grant.role in joined]
            held = all(day is not None and day >= today for day in days)
            found.append(JoinedRoles(person.name, joined, min(filter(None, days)) if held else None))
    return Standing(tuple(found), has_two_administrators(node, tx))


def has_two_administrators(node: Node, tx: Transaction) -> bool:
    """Return whether two people can act as administrators now, neither of whom is in the other's hands."""
    hands: dict[PersonId, frozenset[PersonId]] = {}
    able = []
    for person in _find_administrators(node, tx):
        # nobody counts in whose account somebody had a hand who was changed by hand
        with suppress(VerificationError):
            hands |= proposals.read_hands(tx, [person.id])
            able.append(person.id)
    return any(are_independent(first, second, hands) for first, second in combinations(able, 2))


def _find_administrators(node: Node, tx: Transaction) -> tuple[Person, ...]:
    today, rules = node.clock().date(), node.role_rules
    return tuple(
        person
        for person in people.list_holders(tx, Role.ADMINISTRATOR)
        if person.may_sign_in
        and person.authority.admitted
        and Role.ADMINISTRATOR in find_roles_in_force(person, today, rules)
    )
