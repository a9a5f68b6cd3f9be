"""Puts the API together."""

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse

from semblance import __version__
from semblance.api.answers import add_error_answers
from semblance.api.ledger import make_ledger_routes
from semblance.api.node import make_node_routes
from semblance.api.photos import make_photo_routes
from semblance.api.reference import render_reference
from semblance.api.searches import make_search_routes
from semblance.api.subjects import make_subject_routes
from semblance.workflows.node import Node

_DESCRIPTION = """\
Hand in a probe, choose one of the faces found in it, and search the gallery for it; enrol, look at and delete subjects.
Every search says who searches, in which case, for what purpose and why, and is recorded. A comparison score is no
percentage, and every match is a lead, not an identity.

There are no accounts in this release: the node answers to its own machine only.
"""
_TAGS = [
    {"name": "search", "description": "From a photo to a candidate list."},
    {"name": "gallery", "description": "Subjects and their photos."},
    {"name": "ledger", "description": "The log of every act."},
    {"name": "node", "description": "The node itself."},
]


def make_api(node: Node) -> FastAPI:
    """Return the application that serves ``/api``; its endpoints run in a pool of threads."""
    app = FastAPI(
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
    for routes in (
        make_search_routes(node),
        make_subject_routes(node),
        make_photo_routes(node),
        make_ledger_routes(node),
        make_node_routes(node),
    ):
        app.include_router(routes, prefix="/api/v1")

    @app.get("/api", include_in_schema=False)
    def show_reference(_request: Request) -> HTMLResponse:
        return HTMLResponse(render_reference(app.openapi(), node.name))

    add_error_answers(app)
    return app
