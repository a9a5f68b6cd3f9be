"""Puts the pages together."""

from importlib.resources import files
from pathlib import Path

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles

from semblance.edge.acting import make_acting
from semblance.web.accounts.account import make_account_routes
from semblance.web.accounts.people import make_people_routes
from semblance.web.accounts.signing_in import make_signing_in_routes
from semblance.web.cases.authorisations import make_authorisation_routes
from semblance.web.cases.cases import make_case_routes
from semblance.web.examination.board import make_board_routes
from semblance.web.examination.comparisons import make_comparison_routes
from semblance.web.examination.examinations import make_examination_routes
from semblance.web.examination.leads import make_lead_routes
from semblance.web.examination.reports import make_report_routes
from semblance.web.oversight.ledger import make_ledger_routes
from semblance.web.oversight.oversight import make_oversight_routes
from semblance.web.oversight.policy import make_policy_routes
from semblance.web.oversight.requests import make_request_routes
from semblance.web.page.languages import make_language_routes
from semblance.web.page.pictures import make_picture_routes
from semblance.web.page.problems import add_error_pages
from semblance.web.page.site import Site
from semblance.web.records.edit import make_writing_routes
from semblance.web.records.records import make_record_routes
from semblance.web.search.preparation import make_preparation_routes
from semblance.web.search.probes import make_probe_routes
from semblance.web.search.searches import make_search_routes
from semblance.web.start import make_start_routes


def make_pages(site: Site) -> FastAPI:
    """Return the application that serves the pages; its endpoints run in a pool of threads."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for open_routes in (make_language_routes(), make_signing_in_routes(site), make_account_routes(site)):
        app.include_router(open_routes)
    guarded = [Depends(make_acting(site.node))]
    for routes in (
        make_start_routes(site),
        make_picture_routes(site),
        make_preparation_routes(site),
        make_probe_routes(site),
        make_search_routes(site),
        make_case_routes(site),
        make_report_routes(site),
        make_examination_routes(site),
        make_comparison_routes(site),
        make_authorisation_routes(site),
        make_lead_routes(site),
        make_board_routes(site),
        make_writing_routes(site),
        make_record_routes(site),
        make_policy_routes(site),
        make_oversight_routes(site),
        make_request_routes(site),
        make_ledger_routes(site),
        make_people_routes(site),
    ):
        # each route takes its actor by itself; this is for the one that would forget to
        app.include_router(routes, dependencies=guarded)
    app.mount("/static", StaticFiles(directory=Path(str(files("semblance.web") / "static"))), name="static")
    add_error_pages(app, site)
    return app
