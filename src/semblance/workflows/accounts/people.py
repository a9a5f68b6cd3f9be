"""What one administrator does with accounts: look at them, and take roles, ways in and wrong tries away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from semblance.audit.entry import Touched, Verb
from semblance.errors import Conflict, IntakeError, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Grant, Link, Person, find_grant_fault, find_lapse, find_name_fault
from semblance.store import credentials, people, sessions
from semblance.store.engine import Transaction
from semblance.terms.permission import Action, Actor, Role
from semblance.workflows.accounts.standing import Standing, read_standing
from semblance.workflows.permission import ask, log_act, require_reason


@dataclass(frozen=True, slots=True)
class ShownGrant:
    """A role that was given; ``lapse`` says why it is not in force, None where it is."""

    grant: Grant
    lapse: Message | None

    @property
    def in_force(self) -> bool:
        return self.lapse is None


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """A person as the list shows them."""

    person: Person
    grants: tuple[ShownGrant, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People in the order of their names; ``next_after`` is None on the last page.

    ``damaged`` are the names of those of whom something was changed in the database by hand: they are let in no more.
    """

    people: tuple[ShownPerson, ...]
    next_after: str | None
    standing: Standing
    damaged: tuple[str, ...] = ()


def list_people(node: Node, actor: Actor, *, after: str | None = None, limit: int = 100) -> PeoplePage:
    """Return everybody who has an account, with their roles; the list is an entry in the ledger."""
    permit = ask(node, actor, Action.PERSON_READ)
    with node.store.writing() as tx:
        found, damaged = people.list_people(tx, after=after, limit=limit + 1)
        names = sorted([*(person.name for person in found), *damaged])[:limit]
        shown = tuple(_show(node, tx, person) for person in found if person.name in names)
        log_act(tx, permit, Verb.CONSULTATION, at=node.clock())
        standing = read_standing(node, tx)
    last = names[-1] if len(found) + len(damaged) > limit else None
    return PeoplePage(shown, last, standing, tuple(name for name in damaged if name in names))


def read_person(node: Node, actor: Actor, name: str) -> ShownPerson:
    """Return one person with their roles; an entry in the ledger. Raises NotFound."""
    permit = ask(node, actor, Action.PERSON_READ)
    with node.store.writing() as tx:
        person = require_person_named(tx, name)
        log_act(tx, permit, Verb.CONSULTATION, touch_person(person), at=node.clock())
        return _show(node, tx, person)


def _show(node: Node, tx: Transaction, person: Person) -> ShownPerson:
    return ShownPerson(person, show_grants(node, person), people.list_links(tx, person.id))


def show_grants(node: Node, person: Person) -> tuple[ShownGrant, ...]:
    """Return the person's roles, each with why it is not in force, where it is not."""
    today, rules = node.clock().date(), node.role_rules
    return tuple(ShownGrant(grant, find_lapse(person, grant, today, rules)) for grant in person.grants)


def revoke_role(node: Node, actor: Actor, name: str, role: Role, *, reason: str) -> Person:
    """Take a role away; the person's sessions end. Raises NotFound where it was not given."""
    with _changing(node, actor, name, reason) as (tx, person):
        if not people.drop_grant(tx, person.id, role):
            raise NotFound(
                "role.not-given",
                "{name} was not given the role {role}; `semblance people list` shows the roles.",
                name=name,
                role=role,
            )
        sessions.drop_sessions(tx, person.id)
        return require_person_named(tx, name)


def disable_person(node: Node, actor: Actor, name: str, *, reason: str) -> Person:
    """Let somebody in no more: sessions end, and tokens are revoked. What they did stays in the ledger."""
    now = node.clock()
    with _changing(node, actor, name, reason) as (tx, person):
        people.set_disabled(tx, person.id, now)
        sessions.drop_sessions(tx, person.id)
        sessions.revoke_tokens(tx, person.id, now)
        return require_person_named(tx, name)


def unlock_person(node: Node, actor: Actor, name: str, *, reason: str) -> Person:
    """Delete wrong tries and codes, so that somebody who was locked out can sign in again."""
    with _changing(node, actor, name, reason) as (tx, person):
        credentials.forgive(tx, person.id)
        return require_person_named(tx, name)


def unlink_person(node: Node, actor: Actor, name: str, *, reason: str) -> Person:
    """Let no account at a provider sign in as the person; their sessions end."""
    with _changing(node, actor, name, reason) as (tx, person):
        people.drop_links(tx, person.id)
        sessions.drop_sessions(tx, person.id)
        return require_person_named(tx, name)


def require_person_named(tx: Transaction, name: str) -> Person:
    """Return the person with that login name; raises NotFound."""
    found = people.find_person_named(tx, name)
    if found is None:
        raise NotFound(
            "people.unknown", "Nobody here is called '{name}'; `semblance people list` names everybody.", name=name
        )
    return found


def touch_person(person: Person) -> Touched:
    """Return the person as the ledger is told of them."""
    return Touched("person", person.id)


@contextmanager
def _changing(node: Node, actor: Actor, name: str, reason: str) -> Iterator[tuple[Transaction, Person]]:
    """Give the person to be changed within a transaction, where the actor may; the change is told to the ledger."""
    with node.store.reading() as tx:
        found = people.find_person_named(tx, name)
    touched = () if found is None else (touch_person(found),)
    owner = None if found is None else found.authority.code
    permit = ask(node, actor, Action.PERSON_MANAGE, owner=owner, touched=touched)
    require_reason(reason, Message("people.change-unexplained", "Say why the account is changed."))
    with node.store.writing() as tx:
        person = require_person_named(tx, name)
        yield tx, person
        log_act(tx, permit, Verb.ALTERATION, *touched, at=node.clock(), reason=reason)


def check_account(node: Node, name: str, grants: tuple[Grant, ...], trained_on: date | None) -> None:
    """Raise IntakeError where an account cannot be added like that, naming the wrong field."""
    if (fault := find_name_fault(name)) is not None:
        raise IntakeError("people.name-unusable", "The login name cannot be taken: {fault}.", fault=fault)
    for grant in grants:
        if (fault := find_grant_fault(grant.until, node.clock().date())) is not None:
            raise IntakeError(
                "role.last-day-unusable", "The last day of {role}, {fault}.", role=grant.role, fault=fault
            )
    if trained_on is not None:
        require_been(trained_on, node)


def require_been(trained_on: date, node: Node) -> None:
    """Raise IntakeError where the day of a training is to come."""
    if trained_on > node.clock().date():
        raise IntakeError(
            "people.training-to-come",
            "The training day {day} is to come; note it when the training has been.",
            day=trained_on,
        )


def require_free(tx: Transaction, name: str) -> None:
    """Raise Conflict where somebody has that login name."""
    if people.find_person_named(tx, name) is not None:
        raise Conflict(
            "people.name-taken", "Somebody is called '{name}' here already; choose another login name.", name=name
        )
