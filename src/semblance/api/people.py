"""People, authorities and tokens."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.people import (
    AccountDocument,
    AuthorityListDocument,
    MadeTokenDocument,
    PeopleDocument,
    PersonDocument,
    SignedInDocument,
    TokenDocument,
    TokenListDocument,
    describe_account,
    describe_actor,
    describe_made_token,
)
from semblance.people.passwords import make_password
from semblance.people.person import Authority, Grant
from semblance.terms.permission import Action, Role
from semblance.workflows.accounts import people
from semblance.workflows.accounts.authorities import add_authority, list_authorities, set_admitted
from semblance.workflows.accounts.own_account import list_tokens, make_token, revoke_token

_Reason = Annotated[str, Field(min_length=1, max_length=2_000, description="Why; it is recorded.")]


class ReasonRequest(Document):
    """Why an account is changed."""

    reason: _Reason


class PersonRequest(Document):
    """Somebody who shall have an account; the first password is made, and answered once."""

    name: str = Field(max_length=64, examples=["alice"])
    authority: str = Field(max_length=40, examples=["FR"])
    roles: dict[Role, date] = Field(default_factory=dict, description="Roles, each with its last day.")
    trained_on: date | None = Field(default=None, description="The day of an examiner's last training.")
    password: bool = Field(default=True, description="False: they sign in at the OpenID Connect provider only.")


class GrantRequest(Document):
    """A role's last day."""

    until: date
    reason: _Reason


class TrainingRequest(Document):
    """The day of an examiner's training."""

    on: date
    reason: _Reason


class AuthorityRequest(Document):
    """An authority to register."""

    code: str = Field(max_length=40, examples=["FR-PP"])
    name: str = Field(max_length=200)
    contact: str = Field(default="", max_length=200)
    key: str | None = Field(default=None, max_length=400, description="As `semblance ledger key` prints it there.")
    webhook: str | None = Field(default=None, max_length=400, description="An https address that is told of leads.")
    admitted: bool = True


class AdmissionRequest(Document):
    """Whether an authority's people may act here."""

    admitted: bool
    reason: _Reason


class TokenRequest(Document):
    """A token to make."""

    label: str = Field(max_length=80, examples=["nightly import"])
    scope: frozenset[Action] = Field(min_length=1, examples=[["record.read"]])
    until: date = Field(description="The last day, at most a year away.")


routes = APIRouter(tags=["people"], responses=list_answers(401))


@routes.get("/me", summary="Who asks", responses=list_answers(401))
def read_me(actor: CurrentActor) -> SignedInDocument:
    """Return whose token or session it is, with the roles in force now."""
    return describe_actor(actor)


@routes.get("/people", summary="List people", responses=list_answers(403))
def list_all(
    node: CurrentNode,
    actor: CurrentActor,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> PeopleDocument:
    """Return everybody with an account, and why a role is not in force."""
    return PeopleDocument.model_validate(people.list_people(node, actor, after=after, limit=limit))


@routes.post("/people", summary="Add somebody", status_code=201, responses=list_answers(403, 404, 409))
def add(node: CurrentNode, actor: CurrentActor, request: PersonRequest) -> AccountDocument:
    """Add an account; its password is in the answer this once, and must be changed at the first sign-in."""
    password = make_password() if request.password else None
    added = people.add_person(
        node,
        actor,
        request.name,
        authority=request.authority,
        password=password,
        grants=[Grant(role, until) for role, until in request.roles.items()],
        trained_on=request.trained_on,
    )
    return describe_account(added, password)


@routes.get("/people/{name}", summary="One person", responses=list_answers(403, 404))
def read(node: CurrentNode, actor: CurrentActor, name: str) -> PersonDocument:
    """Return one person's account."""
    return PersonDocument.model_validate(people.read_person(node, actor, name))


@routes.put("/people/{name}/roles/{role}", summary="Give a role", responses=list_answers(403, 404))
def grant(node: CurrentNode, actor: CurrentActor, name: str, role: Role, request: GrantRequest) -> AccountDocument:
    """Give a role until a day, or until another; open sessions end."""
    return describe_account(people.grant_role(node, actor, name, role, **request.model_dump()))


@routes.delete("/people/{name}/roles/{role}", summary="Take a role", responses=list_answers(403, 404))
def revoke(node: CurrentNode, actor: CurrentActor, name: str, role: Role, request: ReasonRequest) -> AccountDocument:
    """Take a role away at once; open sessions end."""
    return describe_account(people.revoke_role(node, actor, name, role, reason=request.reason))


@routes.put("/people/{name}/training", summary="Note a training", responses=list_answers(403, 404))
def train(node: CurrentNode, actor: CurrentActor, name: str, request: TrainingRequest) -> AccountDocument:
    """Note the day of an examiner's training."""
    return describe_account(people.set_training(node, actor, name, **request.model_dump()))


@routes.post("/people/{name}/disable", summary="Disable an account", responses=list_answers(403, 404))
def disable(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> AccountDocument:
    """Let somebody in no more; sessions end, and tokens are revoked."""
    return describe_account(people.disable_person(node, actor, name, reason=request.reason))


@routes.post("/people/{name}/enable", summary="Enable an account", responses=list_answers(403, 404))
def enable(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> AccountDocument:
    """Let somebody who was disabled sign in again."""
    return describe_account(people.enable_person(node, actor, name, reason=request.reason))


@routes.post("/people/{name}/unlock", summary="Unlock an account", responses=list_answers(403, 404))
def unlock(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> AccountDocument:
    """Delete wrong tries and codes."""
    return describe_account(people.unlock_person(node, actor, name, reason=request.reason))


@routes.get("/authorities", summary="List authorities", responses=list_answers(403))
def list_bodies(node: CurrentNode, actor: CurrentActor) -> AuthorityListDocument:
    """Return the authorities that the node knows."""
    return AuthorityListDocument(authorities=list_authorities(node, actor))


@routes.post("/authorities", summary="Register one", status_code=201, responses=list_answers(403, 409))
def register(node: CurrentNode, actor: CurrentActor, request: AuthorityRequest) -> Authority:
    """Register an authority."""
    return add_authority(node, actor, **request.model_dump())


@routes.put("/authorities/{code}/admission", summary="Admit or exclude", responses=list_answers(403, 404))
def admit(node: CurrentNode, actor: CurrentActor, code: str, request: AdmissionRequest) -> Authority:
    """Admit an authority's people, or refuse them everything from now on."""
    return set_admitted(node, actor, code, **request.model_dump())


@routes.get("/tokens", summary="List your tokens", responses=list_answers(403))
def list_own(node: CurrentNode, actor: CurrentActor) -> TokenListDocument:
    """Return your tokens, without their secrets."""
    return TokenListDocument(tokens=tuple(map(TokenDocument.model_validate, list_tokens(node, actor))))


@routes.post("/tokens", summary="Make a token", status_code=201, responses=list_answers(403))
def make(node: CurrentNode, actor: CurrentActor, request: TokenRequest) -> MadeTokenDocument:
    """Make a token with a session; its secret is in the answer this once. A token makes no tokens."""
    end = datetime.combine(request.until, time(), UTC) + timedelta(days=1)
    made = make_token(node, actor, label=request.label, scope=request.scope, expires_at=end)
    return describe_made_token(made)


@routes.delete("/tokens/{token}", summary="Revoke a token", responses=list_answers(403, 404))
def drop(node: CurrentNode, actor: CurrentActor, token: str) -> TokenDocument:
    """Let a token be taken no more: your own, or as an administrator anybody's."""
    return TokenDocument.model_validate(revoke_token(node, actor, token))
