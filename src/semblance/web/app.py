"""Puts the pages together."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, FastAPI
from starlette.staticfiles import StaticFiles

from semblance.edge.acting import get_actor
from semblance.web.accounts.account import routes as account_routes
from semblance.web.accounts.people import routes as people_routes
from semblance.web.accounts.proposals import routes as proposal_routes
from semblance.web.accounts.signing_in import routes as signing_in_routes
from semblance.web.cases.authorisations import routes as authorisation_routes
from semblance.web.cases.cases import routes as case_routes
from semblance.web.cases.following import routes as following_routes
from semblance.web.cases.standing import routes as standing_routes
from semblance.web.cases.submissions import routes as submission_routes
from semblance.web.examination.board import routes as board_routes
from semblance.web.examination.comparisons import routes as comparison_routes
from semblance.web.examination.examinations import routes as examination_routes
from semblance.web.examination.leads import routes as lead_routes
from semblance.web.examination.reconciliation import routes as reconciliation_routes
from semblance.web.examination.reports import routes as report_routes
from semblance.web.jobs.jobs import routes as job_routes
from semblance.web.oversight.ledger import routes as ledger_routes
from semblance.web.oversight.oversight import routes as oversight_routes
from semblance.web.oversight.policy import routes as policy_routes
from semblance.web.oversight.requests import routes as request_routes
from semblance.web.page.languages import routes as language_routes
from semblance.web.page.pictures import routes as picture_routes
from semblance.web.page.problems import add_error_pages
from semblance.web.page.site import Site
from semblance.web.records.bodies import routes as body_routes
from semblance.web.records.edit import routes as writing_routes
from semblance.web.records.records import routes as record_routes
from semblance.web.records.unknowns import routes as unknown_routes
from semblance.web.search.clips import routes as clip_routes
from semblance.web.search.preparation import routes as preparation_routes
from semblance.web.search.probes import routes as probe_routes
from semblance.web.search.redaction import routes as redaction_routes
from semblance.web.search.searches import routes as search_routes
from semblance.web.start import routes as start_routes

OPEN_FORMS: Final = frozenset({"/sign-in", "/sign-out", "/language"})
"""Where strangers may send a form."""


def make_pages(site: Site) -> FastAPI:
    """Return the application that serves the pages; its endpoints run in a pool of threads."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.site, app.state.node = site, site.node
    app.router.routes.extend(_gather_routes().routes)
    app.mount("/static", StaticFiles(directory=Path(str(files("semblance.web") / "static"))), name="static")
    add_error_pages(app, site)
    return app


@cache
def _gather_routes() -> APIRouter:
    """Return the routes of all sites: reading their signatures takes half a second, so it is done once."""
    gathered = APIRouter()
    for open_routes in (language_routes, signing_in_routes, account_routes):
        gathered.include_router(open_routes)
    guarded = [Depends(get_actor)]
    for routes in (
        start_routes,
        picture_routes,
        preparation_routes,
        redaction_routes,
        clip_routes,
        probe_routes,
        search_routes,
        case_routes,
        submission_routes,
        following_routes,
        report_routes,
        examination_routes,
        comparison_routes,
        authorisation_routes,
        standing_routes,
        lead_routes,
        reconciliation_routes,
        board_routes,
        body_routes,
        writing_routes,
        unknown_routes,
        record_routes,
        job_routes,
        policy_routes,
        oversight_routes,
        request_routes,
        ledger_routes,
        people_routes,
        proposal_routes,
    ):
        # each route takes its actor by itself; this is for the one that would forget to
        gathered.include_router(routes, dependencies=guarded)
    return gathered
