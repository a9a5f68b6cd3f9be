"""People, authorities, what waits for a second person, and tokens."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
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
    ProposalDocument,
    ProposalListDocument,
    SignedInDocument,
    TokenDocument,
    TokenListDocument,
    describe_account,
    describe_actor,
    describe_made_token,
    describe_proposal,
    describe_proposals,
)
from semblance.edge.statuses import NUMBER_CAP
from semblance.node.node import Node
from semblance.people.person import Authority, Grant
from semblance.people.token import find_end
from semblance.terms.permission import Action, Actor, Role
from semblance.workflows.accounts import people
from semblance.workflows.accounts.authorities import add_authority, exclude_authority, list_authorities
from semblance.workflows.accounts.joint_acts import (
    AddPerson,
    AdmitAuthority,
    EnablePerson,
    GiveRole,
    NoteTraining,
    ResetPerson,
    propose_confirmation,
)
from semblance.workflows.accounts.own_account import list_tokens, make_token, revoke_token
from semblance.workflows.oversight.believe_clock import BelieveClock
from semblance.workflows.oversight.proposals import confirm_proposal, decline_proposal, list_proposals
from semblance.workflows.two_people import JointAct, propose

_Number = Annotated[int, Path(ge=1, le=NUMBER_CAP)]
_Reason = Annotated[str, Field(min_length=1, max_length=2_000, description="Why; it is recorded.")]


class ReasonRequest(Document):
    """Why an account is changed."""

    reason: _Reason


class PersonRequest(Document):
    """Somebody who shall have an account; two people are each answered one half of the first password, once."""

    name: str = Field(max_length=64, examples=["alice"])
    authority: str = Field(max_length=40, examples=["FR"])
    roles: dict[Role, date] = Field(default_factory=dict, description="Roles, each with its last day.")
    trained_on: date | None = Field(default=None, description="The day of an examiner's last training.")
    password: bool = Field(default=True, description="False: they sign in at the OpenID Connect provider only.")
    reason: _Reason


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


@routes.post("/people", summary="Propose somebody", status_code=202, responses=list_answers(403, 404, 409))
def add(node: CurrentNode, actor: CurrentActor, request: PersonRequest) -> ProposalDocument:
    """Propose an account with its roles; it is made when a second person confirms it."""
    grants = tuple(Grant(role, until) for role, until in request.roles.items())
    act = AddPerson(request.name, request.authority, grants, request.trained_on, with_password=request.password)
    return _propose(node, actor, act, request.reason)


@routes.get("/people/{name}", summary="One person", responses=list_answers(403, 404))
def read(node: CurrentNode, actor: CurrentActor, name: str) -> PersonDocument:
    """Return one person's account."""
    return PersonDocument.model_validate(people.read_person(node, actor, name))


@routes.put(
    "/people/{name}/roles/{role}", summary="Propose a role", status_code=202, responses=list_answers(403, 404, 409)
)
def grant(node: CurrentNode, actor: CurrentActor, name: str, role: Role, request: GrantRequest) -> ProposalDocument:
    """Propose to give a role until a day, or until another; open sessions end when it is confirmed."""
    return _propose(node, actor, GiveRole(name, role, request.until), request.reason)


@routes.delete("/people/{name}/roles/{role}", summary="Take a role", responses=list_answers(403, 404))
def revoke(node: CurrentNode, actor: CurrentActor, name: str, role: Role, request: ReasonRequest) -> AccountDocument:
    """Take a role away at once; open sessions end."""
    return describe_account(people.revoke_role(node, actor, name, role, reason=request.reason))


@routes.put(
    "/people/{name}/training", summary="Propose a training", status_code=202, responses=list_answers(403, 404, 409)
)
def train(node: CurrentNode, actor: CurrentActor, name: str, request: TrainingRequest) -> ProposalDocument:
    """Propose to note the day of an examiner's training."""
    return _propose(node, actor, NoteTraining(name, request.on), request.reason)


@routes.post("/people/{name}/disable", summary="Disable an account", responses=list_answers(403, 404))
def disable(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> AccountDocument:
    """Let somebody in no more; sessions end, and tokens are revoked."""
    return describe_account(people.disable_person(node, actor, name, reason=request.reason))


@routes.post(
    "/people/{name}/enable", summary="Propose to enable one", status_code=202, responses=list_answers(403, 404, 409)
)
def enable(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> ProposalDocument:
    """Propose to let somebody who was disabled sign in again."""
    return _propose(node, actor, EnablePerson(name), request.reason)


@routes.post(
    "/people/{name}/confirm", summary="Propose to confirm one", status_code=202, responses=list_answers(403, 404, 409)
)
def vouch(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> ProposalDocument:
    """Propose to let an account of a restored copy count as it stands."""
    made = propose_confirmation(node, actor, name, reason=request.reason)
    return describe_proposal(made.proposal, node.clock(), made.half)


@routes.post(
    "/people/{name}/reset", summary="Propose a new password", status_code=202, responses=list_answers(403, 404, 409)
)
def reset(node: CurrentNode, actor: CurrentActor, name: str, request: ReasonRequest) -> ProposalDocument:
    """Propose to give somebody a new password, and to take every other way in away."""
    return _propose(node, actor, ResetPerson(name), request.reason)


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
    """Register an authority; its people are refused everything until it is admitted."""
    return add_authority(node, actor, **request.model_dump())


@routes.post(
    "/authorities/{code}/admit", summary="Propose to admit one", status_code=202, responses=list_answers(403, 404, 409)
)
def admit(node: CurrentNode, actor: CurrentActor, code: str, request: ReasonRequest) -> ProposalDocument:
    """Propose to let an authority's people act here."""
    return _propose(node, actor, AdmitAuthority(code), request.reason)


@routes.post("/authorities/{code}/exclude", summary="Exclude one", responses=list_answers(403, 404))
def exclude(node: CurrentNode, actor: CurrentActor, code: str, request: ReasonRequest) -> Authority:
    """Refuse everything to an authority's people from now on."""
    return exclude_authority(node, actor, code, reason=request.reason)


@routes.get("/proposals", summary="List what waits for a second person", responses=list_answers(403))
def list_waiting(
    node: CurrentNode,
    actor: CurrentActor,
    decided: Annotated[bool, Query(description="The newest, whatever became of them.")] = False,
) -> ProposalListDocument:
    """Return proposals: those that wait, or the newest ones."""
    return describe_proposals(list_proposals(node, actor, decided=decided), node.clock())


@routes.post(
    "/proposals/believe-clock",
    summary="Propose that the doubted clock is right",
    status_code=202,
    responses=list_answers(403, 409),
)
def believe_clock(node: CurrentNode, actor: CurrentActor, request: ReasonRequest) -> ProposalDocument:
    """Propose to go on ending and erasing what falls due by a clock that the node doubts."""
    return _propose(node, actor, BelieveClock(), request.reason)


@routes.post("/proposals/{number}/confirm", summary="Confirm one", responses=list_answers(403, 404, 409))
def confirm(node: CurrentNode, actor: CurrentActor, number: _Number) -> ProposalDocument:
    """Do what somebody else proposed, as the second person; a token confirms nothing."""
    done = confirm_proposal(node, actor, number)
    return describe_proposal(done.proposal, node.clock(), done.half)


@routes.post("/proposals/{number}/decline", summary="Decline one", responses=list_answers(403, 404, 409))
def decline(node: CurrentNode, actor: CurrentActor, number: _Number, request: ReasonRequest) -> ProposalDocument:
    """Let a proposal not be done: somebody else's, or your own."""
    return describe_proposal(decline_proposal(node, actor, number, reason=request.reason).proposal, node.clock())


def _propose(node: Node, actor: Actor, act: JointAct, reason: str) -> ProposalDocument:
    made = propose(node, actor, act, reason=reason)
    return describe_proposal(made.proposal, node.clock(), made.half)


@routes.get("/tokens", summary="List your tokens", responses=list_answers(403))
def list_own(node: CurrentNode, actor: CurrentActor) -> TokenListDocument:
    """Return your tokens, without their secrets."""
    return TokenListDocument(tokens=tuple(map(TokenDocument.model_validate, list_tokens(node, actor))))


@routes.post("/tokens", summary="Make a token", status_code=201, responses=list_answers(403))
def make(node: CurrentNode, actor: CurrentActor, request: TokenRequest) -> MadeTokenDocument:
    """Make a token with a session; its secret is in the answer this once. A token makes no tokens."""
    end = find_end(request.until)
    made = make_token(node, actor, label=request.label, scope=request.scope, expires_at=end)
    return describe_made_token(made)


@routes.delete("/tokens/{token}", summary="Revoke a token", responses=list_answers(403, 404))
def drop(node: CurrentNode, actor: CurrentActor, token: str) -> TokenDocument:
    """Let a token be taken no more: your own, or as an administrator anybody's."""
    return TokenDocument.model_validate(revoke_token(node, actor, token))
