"""Error pages in the style of all others."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import require_secret
from semblance.edge.failures import get_request_number, note_failure
from semblance.edge.statuses import find_status, list_headers
from semblance.errors import NotSignedIn, SemblanceError, SetUpMissing
from semblance.terms.permission import Actor
from semblance.web.page.navigation import make_bare_frame, make_frame
from semblance.web.page.next_address import write_sign_in_address
from semblance.web.page.rendering import render_page
from semblance.web.page.site import Site
from semblance.web.wording.language import N_, _
from semblance.web.wording.say_message import say_error
from semblance.workflows.accounts.sign_in import find_actor

_TITLES = {
    403: N_("Not allowed"),
    404: N_("Not held here"),
    405: N_("Not possible here"),
    408: N_("That took too long"),
    409: N_("That contradicts what is held"),
    411: N_("Length missing"),
    413: N_("Too large"),
    415: N_("Not a photo that can be read"),
    421: N_("Another address was asked for"),
    422: N_("That cannot be taken as it is"),
    429: N_("Too many tries"),
    500: N_("Something went wrong here"),
    503: N_("The node cannot do that now"),
    507: N_("No room left"),
}
_PLAIN = {
    404: N_("There is no such page. The links above lead on."),
    405: N_("This address cannot be used that way. The links above lead on."),
    422: N_("Something in the address or the form has the wrong form. Go back and check it."),
}


def make_error_page(
    site: Site, status: int, code: str, message: str, *, request: Request | None = None
) -> HTMLResponse:
    """Return an error page; ``message`` is the sentence that says what to do. Whoever asks keeps their navigation."""
    title = _(_TITLES.get(status, N_("That did not work")))
    try:
        frame = make_frame(site, "", None if request is None else _find_actor(site, request))
    except SemblanceError:
        # what failed may be the store, and then nobody can tell who this is and what is open to them
        frame = make_bare_frame(site)
    return render_page(
        "page/error.html",
        frame,
        status=status,
        number=status,
        title=title,
        message=message,
        code=code,
        request=get_request_number() if status >= 500 else "",
    )


def answer_page_error(site: Site, error: SemblanceError, request: Request) -> Response:
    """Return the page of an error, or of signing in; the log is told of errors that are the node's own."""
    if isinstance(error, SetUpMissing):
        return RedirectResponse("/account/set-up", status_code=303)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(write_sign_in_address(request), status_code=303)
    status = find_status(error)
    if status >= 500:
        note_failure(error)
    page = make_error_page(site, status, error.code, say_error(error), request=request)
    page.headers.update(list_headers(error))
    return page


def make_unexpected_page(site: Site, error: Exception) -> HTMLResponse:
    """Return the page of an error that nobody foresaw."""
    note_failure(error)
    message = _(
        "This should not have happened, and nothing half-done was kept. "
        "Try again; if it stays, tell whoever runs this node."
    )
    return make_error_page(site, 500, "error", message)


def _find_actor(site: Site, request: Request) -> Actor | None:
    found = getattr(request.state, "actor", None)
    if isinstance(found, Actor):
        return found
    try:
        # no route was reached that asked who this is
        return find_actor(site.node, require_secret(request))
    except (NotSignedIn, SetUpMissing):
        return None


def add_error_pages(app: FastAPI, site: Site) -> None:
    """Answer every error of the pages with a page."""

    @app.exception_handler(SemblanceError)
    def answer_error(request: Request, error: SemblanceError) -> Response:
        return answer_page_error(site, error, request)

    @app.exception_handler(HTTPException)
    def answer_http(request: Request, error: HTTPException) -> Response:
        message = _(_PLAIN.get(error.status_code, str(error.detail)))
        return make_error_page(site, error.status_code, f"http.{error.status_code}", message, request=request)

    @app.exception_handler(RequestValidationError)
    def answer_invalid(request: Request, _error: RequestValidationError) -> Response:
        return make_error_page(site, 422, "http.422", _(_PLAIN[422]), request=request)

    @app.exception_handler(Exception)
    def answer_unexpected(_request: Request, error: Exception) -> Response:
        return make_unexpected_page(site, error)
