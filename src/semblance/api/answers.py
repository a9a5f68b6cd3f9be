"""From errors and refusals to the API's one error document."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from semblance.edge.document import ErrorDocument
from semblance.edge.statuses import find_status
from semblance.errors import ManifestError, RequestProblem, SemblanceError
from semblance.messages.message import Message

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


def answer_error(error: SemblanceError) -> JSONResponse:
    """Return the document of an error with its status."""
    return JSONResponse(ErrorDocument.of(error).model_dump(mode="json"), status_code=find_status(error))


class CallInvalid(ManifestError):
    """A request is not as its operation documents it; ``problems`` names every fault."""

    code = "request.invalid"


def add_error_answers(app: FastAPI) -> None:
    """Answer every error of the API with the error document."""

    @app.exception_handler(SemblanceError)
    def answer_known(_request: Request, error: SemblanceError) -> Response:
        return answer_error(error)

    @app.exception_handler(HTTPException)
    def answer_http(_request: Request, error: HTTPException) -> Response:
        message = Message("http.error", "{detail}. /api lists what there is.", detail=error.detail)
        return answer_error(RequestProblem(error.status_code, f"http.{error.status_code}", message))

    @app.exception_handler(RequestValidationError)
    def answer_invalid(_request: Request, error: RequestValidationError) -> Response:
        problems = [
            Message("http.invalid-part", "{place}: {fault}", place=".".join(map(str, part["loc"])), fault=part["msg"])
            for part in error.errors()
        ]
        found = CallInvalid(
            "http.invalid", "The request is not as documented: {problem}.", problem=problems[0], problems=problems
        )
        return answer_error(found)

    @app.exception_handler(Exception)
    def answer_unexpected(_request: Request, error: Exception) -> Response:
        structlog.get_logger().error("request failed", error=type(error).__name__)
        return answer_error(SemblanceError("http.unexpected", "Unexpected; nothing half-done was kept."))
