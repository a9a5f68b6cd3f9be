"""From errors and refusals to the API's one error document."""

from collections.abc import Collection
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from semblance.edge.asgi import SAFE_METHODS
from semblance.edge.document import ErrorDocument
from semblance.edge.failures import get_request_number, note_failure, tell_failure
from semblance.edge.statuses import find_status, list_headers
from semblance.errors import ManifestError, RequestProblem, SemblanceError
from semblance.messages.message import Message

MEANINGS = {
    400: "The request was cut off, or its form cannot be read.",
    401: "Nobody is signed in: send an API token, or sign in.",
    403: "Refused by a rule of the policy, or the request came from another site's page.",
    404: "Not held here, or not any more.",
    408: "The request took too long to arrive.",
    409: "Contradicts what is held.",
    411: "The request does not say how long it is.",
    413: "The request or the photo has too many bytes or pixels.",
    415: "The bytes are no photo in a format that is read.",
    421: "The request names a host that is not this machine's own.",
    422: "The request, or the photo, cannot be taken as it is.",
    500: "Unexpected; nothing half-done was kept.",
    503: "The node, its store or its model pack cannot do that now; beside `Retry-After` it is too busy.",
    507: "The store has no room left.",
}


def list_answers(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Return what OpenAPI says of an operation's errors; those that any operation may give are always among them."""
    # reading is recorded, too, and so needs room in the store
    every = sorted({*statuses, 421, 422, 500, 503, 507})
    return {status: {"model": ErrorDocument, "description": MEANINGS[status]} for status in every}


def add_answers_by_kind(openapi: dict[str, Any], *, public: Collection[str]) -> None:
    """Add to an OpenAPI document what operations of a kind may answer; ``public`` are paths that ask nobody's name."""
    schema = {"schema": {"$ref": f"#/components/schemas/{ErrorDocument.__name__}"}}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            statuses = set() if path in public else {401, 403}
            if "{" in path or any(asked["name"] == "after" for asked in operation.get("parameters", ())):
                statuses.add(404)
            if method.upper() not in SAFE_METHODS:
                statuses |= {400, 404, 408, 409, 411, 413}
            for status in sorted(statuses):
                answer = {"description": MEANINGS[status], "content": {"application/json": schema}}
                operation["responses"].setdefault(str(status), answer)


def answer_error(error: SemblanceError) -> JSONResponse:
    """Return the document of an error with its status; the log is told of those that are the node's own."""
    status, told, number = find_status(error), tell_failure(error), None
    if status >= 500:
        note_failure(error)
        number = get_request_number()
    document = ErrorDocument.of(error, None if told is error.message else told, request=number)
    return JSONResponse(document.model_dump(mode="json"), status_code=status, headers=list_headers(error))


def answer_unexpected(error: Exception) -> JSONResponse:
    """Return the document of an error that nobody foresaw."""
    answer = answer_error(SemblanceError("http.unexpected", "Unexpected; nothing half-done was kept."))
    note_failure(error)
    return answer


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
    def answer_others(_request: Request, error: Exception) -> Response:
        return answer_unexpected(error)
