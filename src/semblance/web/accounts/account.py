"""The own account: password, second factor, tokens."""

from datetime import timedelta
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor, keep_secret, require_secret
from semblance.errors import IntakeError, PolicyError
from semblance.messages.message import Message
from semblance.people.token import LONGEST_LIFE, find_end
from semblance.terms.permission import Action, Actor
from semblance.web.accounts.people_views import say_token
from semblance.web.page.forms import read_day
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.say_message import say_message
from semblance.workflows.accounts.own_account import (
    begin_second_factor,
    change_password,
    confirm_second_factor,
    drop_own_second_factor,
    list_tokens,
    make_token,
    read_own_account,
    revoke_token,
)
from semblance.workflows.accounts.people import show_grants

_Text = Annotated[str, Form(max_length=1_000)]
_USUAL_LIFE = timedelta(days=90)
_LAST_DAY = Message("token.last-day", "The token's last day")


routes = APIRouter(prefix="/account")


def _show(
    site: Site, request: Request, actor: Actor, *, made: str | None = None, problem: Problem = None
) -> HTMLResponse:
    account = read_own_account(site.node, require_secret(request))
    now = site.node.clock()
    return render_page(
        "accounts/account.html",
        make_frame(site, "account", actor),
        name=actor.name,
        authority=account.person.authority.name,
        grants=show_grants(site.node, account.person),
        has_password=account.has_password,
        second_factor=account.person.second_factor,
        recovery_codes=account.recovery_codes,
        may_remove=not site.node.accounts.second_factor_required,
        tokens=tuple((token, *say_token(token, now)) for token in list_tokens(site.node, actor)),
        actions=tuple(action.value for action in Action if may(site, actor, action)),
        default_until=(now + _USUAL_LIFE).date().isoformat(),
        latest_until=(now + LONGEST_LIFE - timedelta(days=1)).date().isoformat(),
        made=made,
        problem=problem,
    )


@routes.get("")
def read(site: CurrentSite, request: Request, actor: CurrentActor) -> Response:
    return _show(site, request, actor)


@routes.post("/password")
def change(
    site: CurrentSite, request: Request, actor: CurrentActor, old: _Text = "", new: _Text = "", again: _Text = ""
) -> Response:
    try:
        opened = _change(site, request, old, new, again)
    except (PolicyError, IntakeError) as error:
        return _show(site, request, actor, problem=error)
    answer = RedirectResponse("/account", status_code=303)
    keep_secret(request, answer, opened)
    return answer


@routes.get("/set-up")
def set_up(site: CurrentSite, request: Request) -> Response:
    account = read_own_account(site.node, require_secret(request))
    if account.duty is None:
        return RedirectResponse("/", status_code=303)
    if not account.person.must_change:
        return RedirectResponse("/account/second-factor", status_code=303)
    return render_page("accounts/set_up.html", make_frame(site, ""), duty=say_message(account.duty))


@routes.post("/set-up")
def choose(site: CurrentSite, request: Request, old: _Text = "", new: _Text = "", again: _Text = "") -> Response:
    try:
        opened = _change(site, request, old, new, again)
    except (PolicyError, IntakeError) as error:
        duty = read_own_account(site.node, require_secret(request)).duty
        words = "" if duty is None else say_message(duty)
        return render_page("accounts/set_up.html", make_frame(site, ""), duty=words, problem=error)
    answer = RedirectResponse("/account/set-up", status_code=303)
    keep_secret(request, answer, opened)
    return answer


@routes.get("/second-factor")
def begin(site: CurrentSite, request: Request) -> Response:
    return _show_factor(site, request)


def _show_factor(site: Site, request: Request, problem: Problem = None) -> HTMLResponse:
    secret = require_secret(request)
    account = read_own_account(site.node, secret)
    new = begin_second_factor(site.node, secret)
    return render_page(
        "accounts/second_factor.html",
        make_frame(site, ""),
        square=_draw_square(new.address),
        key=" ".join(new.secret[place : place + 4] for place in range(0, len(new.secret), 4)),
        address=new.address,
        replaces=account.person.second_factor,
        problem=problem,
    )


@routes.post("/second-factor")
def confirm(site: CurrentSite, request: Request, code: _Text = "", password: _Text = "") -> Response:
    try:
        codes = confirm_second_factor(site.node, require_secret(request), code, password=password)
    except PolicyError as error:
        return _show_factor(site, request, error)
    return render_page("accounts/recovery_codes.html", make_frame(site, ""), codes=codes)


@routes.post("/second-factor/remove")
def remove(site: CurrentSite, request: Request, actor: CurrentActor, password: _Text = "") -> Response:
    try:
        drop_own_second_factor(site.node, require_secret(request), password)
    except PolicyError as error:
        return _show(site, request, actor, problem=error)
    return RedirectResponse("/account", status_code=303)


@routes.post("/tokens")
def make(
    site: CurrentSite,
    request: Request,
    actor: CurrentActor,
    label: _Text = "",
    until: _Text = "",
    scope: Annotated[list[Action] | None, Form()] = None,
) -> Response:
    try:
        end = find_end(read_day(until, _LAST_DAY))
        made = make_token(site.node, actor, label=label, scope=frozenset(scope or ()), expires_at=end)
        return _show(site, request, actor, made=made.secret)
    except (PolicyError, IntakeError) as error:
        return _show(site, request, actor, problem=error)


@routes.post("/tokens/{token}/revoke")
def revoke(site: CurrentSite, actor: CurrentActor, token: str) -> Response:
    revoke_token(site.node, actor, token)
    return RedirectResponse("/account", status_code=303)


def _change(site: Site, request: Request, old: str, new: str, again: str) -> str:
    if new != again:
        raise IntakeError("password.typed-differently", "The new password was not typed the same twice. Type it again.")
    return change_password(site.node, require_secret(request), old, new).secret


def _draw_square(address: str) -> Markup:
    # the only text in it is the library's own; the square is drawn from numbers
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704
