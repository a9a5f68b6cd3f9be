"""The node: its health, the node in numbers, and its policy: read it, look at its versions, replace it."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from semblance import __version__
from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.document import Document
from semblance.edge.node import PolicyDocument, PolicyVersionsDocument
from semblance.store.ledger_growth import require_unbroken
from semblance.terms.permission import Action
from semblance.workflows.clock_check import list_doubts
from semblance.workflows.oversight.oversight import NodeSummary, describe_node
from semblance.workflows.oversight.policy import list_policies, read_policy, replace_policy
from semblance.workflows.permission import ask


class HealthDocument(BaseModel):
    """The node answers, and its store does."""

    status: Literal["ok"] = "ok"
    clock: Literal["believed", "doubted"] = Field(
        default="believed", description="Where it is doubted, nothing that falls due is ended or erased."
    )
    version: str = Field(examples=["0.1.0"])


class PolicyRequest(Document):
    """The next version of the policy."""

    text: str = Field(min_length=1, max_length=1_000_000, description="The policy file, TOML.")
    reason: str = Field(min_length=1, description="Why; it is recorded.")


open_routes = APIRouter(tags=["node"])
routes = APIRouter(prefix="/policy", tags=["policy"], responses=list_answers(401, 403))


@open_routes.get("/health", summary="Is the node up?", responses=list_answers())
def read_health(node: CurrentNode) -> HealthDocument:
    """Answer ok where node, store and ledger work; 503 where the store does not, or its ledger was changed by hand.

    507 where there is no room left.
    """
    node.store.check_room()
    require_unbroken(node.store)
    return HealthDocument(version=__version__, clock="doubted" if list_doubts(node) else "believed")


@open_routes.get("/node", summary="The node in numbers", responses=list_answers(401))
def read_node(node: CurrentNode, actor: CurrentActor) -> NodeSummary:
    """Return counts of what is held and open to you, the gallery's pack, and the purposes of the policy."""
    ask(node, actor, Action.POLICY_READ)
    return describe_node(node, actor)


@routes.get("", summary="The policy in force")
def read(node: CurrentNode, actor: CurrentActor) -> PolicyDocument:
    """Return who may do what, and which purposes search which kinds of record."""
    return PolicyDocument.model_validate(read_policy(node, actor))


@routes.get("/versions", summary="All versions of the policy")
def list_all(node: CurrentNode, actor: CurrentActor) -> PolicyVersionsDocument:
    """Return all versions that were brought into force, newest first."""
    return PolicyVersionsDocument(versions=list_policies(node, actor))


@routes.put("", summary="Replace the policy", responses=list_answers(409))
def replace(node: CurrentNode, actor: CurrentActor, request: PolicyRequest) -> PolicyDocument:
    """Bring a new version into force at once; the ledger says who did so and why."""
    return PolicyDocument.model_validate(replace_policy(node, actor, request.text, reason=request.reason))
