"""The documents about authorities, people and tokens."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.document import Document
from semblance.people.authority import Authority
from semblance.people.person import Person
from semblance.people.token import Token
from semblance.terms.actor import Actor
from semblance.workflows.accounts.people import ShownGrant, ShownPerson
from semblance.workflows.accounts.tokens import MadeToken


class AuthorityDocument(Document):
    """An authority that the node knows; the people of one that is not admitted are refused everything."""

    code: str = Field(examples=["FR"])
    name: str
    contact: str
    key: str | None = Field(description="The public key of its node, as `semblance ledger key` prints it there.")
    webhook: str | None = Field(description="Where its own systems are told of leads on its records.")
    admitted: bool


class AuthorityListDocument(Document):
    """All authorities, in the order of their codes."""

    authorities: tuple[AuthorityDocument, ...]


class GrantDocument(Document):
    """A role that a person was given."""

    role: str
    until: date
    in_force: bool
    lapse: str | None = Field(description="Why the role is not in force, where it is not.")


class LinkDocument(Document):
    """An account at an OpenID Connect provider that may sign in as the person."""

    issuer: str
    subject: str


class PersonDocument(Document):
    """Somebody with an account."""

    name: str
    authority: str
    admitted: bool
    roles: tuple[GrantDocument, ...]
    trained_on: date | None
    second_factor: bool
    must_change_password: bool
    added_at: datetime
    disabled_at: datetime | None
    locked_at: datetime | None
    links: tuple[LinkDocument, ...]


class PeopleDocument(Document):
    """People in the order of their names."""

    people: tuple[PersonDocument, ...]
    next_after: str | None = Field(description="Where the next page goes on; null on the last.")


class AccountDocument(Document):
    """An account that was added or changed; ``password`` is shown this once, null where none was made."""

    name: str
    authority: str
    password: str | None


class SignedInDocument(Document):
    """Who is signed in now."""

    name: str
    authority: str
    admitted: bool
    roles: tuple[str, ...] = Field(description="The roles in force.")
    recovery_codes: tuple[str, ...] = Field(default=(), description="Where a second factor was set up just now.")


class TokenDocument(Document):
    """A token without its secret."""

    id: str
    label: str
    start: str = Field(description="The first characters of the secret.")
    scope: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenListDocument(Document):
    """Tokens, newest first."""

    tokens: tuple[TokenDocument, ...]


class MadeTokenDocument(TokenDocument):
    """A new token; ``secret`` is shown this once."""

    secret: str


def describe_authority(authority: Authority) -> AuthorityDocument:
    """Return the document of an authority."""
    return AuthorityDocument(
        code=authority.code,
        name=authority.name,
        contact=authority.contact,
        key=authority.key,
        webhook=authority.webhook,
        admitted=authority.admitted,
    )


def describe_person(shown: ShownPerson) -> PersonDocument:
    """Return the document of somebody with an account."""
    person = shown.person
    return PersonDocument(
        name=person.name,
        authority=person.authority.code,
        admitted=person.authority.admitted,
        roles=tuple(map(_describe_grant, shown.grants)),
        trained_on=person.trained_on,
        second_factor=person.second_factor,
        must_change_password=person.must_change,
        added_at=person.added_at,
        disabled_at=person.disabled_at,
        locked_at=person.locked_at,
        links=tuple(LinkDocument(issuer=issuer, subject=subject) for issuer, subject in shown.links),
    )


def describe_account(person: Person, password: str | None = None) -> AccountDocument:
    """Return the document of an account that was added or changed, with its password where one was made."""
    return AccountDocument(name=person.name, authority=person.authority.code, password=password)


def describe_actor(actor: Actor, recovery_codes: tuple[str, ...] = ()) -> SignedInDocument:
    """Return the document of who is signed in."""
    return SignedInDocument(
        name=actor.name,
        authority=actor.authority,
        admitted=actor.admitted,
        roles=tuple(sorted(role.value for role in actor.roles)),
        recovery_codes=recovery_codes,
    )


def describe_token(token: Token) -> TokenDocument:
    """Return the document of a token."""
    return TokenDocument(
        id=token.id,
        label=token.label,
        start=token.start,
        scope=tuple(sorted(action.value for action in token.scope)),
        made_at=token.made_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
    )


def describe_made_token(made: MadeToken) -> MadeTokenDocument:
    """Return the document of a new token, with its secret."""
    return MadeTokenDocument(**describe_token(made.token).model_dump(), secret=made.secret)


def _describe_grant(shown: ShownGrant) -> GrantDocument:
    return GrantDocument(
        role=shown.grant.role.value, until=shown.grant.until, in_force=shown.lapse is None, lapse=shown.lapse
    )
