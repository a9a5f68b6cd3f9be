"""Signing in and out: with a password and a code, or at the site's own provider."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import drop_secret, keep_device, keep_secret, name_cookie, read_device, require_secret
from semblance.edge.oidc import Provider, begin_sign_in, verify_answer
from semblance.errors import Busy, NotFound, NotSignedIn, RefusedByPolicy, SemblanceError
from semblance.web.page.navigation import make_frame
from semblance.web.page.next_address import read_onward
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.workflows.accounts.sign_in import find_holder, sign_in, sign_in_linked, sign_out

_LONGEST = 1_000
_Text = Annotated[str, Form(max_length=_LONGEST)]


routes = APIRouter()


def _show(site: Site, onward: str, *, name: str = "", problem: Problem = None) -> HTMLResponse:
    return render_page(
        "accounts/sign_in.html",
        make_frame(site, ""),
        onward=onward,
        name=name,
        provider="" if site.provider is None else site.provider.title,
        provider_href=f"/sign-in/provider?{urlencode({'next': onward})}",
        problem=problem,
    )


@routes.get("/sign-in")
def ask(site: CurrentSite, request: Request, onward: str = Query("", alias="next", max_length=4_000)) -> Response:
    if _is_signed_in(site, request):
        return RedirectResponse(read_onward(onward), status_code=303)
    return _show(site, read_onward(onward))


@routes.post("/sign-in")
def enter(
    site: CurrentSite,
    request: Request,
    name: _Text = "",
    password: _Text = "",
    code: _Text = "",
    onward: Annotated[str, Form(alias="next", max_length=4_000)] = "",
) -> Response:
    try:
        with site.tries.counting(_find_address(request)):
            opened = sign_in(site.node, name, password, code, device=read_device(request, name))
    except (RefusedByPolicy, Busy) as error:
        return _show(site, read_onward(onward), name=name[:100], problem=error)
    answer = RedirectResponse("/account/set-up" if opened.duty else read_onward(onward), status_code=303)
    keep_secret(request, answer, opened.secret)
    keep_device(request, answer, name, opened.device)
    return answer


@routes.post("/sign-out")
def leave(site: CurrentSite, request: Request) -> Response:
    sign_out(site.node, request.cookies.get(name_cookie(request), ""))
    answer = RedirectResponse("/sign-in", status_code=303)
    drop_secret(request, answer)
    return answer


@routes.get("/sign-in/provider")
def go(site: CurrentSite, request: Request, onward: str = Query("", alias="next", max_length=4_000)) -> Response:
    provider, back = _require_provider(site), _find_back(request)
    try:
        address, state = begin_sign_in(provider, site.node, back=back, onward=read_onward(onward))
    except SemblanceError as error:
        return _show(site, read_onward(onward), problem=error)
    answer = RedirectResponse(address, status_code=303)
    # lax, since it must come back with a request from the provider's page; the session's own cookie is strict
    answer.set_cookie(
        name_cookie(request, "sign-in"),
        state,
        max_age=600,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@routes.get("/sign-in/back")
def come_back(site: CurrentSite, request: Request) -> Response:
    provider = _require_provider(site)
    state, onward = request.cookies.get(name_cookie(request, "sign-in"), ""), "/"
    try:
        with site.tries.counting(_find_address(request)):
            subject, onward = verify_answer(
                provider, site.node, dict(request.query_params), state=state, back=_find_back(request)
            )
            opened = sign_in_linked(site.node, issuer=provider.issuer, subject=subject)
    except SemblanceError as error:
        answer: Response = _show(site, onward, problem=error)
    else:
        # a redirect from the provider's page would leave the strict cookie behind
        answer = render_page("accounts/welcome.html", make_frame(site, ""), onward=read_onward(onward))
        keep_secret(request, answer, opened.secret)
    answer.delete_cookie(name_cookie(request, "sign-in"), path="/sign-in")
    return answer


def _require_provider(site: Site) -> Provider:
    if site.provider is None:
        raise NotFound("provider.not-set", "No provider is set on this node; sign in with name and password.")
    return site.provider


def _find_back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/sign-in/back"


def _find_address(request: Request) -> str | None:
    return None if request.client is None else request.client.host


def _is_signed_in(site: Site, request: Request) -> bool:
    try:
        find_holder(site.node, require_secret(request))
    except NotSignedIn:
        return False
    return True
