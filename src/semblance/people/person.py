"""People with an account, the authorities that they act for, and which of their roles are in force on a day."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from semblance.messages.message import Message
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import PersonId, Role
from semblance.terms.text import is_mail_address


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that people act for.

    ``key`` is the public key of its node as `semblance ledger key` prints it, or None. One that is not ``admitted`` is
    known here, and its people are refused everything. ``webhook`` is where its own systems are told of leads, or None.
    """

    code: AuthorityCode
    name: str
    contact: str
    key: str | None
    admitted: bool
    webhook: str | None = None

    @property
    def mail(self) -> str | None:
        """Return the contact where it is one plain e-mail address and nothing else, or None."""
        return self.contact if is_mail_address(self.contact) else None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person was given; ``until`` is the last day on which it is in force.

    ``joined_until`` is the last day on which it may stand beside roles that the policy keeps apart from it: an older
    version let it, nobody is given such a role any more.
    """

    role: Role
    until: date
    joined_until: date | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An account at an OpenID Connect provider that may sign in as somebody."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    ``trained_on`` is the day of an examiner's last training. ``must_change`` is True while the password is one that
    somebody else chose. ``locked_at`` is set by too many wrong codes of the second factor, ``disabled_at`` by an
    administrator, ``doubted_at`` by a restored copy of the store, in which the account may be as it was long ago.
    """

    id: PersonId
    name: str
    authority: Authority
    grants: tuple[Grant, ...]
    trained_on: date | None
    second_factor: bool
    must_change: bool
    added_at: datetime
    disabled_at: datetime | None = None
    locked_at: datetime | None = None
    doubted_at: datetime | None = None

    @property
    def may_sign_in(self) -> bool:
        return self.disabled_at is None and self.locked_at is None and self.doubted_at is None


_FORM: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_RESERVED: Final = frozenset({"unknown", "semblance-worker", "worker", "nobody"})


def find_name_fault(name: str) -> Message | None:
    """Return why nobody can be called that, or None."""
    if name in _RESERVED:
        return Message(
            "people.name-reserved", "'{name}' is what the ledger calls somebody else; choose another name", name=name
        )
    if _FORM.fullmatch(name):
        return None
    return Message(
        "people.name-invalid",
        "'{name}' is no login name: write 2 to 64 small letters, digits, dots, hyphens or underscores",
        name=name,
    )


LONGEST_GRANT: Final = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class RoleRules:
    """What decides whether a role is in force: for how long a training counts, and which roles are kept apart."""

    training_years: int
    apart: tuple[frozenset[Role], ...] = ()


def find_roles_in_force(person: Person, today: date, rules: RoleRules) -> frozenset[Role]:
    """Return the roles whose last day has not passed; an examiner's only with training that still counts."""
    return frozenset(grant.role for grant in person.grants if find_lapse(person, grant, today, rules) is None)


def find_lapse(person: Person, grant: Grant, today: date, rules: RoleRules) -> Message | None:
    """Return why a role that was given is not in force, or None where it is."""
    if grant.until < today:
        return Message("role.ended", "ended on {day}", day=grant.until)
    joined = list_joined(person, today, rules.apart)
    if grant.role in joined and (grant.joined_until is None or grant.joined_until < today):
        return Message(
            "role.joined",
            "{roles:and} are kept apart by the policy, and none of them is in force until the others are taken away",
            roles=joined,
        )
    if grant.role is not Role.EXAMINER:
        return None
    if person.trained_on is None:
        return Message("role.no-training", "no training is recorded")
    if person.trained_on > today:
        return Message("role.training-to-come", "the training is only on {day}", day=person.trained_on)
    if today > find_training_end(person.trained_on, rules.training_years):
        return Message(
            "role.training-old",
            "the training of {day} is older than {n} years",
            day=person.trained_on,
            n=rules.training_years,
        )
    return None


def list_joined(person: Person, today: date, apart: Collection[frozenset[Role]]) -> tuple[Role, ...]:
    """Return the roles that a person holds and that are kept apart, sorted; empty where they are of one group."""
    return find_joined({grant.role for grant in person.grants if grant.until >= today}, apart)


def find_joined(roles: Collection[Role], apart: Collection[frozenset[Role]]) -> tuple[Role, ...]:
    """Return which of the roles cannot stand beside each other, sorted; empty where all of them can."""
    groups = [group.intersection(roles) for group in apart]
    held = [group for group in groups if group]
    return tuple(sorted(frozenset[Role]().union(*held))) if len(held) > 1 else ()


def find_training_end(trained_on: date, years: int) -> date:
    """Return the last day on which a training counts."""
    try:
        return trained_on.replace(year=trained_on.year + years)
    except ValueError:
        # the 29th of February, or a year that no calendar has
        return date.max if trained_on.year + years > date.max.year else date(trained_on.year + years, 2, 28)


def find_grant_fault(until: date, today: date) -> Message | None:
    """Return why a role cannot be given until that day, or None."""
    if until < today:
        return Message(
            "role.day-passed", "{day} has passed; name the last day on which the role shall be in force", day=until
        )
    if until - today > LONGEST_GRANT:
        return Message(
            "role.day-far", "{day} is more than five years away; give the role for five years at most", day=until
        )
    return None


def describe_grants(grants: Iterable[Grant]) -> tuple[Message, ...]:
    """Return each grant in words: ``examiner until 2027-01-31``."""
    return tuple(Message("role.granted", "{role} until {day}", role=grant.role, day=grant.until) for grant in grants)
