"""The policy: read it, look at its versions, replace it."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.edge.policy import PolicyDocument, PolicyVersionsDocument, describe_policy
from semblance.workflows.oversight.policy import list_policies, read_policy, replace_policy


class PolicyRequest(BaseModel):
    """The next version of the policy."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=1_000_000, description="The policy file, TOML.")
    reason: str = Field(min_length=1, description="Why; it is recorded.")


routes = APIRouter(prefix="/policy", tags=["policy"])


@routes.get("", summary="The policy in force", responses=list_answers(401, 403))
def read(node: CurrentNode, actor: CurrentActor) -> PolicyDocument:
    """Return who may do what, and which purposes search which kinds of record."""
    return describe_policy(read_policy(node, actor))


@routes.get("/versions", summary="All versions of the policy", responses=list_answers(401, 403))
def list_all(node: CurrentNode, actor: CurrentActor) -> PolicyVersionsDocument:
    """Return all versions that were brought into force, newest first."""
    return PolicyVersionsDocument(versions=list_policies(node, actor))


@routes.put("", summary="Replace the policy", responses=list_answers(401, 403, 409))
def replace(node: CurrentNode, actor: CurrentActor, request: PolicyRequest) -> PolicyDocument:
    """Bring a new version into force at once; the ledger says who did so and why."""
    return describe_policy(replace_policy(node, actor, request.text, reason=request.reason))
