"""Puts the API together."""

from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import HTMLResponse

from semblance import __version__
from semblance.api import (
    cases,
    clips,
    following,
    jobs,
    ledger,
    people,
    reconciliation,
    records,
    redaction,
    requests,
    searches,
    standing,
    submissions,
    unknowns,
)
from semblance.api import node as node_routes
from semblance.api.answers import add_answers_by_kind, add_error_answers
from semblance.api.reference import render_reference
from semblance.edge.acting import get_actor
from semblance.node.node import Node

_DESCRIPTION = """\
Open a case, hand in a probe, choose one of the faces found in it, and search the records that the policy opens to the
case's purpose; write, publish, dispute and erase records. A comparison score is no percentage, and every match is a
lead, not an identity.

Every request says who asks: send an API token as `Authorization: Bearer TOKEN`, or the cookie of a signed-in browser.
What may not be done is answered with 403, the rule that forbids it, and a sentence; the refusal is recorded.
"""
_TAGS = [
    {"name": "cases", "description": "Cases, their probes, and who authorises their searches."},
    {"name": "submissions", "description": "The videos and photos of a case."},
    {"name": "search", "description": "From a probe to a candidate list."},
    {"name": "records", "description": "Records and their photos."},
    {"name": "unknown people", "description": "Records of people whom nobody could name, their links and names."},
    {"name": "missing and found", "description": "Missing persons beside who was found, and the outcome."},
    {"name": "data subjects", "description": "What people ask about themselves, and who watches over the node."},
    {"name": "policy", "description": "Who may do what, and which purposes search which kinds."},
    {"name": "people", "description": "People, authorities and tokens."},
    {"name": "jobs", "description": "Long work that goes on while nobody waits for it."},
    {"name": "ledger", "description": "The log of every act."},
    {"name": "node", "description": "The node itself."},
]


PUBLIC_ADDRESSES: Final = frozenset({"/api", "/api/openapi.json", "/api/v1/health"})
"""Where nobody is asked who they are."""


class Api(FastAPI):
    """The application; its OpenAPI document also has the answers that all operations of a kind may give."""

    def openapi(self) -> dict[str, Any]:
        """Return the document; it is made once."""
        if self.openapi_schema is None:
            add_answers_by_kind(super().openapi(), public=PUBLIC_ADDRESSES)
        return super().openapi()


def make_api(node: Node) -> FastAPI:
    """Return the application that serves ``/api``; its endpoints run in a pool of threads."""
    app = Api(
        title="Semblance",
        version=__version__,
        summary="Finds the likeness of a face among records held under law.",
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.node = node
    app.router.routes.extend(_gather_routes().routes)

    @cache
    def render() -> str:
        return render_reference(app.openapi(), node.name)

    @app.get("/api", include_in_schema=False)
    def show_reference() -> HTMLResponse:
        return HTMLResponse(render())

    add_error_answers(app)
    return app


@cache
def _gather_routes() -> APIRouter:
    """Return the routes of all nodes: reading their signatures takes half a second, so it is done once."""
    gathered = APIRouter()
    parts = (
        cases.routes,
        submissions.routes,
        following.routes,
        searches.routes,
        standing.routes,
        redaction.routes,
        clips.routes,
        records.routes,
        records.photo_routes,
        unknowns.routes,
        requests.routes,
        reconciliation.routes,
    )
    for routes in (*parts, node_routes.routes, people.routes, jobs.routes, ledger.routes):
        # each route takes its actor by itself; this is for the one that would forget to
        gathered.include_router(routes, prefix="/api/v1", dependencies=[Depends(get_actor)])
    gathered.include_router(node_routes.open_routes, prefix="/api/v1")
    return gathered
