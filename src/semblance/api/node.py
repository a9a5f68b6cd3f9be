"""Health and the node in numbers."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from semblance import __version__
from semblance.api.answers import list_answers
from semblance.edge.describe import describe_summary
from semblance.edge.documents import NodeDocument
from semblance.workflows.node import Node
from semblance.workflows.show import describe_node


class HealthDocument(BaseModel):
    """The node answers, and its store does."""

    status: Literal["ok"] = "ok"
    version: str = Field(examples=["0.1.0"])


def make_node_routes(node: Node) -> APIRouter:
    """Return the routes about the node itself."""
    routes = APIRouter(tags=["node"])

    @routes.get("/health", summary="Is the node up?", responses=list_answers())
    def read_health() -> HealthDocument:
        """Answer ok where the node and its store work; 503 where the store does not."""
        describe_node(node)
        return HealthDocument(version=__version__)

    @routes.get("/node", summary="The node in numbers", responses=list_answers())
    def read_node() -> NodeDocument:
        """Return counts of what is held, the gallery's pack, and the purposes that a search may have here."""
        return describe_summary(describe_node(node))

    return routes
