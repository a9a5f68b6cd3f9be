"""Choosing the language of the pages: a form at the foot of each, for strangers, too."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from semblance.web.page.next_address import read_onward
from semblance.web.wording.language import LANGUAGES, name_language_cookie

_YEAR = 365 * 24 * 3600


routes = APIRouter()


@routes.post("/language")
def choose(
    request: Request,
    language: Annotated[str, Form(max_length=20)] = "",
    onward: Annotated[str, Form(alias="next", max_length=4_000)] = "",
) -> Response:
    answer = RedirectResponse(read_onward(onward, keep_sign_in=True), status_code=303)
    if language in LANGUAGES:
        answer.set_cookie(
            name_language_cookie(request.headers.get("host", "")),
            language,
            max_age=_YEAR,
            path="/",
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return answer
