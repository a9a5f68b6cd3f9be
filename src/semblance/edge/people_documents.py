"""The documents about authorities, people and tokens."""

from datetime import date, datetime

from pydantic import Field

from semblance.edge.documents import Document


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
