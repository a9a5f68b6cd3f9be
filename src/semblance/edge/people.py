"""The documents about authorities, people and tokens."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from semblance.edge.document import Document, MessageDocument, taken_from
from semblance.messages.message import Message
from semblance.people.person import Authority, Link, Person
from semblance.people.proposal import Proposal, ProposalState
from semblance.terms.permission import Actor, Role
from semblance.workflows.accounts.own_account import MadeToken
from semblance.workflows.accounts.standing import JoinedRoles

Sorted = Annotated[tuple[str, ...], BeforeValidator(sorted)]


class AuthorityListDocument(Document):
    """All authorities, in the order of their codes; the people of one that is not admitted are refused everything."""

    authorities: tuple[Authority, ...]


class GrantDocument(Document):
    """A role that a person was given."""

    role: Role = taken_from("role", "grant", "role")
    until: date = taken_from("until", "grant", "until")
    in_force: bool
    lapse: Message | None = Field(description="Why the role is not in force, where it is not.")
    joined_until: date | None = taken_from(
        "joined_until",
        "grant",
        "joined_until",
        description="Until when it may stand beside a role that the policy keeps apart from it; null for most.",
    )


class PersonDocument(Document):
    """Somebody with an account."""

    name: str = taken_from("name", "person", "name")
    authority: str = taken_from("authority", "person", "authority", "code")
    admitted: bool = taken_from("admitted", "person", "authority", "admitted")
    roles: tuple[GrantDocument, ...] = taken_from("roles", "grants")
    trained_on: date | None = taken_from("trained_on", "person", "trained_on")
    second_factor: bool = taken_from("second_factor", "person", "second_factor")
    must_change_password: bool = taken_from("must_change_password", "person", "must_change")
    added_at: datetime = taken_from("added_at", "person", "added_at")
    disabled_at: datetime | None = taken_from("disabled_at", "person", "disabled_at")
    locked_at: datetime | None = taken_from("locked_at", "person", "locked_at")
    doubted_at: datetime | None = taken_from(
        "doubted_at",
        "person",
        "doubted_at",
        description="Since when the account of a restored copy waits to be confirmed; null for most.",
    )
    links: tuple[Link, ...]


class PeopleDocument(Document):
    """People in the order of their names."""

    people: tuple[PersonDocument, ...]
    next_after: str | None = Field(description="Where the next page goes on; null on the last.")
    joined: tuple[JoinedRoles, ...] = taken_from(
        "joined", "standing", "joined", description="Who holds roles that the policy keeps apart, and until when."
    )
    two_administrators: bool = taken_from(
        "two_administrators",
        "standing",
        "two_administrators",
        description="Whether two independent administrators can act.",
    )
    damaged: tuple[str, ...] = Field(
        description="Names of those on this page who were changed in the database by hand; they are refused."
    )


class AccountDocument(Document):
    """An account that was changed."""

    name: str
    authority: str


class ProposalDocument(Document):
    """An act that waits for a second person, or was decided."""

    number: int
    act: str = Field(examples=["role.give"])
    values: dict[str, Any] = Field(description="What the act is about.")
    what: MessageDocument = Field(description="What shall be done, in words.")
    person: str = Field(description="Who proposed it.")
    authority: str
    reason: str
    made_at: datetime
    lapses_at: datetime
    state: ProposalState
    decided_by: str | None
    decided_at: datetime | None
    password_half: str | None = Field(
        default=None,
        description="One half of the password that it makes, shown this once: the first to who proposes, the second "
        "to who confirms. Its owner needs both, with a hyphen between them.",
    )


class ProposalListDocument(Document):
    """Proposals; those that wait by their number, else the newest first."""

    proposals: tuple[ProposalDocument, ...]


class SignedInDocument(Document):
    """Who is signed in now."""

    name: str
    authority: str
    admitted: bool
    roles: Sorted = Field(description="The roles in force.")
    recovery_codes: tuple[str, ...] = Field(default=(), description="Where a second factor was set up just now.")


class TokenDocument(Document):
    """A token without its secret."""

    id: str
    label: str
    start: str = Field(description="The first characters of the secret.")
    scope: Sorted
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class TokenListDocument(Document):
    """Tokens, newest first."""

    tokens: tuple[TokenDocument, ...]


class MadeTokenDocument(TokenDocument):
    """A new token; ``secret`` is shown this once."""

    secret: str


def describe_account(person: Person) -> AccountDocument:
    """Return the document of an account that was changed."""
    return AccountDocument(name=person.name, authority=person.authority.code)


def describe_proposal(found: Proposal, now: datetime, half: str | None = None) -> ProposalDocument:
    """Return the document of a proposal; ``half`` is what whoever took a step is shown once."""
    said = {"what": MessageDocument.of(found.what), "person": found.name, "state": found.find_state(now)}
    return ProposalDocument.from_value(found, **said, values=dict(found.values), password_half=half)


def describe_proposals(found: Iterable[Proposal], now: datetime) -> ProposalListDocument:
    """Return proposals as a document."""
    return ProposalListDocument(proposals=tuple(describe_proposal(proposal, now) for proposal in found))


def describe_actor(actor: Actor, recovery_codes: tuple[str, ...] = ()) -> SignedInDocument:
    """Return the document of who is signed in."""
    return SignedInDocument.model_validate(actor).model_copy(update={"recovery_codes": recovery_codes})


def describe_made_token(made: MadeToken) -> MadeTokenDocument:
    """Return the document of a new token, with its secret."""
    return MadeTokenDocument(**TokenDocument.model_validate(made.token).model_dump(), secret=made.secret)
