"""People with an account, and the roles that they were given."""

from dataclasses import dataclass
from datetime import date, datetime

from semblance.people.authority import Authority
from semblance.terms.actor import PersonId
from semblance.terms.role import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person was given; ``until`` is the last day on which it is in force."""

    role: Role
    until: date


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
    administrator.
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

    @property
    def may_sign_in(self) -> bool:
        return self.disabled_at is None and self.locked_at is None
