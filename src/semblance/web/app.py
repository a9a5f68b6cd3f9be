"""Puts the pages together."""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from semblance.web.authorisations import make_authorisation_routes
from semblance.web.cases import make_case_routes
from semblance.web.ledger import make_ledger_routes
from semblance.web.pictures import make_picture_routes
from semblance.web.policy import make_policy_routes
from semblance.web.probes import make_probe_routes
from semblance.web.problems import add_error_pages
from semblance.web.record_writing import make_writing_routes
from semblance.web.records import make_record_routes
from semblance.web.searches import make_search_routes
from semblance.web.site import Site
from semblance.web.start import make_start_routes


def make_pages(site: Site) -> FastAPI:
    """Return the application that serves the pages; its endpoints run in a pool of threads."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for routes in (
        make_start_routes(site),
        make_picture_routes(site),
        make_probe_routes(site),
        make_search_routes(site),
        make_case_routes(site),
        make_authorisation_routes(site),
        make_writing_routes(site),
        make_record_routes(site),
        make_policy_routes(site),
        make_ledger_routes(site),
    ):
        app.include_router(routes)
    app.mount("/static", StaticFiles(directory=Path(str(files("semblance.web") / "static"))), name="static")
    add_error_pages(app, site)
    return app
