"""Health and the node in numbers."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from semblance import __version__
from semblance.api.answers import list_answers
from semblance.edge.acting import CurrentActor, CurrentNode
from semblance.terms.permission import Action
from semblance.workflows.oversight.node_summary import NodeSummary, describe_node
from semblance.workflows.permission import ask


class HealthDocument(BaseModel):
    """The node answers, and its store does."""

    status: Literal["ok"] = "ok"
    version: str = Field(examples=["0.1.0"])


routes = APIRouter(tags=["node"])


@routes.get("/health", summary="Is the node up?", responses=list_answers())
def read_health(node: CurrentNode) -> HealthDocument:
    """Answer ok where the node and its store work; 503 where the store does not."""
    with node.store.reading():
        return HealthDocument(version=__version__)


@routes.get("/node", summary="The node in numbers", responses=list_answers(401))
def read_node(node: CurrentNode, actor: CurrentActor) -> NodeSummary:
    """Return counts of what is held and open to you, the gallery's pack, and the purposes of the policy."""
    ask(node, actor, Action.POLICY_READ)
    return describe_node(node, actor)
