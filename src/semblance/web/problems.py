"""Error pages in the style of all others."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from semblance.edge.statuses import find_status
from semblance.errors import SemblanceError
from semblance.web.contexts import ErrorPage
from semblance.web.rendering import render_page
from semblance.web.site import Site
from semblance.web.start import make_frame

_TITLES = {
    403: "Not allowed",
    404: "Not held here",
    405: "Not possible here",
    409: "That contradicts what is held",
    411: "Length missing",
    413: "Too large",
    415: "Not a photo that can be read",
    421: "Another address was asked for",
    422: "That cannot be taken as it is",
    500: "Something went wrong here",
    503: "The node cannot do that now",
    507: "No room left",
}
_PLAIN = {
    404: "There is no such page. The links above lead on.",
    405: "This address cannot be used that way. The links above lead on.",
    422: "Something in the address or the form has the wrong form. Go back and check it.",
}


def make_error_page(site: Site, status: int, code: str, message: str) -> HTMLResponse:
    """Return an error page; ``message`` is the sentence that says what to do."""
    title = _TITLES.get(status, "That did not work")
    return render_page("error.html", ErrorPage(make_frame(site, ""), status, title, message, code), status=status)


def add_error_pages(app: FastAPI, site: Site) -> None:
    """Answer every error of the pages with a page."""

    @app.exception_handler(SemblanceError)
    def answer_error(_request: Request, error: SemblanceError) -> Response:
        return make_error_page(site, find_status(error), error.code, str(error))

    @app.exception_handler(HTTPException)
    def answer_http(_request: Request, error: HTTPException) -> Response:
        message = _PLAIN.get(error.status_code, str(error.detail))
        return make_error_page(site, error.status_code, f"http.{error.status_code}", message)

    @app.exception_handler(RequestValidationError)
    def answer_invalid(_request: Request, _error: RequestValidationError) -> Response:
        return make_error_page(site, 422, "http.422", _PLAIN[422])

    @app.exception_handler(Exception)
    def answer_unexpected(_request: Request, error: Exception) -> Response:
        structlog.get_logger().error("page failed", error=type(error).__name__)
        message = (
            "This should not have happened, and nothing half-done was kept. "
            "Try again; if it stays, tell whoever runs this node."
        )
        return make_error_page(site, 500, "error", message)
