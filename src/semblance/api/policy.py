"""The policy: read it, look at its versions, replace it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from semblance.api.answers import list_answers
from semblance.edge.acting import make_acting
from semblance.edge.cases import PolicyDocument, PolicyVersionsDocument, describe_policies, describe_policy
from semblance.edge.statuses import accept
from semblance.node.node import Node
from semblance.terms.actor import Actor
from semblance.workflows.oversight.policy import list_policies, read_policy, replace_policy


class PolicyRequest(BaseModel):
    """The next version of the policy."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=1_000_000, description="The policy file, TOML.")
    reason: str = Field(min_length=1, description="Why; it is recorded.")


def make_policy_routes(node: Node) -> APIRouter:
    """Return the routes about the policy."""
    routes = APIRouter(prefix="/policy", tags=["policy"])
    acting = make_acting(node)

    @routes.get("", summary="The policy in force", responses=list_answers(401, 403))
    def read(actor: Annotated[Actor, Depends(acting)]) -> PolicyDocument:
        """Return who may do what, and which purposes search which kinds of record."""
        return describe_policy(accept(read_policy(node, actor)))

    @routes.get("/versions", summary="All versions of the policy", responses=list_answers(401, 403))
    def list_all(actor: Annotated[Actor, Depends(acting)]) -> PolicyVersionsDocument:
        """Return all versions that were brought into force, newest first."""
        return describe_policies(accept(list_policies(node, actor)))

    @routes.put("", summary="Replace the policy", responses=list_answers(401, 403, 409))
    def replace(actor: Annotated[Actor, Depends(acting)], request: PolicyRequest) -> PolicyDocument:
        """Bring a new version into force at once; the ledger says who did so and why."""
        return describe_policy(accept(replace_policy(node, actor, request.text, reason=request.reason)))

    return routes
