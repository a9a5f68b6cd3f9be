"""From errors and refusals to the API's one error document."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from semblance.edge.document import ErrorDetail, ErrorDocument
from semblance.edge.statuses import find_status
from semblance.errors import ManifestError, SemblanceError
from semblance.terms.text import escape_unprintable

_LENGTH_CAP = 4_000
_PROBLEMS_CAP = 100

MEANINGS = {
    401: "Nobody is signed in: send an API token, or sign in.",
    403: "Refused by a rule of the policy, or the request came from another site's page.",
    404: "Not held here, or not any more.",
    409: "Contradicts what is held.",
    413: "The photo has too many bytes or pixels.",
    415: "The bytes are no photo in a format that is read.",
    421: "The request names a host that is not this machine's own.",
    422: "The request, or the photo, cannot be taken as it is.",
    500: "Unexpected; nothing half-done was kept.",
    503: "The node, its store or its model pack cannot do that now.",
    507: "The store has no room left.",
}


def list_answers(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return what OpenAPI says of an operation's errors; those that any operation may give are always among them."""
    every = sorted({*statuses, 421, 422, 500, 503})
    return {status: {"model": ErrorDocument, "description": MEANINGS[status]} for status in every}


def answer_problem(status: int, code: str, message: str, problems: tuple[str, ...] = ()) -> JSONResponse:
    """Return the error document with that status."""
    said = [_quote(text) for text in (message, *problems[:_PROBLEMS_CAP])]
    document = ErrorDocument(error=ErrorDetail(code=code, message=said[0], problems=tuple(said[1:])))
    return JSONResponse(document.model_dump(mode="json"), status_code=status)


def _quote(text: str) -> str:
    # what was asked stands in the sentence: it may be no text at all, or megabytes of it
    shown = escape_unprintable(text, breaks=True)
    return shown if len(shown) <= _LENGTH_CAP else f"{shown[:_LENGTH_CAP]}…"


def add_error_answers(app: FastAPI) -> None:
    """Answer every error of the API with the error document."""

    @app.exception_handler(SemblanceError)
    def answer_error(_request: Request, error: SemblanceError) -> Response:
        problems = error.problems if isinstance(error, ManifestError) else ()
        return answer_problem(find_status(error), error.code, str(error), problems)

    @app.exception_handler(HTTPException)
    def answer_http(_request: Request, error: HTTPException) -> Response:
        return answer_problem(
            error.status_code, f"http.{error.status_code}", f"{error.detail}. /api lists what there is."
        )

    @app.exception_handler(RequestValidationError)
    def answer_invalid(_request: Request, error: RequestValidationError) -> Response:
        problems = tuple(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors())
        return answer_problem(422, "request.invalid", f"The request is not as documented: {problems[0]}.", problems)

    @app.exception_handler(Exception)
    def answer_unexpected(_request: Request, error: Exception) -> Response:
        structlog.get_logger().error("request failed", error=type(error).__name__)
        return answer_problem(500, "error", MEANINGS[500])
