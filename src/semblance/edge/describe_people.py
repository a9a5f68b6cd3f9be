"""From authorities, people and tokens to documents for programs."""

from semblance.edge import people_documents as d
from semblance.people.authority import Authority
from semblance.people.person import Person
from semblance.people.token import Token
from semblance.terms.actor import Actor
from semblance.workflows.people import ShownGrant, ShownPerson
from semblance.workflows.tokens import MadeToken


def describe_authority(authority: Authority) -> d.AuthorityDocument:
    """Return the document of an authority."""
    return d.AuthorityDocument(
        code=authority.code,
        name=authority.name,
        contact=authority.contact,
        key=authority.key,
        webhook=authority.webhook,
        admitted=authority.admitted,
    )


def describe_person(shown: ShownPerson) -> d.PersonDocument:
    """Return the document of somebody with an account."""
    person = shown.person
    return d.PersonDocument(
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
        links=tuple(d.LinkDocument(issuer=issuer, subject=subject) for issuer, subject in shown.links),
    )


def describe_account(person: Person, password: str | None = None) -> d.AccountDocument:
    """Return the document of an account that was added or changed, with its password where one was made."""
    return d.AccountDocument(name=person.name, authority=person.authority.code, password=password)


def describe_actor(actor: Actor, recovery_codes: tuple[str, ...] = ()) -> d.SignedInDocument:
    """Return the document of who is signed in."""
    return d.SignedInDocument(
        name=actor.name,
        authority=actor.authority,
        admitted=actor.admitted,
        roles=tuple(sorted(role.value for role in actor.roles)),
        recovery_codes=recovery_codes,
    )


def describe_token(token: Token) -> d.TokenDocument:
    """Return the document of a token."""
    return d.TokenDocument(
        id=token.id,
        label=token.label,
        start=token.start,
        scope=tuple(sorted(action.value for action in token.scope)),
        made_at=token.made_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
    )


def describe_made_token(made: MadeToken) -> d.MadeTokenDocument:
    """Return the document of a new token, with its secret."""
    return d.MadeTokenDocument(**describe_token(made.token).model_dump(), secret=made.secret)


def _describe_grant(shown: ShownGrant) -> d.GrantDocument:
    return d.GrantDocument(
        role=shown.grant.role.value, until=shown.grant.until, in_force=shown.lapse is None, lapse=shown.lapse
    )
