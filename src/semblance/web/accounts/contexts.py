"""What the pages about signing in, the own account and people are given."""

from dataclasses import dataclass

from markupsafe import Markup

from semblance.people.person import Authority, Link
from semblance.web.page.contexts import Frame


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Name, password and code; ``provider`` is what another way in is called, empty where there is none."""

    frame: Frame
    onward: str
    name: str
    provider: str
    provider_href: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """A step between the provider's page and this node's, so that the cookie goes along."""

    frame: Frame
    onward: str


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """A password of one's own, before anything else."""

    frame: Frame
    duty: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class SecondFactorPage:
    """A key for the app, as a square and as text; ``replaces``: there is one already."""

    frame: Frame
    square: Markup
    key: str
    address: str
    replaces: bool
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RecoveryCodesPage:
    """Codes on paper, shown this once."""

    frame: Frame
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role, its last day, and why it is not in force."""

    role: str
    words: str
    until: str
    lapse: str


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token in the list; ``state`` is in words, ``grade`` how it is coloured."""

    id: str
    label: str
    start: str
    scope: tuple[str, ...]
    until: str
    state: str
    grade: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Somebody's own account; ``made`` is the secret of a token that was made just now."""

    frame: Frame
    name: str
    authority: str
    roles: tuple[RoleView, ...]
    has_password: bool
    second_factor: bool
    recovery_codes: int
    may_remove: bool
    tokens: tuple[TokenView, ...]
    actions: tuple[str, ...]
    default_until: str
    latest_until: str
    made: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in the list of people."""

    href: str
    name: str
    authority: str
    roles: tuple[RoleView, ...]
    second_factor: bool
    state: str
    grade: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody with an account, and the authorities; ``password`` is that of an account that was added just now."""

    frame: Frame
    rows: tuple[PersonRow, ...]
    authorities: tuple[Authority, ...]
    roles: tuple[tuple[str, str], ...]
    may_manage: bool
    may_manage_authorities: bool
    default_until: str
    next_href: str | None
    first: bool
    added: str | None = None
    password: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person's account as an administrator changes it."""

    frame: Frame
    row: PersonRow
    trained_on: str
    added_at: str
    links: tuple[Link, ...]
    roles: tuple[tuple[str, str], ...]
    disabled: bool
    locked: bool
    default_until: str
    today: str
    may_manage: bool
    done: str | None = None
    password: str | None = None
    problem: str | None = None
