"""People and authorities, as administrators see and change them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse, RedirectResponse, Response

from semblance.edge.acting import CurrentActor
from semblance.errors import Conflict, IntakeError, NotFound, PolicyError, RefusedByPolicy
from semblance.messages.message import Message
from semblance.people.passwords import make_password
from semblance.people.person import Grant, Person
from semblance.terms.permission import Action, Actor, Role
from semblance.web.accounts.people_views import say_standing
from semblance.web.page.forms import read_day
from semblance.web.page.navigation import make_frame, may
from semblance.web.page.rendering import Problem, render_page
from semblance.web.page.site import CurrentSite, Site
from semblance.web.wording.language import _
from semblance.web.wording.words import say_value
from semblance.workflows.accounts import people
from semblance.workflows.accounts.authorities import add_authority, list_authorities, set_admitted

_Text = Annotated[str, Form(max_length=2_000)]
_ROWS = 100
_USUAL_GRANT = timedelta(days=365)
_LAST_DAY = Message("role.last-day", "The role's last day")
_TRAINING_DAY = Message("people.training-day", "The day of the training")


routes = APIRouter()


def _show(
    site: Site,
    actor: Actor,
    *,
    after: str | None = None,
    added: str | None = None,
    password: str | None = None,
    problem: Problem = None,
) -> HTMLResponse:
    found = people.list_people(site.node, actor, after=after, limit=_ROWS)
    return render_page(
        "accounts/people.html",
        make_frame(site, "people", actor),
        rows=tuple((shown, *say_standing(shown.person)) for shown in found.people),
        authorities=list_authorities(site.node, actor),
        roles=_list_roles(),
        may_manage=may(site, actor, Action.PERSON_MANAGE),
        may_manage_authorities=may(site, actor, Action.AUTHORITY_MANAGE),
        default_until=(site.node.clock().date() + _USUAL_GRANT).isoformat(),
        next_href=None if found.next_after is None else "/people?" + urlencode({"after": found.next_after}),
        first=after is None,
        added=added,
        password=password,
        problem=problem,
    )


def _show_person(
    site: Site,
    actor: Actor,
    name: str,
    *,
    done: str | None = None,
    password: str | None = None,
    problem: Problem = None,
) -> HTMLResponse:
    shown = people.read_person(site.node, actor, name)
    today, (state, grade) = site.node.clock().date(), say_standing(shown.person)
    return render_page(
        "accounts/person.html",
        make_frame(site, "people", actor),
        shown=shown,
        state=state,
        grade=grade,
        roles=_list_roles(),
        default_until=(today + _USUAL_GRANT).isoformat(),
        today=today.isoformat(),
        may_manage=may(site, actor, Action.PERSON_MANAGE),
        done=done,
        password=password,
        problem=problem,
    )


def _change(site: Site, actor: Actor, name: str, act: Callable[[], Person], done: str) -> Response:
    try:
        act()
    except RefusedByPolicy:
        raise
    except (IntakeError, PolicyError, Conflict) as error:
        return _show_person(site, actor, name, problem=error)
    return _show_person(site, actor, name, done=done)


@routes.get("/people")
def list_all(site: CurrentSite, actor: CurrentActor, after: str | None = Query(None, max_length=200)) -> Response:
    return _show(site, actor, after=after)


@routes.post("/people")
def add(
    site: CurrentSite,
    actor: CurrentActor,
    name: _Text = "",
    authority: _Text = "",
    role: _Text = "",
    until: _Text = "",
    trained: _Text = "",
) -> Response:
    password = make_password()
    try:
        grants = [Grant(_read_role(role), read_day(until, _LAST_DAY))] if role else []
        day = read_day(trained, _TRAINING_DAY) if trained.strip() else None
        added = people.add_person(
            site.node, actor, name.strip(), authority=authority, password=password, grants=grants, trained_on=day
        )
        return _show(site, actor, added=added.name, password=password)
    except RefusedByPolicy:
        raise
    except (IntakeError, Conflict, NotFound) as error:
        return _show(site, actor, problem=error)


@routes.get("/people/{name}")
def read(site: CurrentSite, actor: CurrentActor, name: str) -> Response:
    return _show_person(site, actor, name)


@routes.post("/people/{name}/grant")
def grant(
    site: CurrentSite, actor: CurrentActor, name: str, role: _Text = "", until: _Text = "", reason: _Text = ""
) -> Response:
    def act() -> Person:
        day = read_day(until, _LAST_DAY)
        return people.grant_role(site.node, actor, name, _read_role(role), until=day, reason=reason)

    return _change(site, actor, name, act, _("The role was given. Open sessions have ended."))


@routes.post("/people/{name}/revoke")
def revoke(site: CurrentSite, actor: CurrentActor, name: str, role: _Text = "", reason: _Text = "") -> Response:
    done = _("The role was taken. Open sessions have ended.")
    return _change(
        site, actor, name, lambda: people.revoke_role(site.node, actor, name, _read_role(role), reason=reason), done
    )


@routes.post("/people/{name}/training")
def train(site: CurrentSite, actor: CurrentActor, name: str, on: _Text = "", reason: _Text = "") -> Response:
    done = _("The training was noted.")
    return _change(
        site,
        actor,
        name,
        lambda: people.set_training(site.node, actor, name, on=read_day(on, _TRAINING_DAY), reason=reason),
        done,
    )


@routes.post("/people/{name}/disable")
def disable(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    done = _("The account is disabled; sessions have ended, and tokens are revoked.")
    return _change(site, actor, name, lambda: people.disable_person(site.node, actor, name, reason=reason), done)


@routes.post("/people/{name}/enable")
def enable(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    done = _("The account is enabled.")
    return _change(site, actor, name, lambda: people.enable_person(site.node, actor, name, reason=reason), done)


@routes.post("/people/{name}/unlock")
def unlock(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    done = _("Wrong tries are forgotten; the account is open again.")
    return _change(site, actor, name, lambda: people.unlock_person(site.node, actor, name, reason=reason), done)


@routes.post("/people/{name}/reset")
def reset(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    password = make_password()
    try:
        people.reset_person(site.node, actor, name, password=password, reason=reason)
    except RefusedByPolicy:
        raise
    except PolicyError as error:
        return _show_person(site, actor, name, problem=error)
    return _show_person(site, actor, name, password=password)


@routes.post("/authorities")
def register(
    site: CurrentSite,
    actor: CurrentActor,
    code: _Text = "",
    name: _Text = "",
    contact: _Text = "",
    key: _Text = "",
    webhook: _Text = "",
) -> Response:
    try:
        add_authority(
            site.node, actor, code.strip(), name=name, contact=contact, key=key.strip() or None, webhook=webhook
        )
    except RefusedByPolicy:
        raise
    except (IntakeError, Conflict) as error:
        return _show(site, actor, problem=error)
    return RedirectResponse("/people#authorities", status_code=303)


@routes.post("/authorities/{code}/admission")
def admit(
    site: CurrentSite, actor: CurrentActor, code: str, admitted: Annotated[bool, Form()], reason: _Text = ""
) -> Response:
    try:
        set_admitted(site.node, actor, code, admitted=admitted, reason=reason)
    except RefusedByPolicy:
        raise
    except PolicyError as error:
        return _show(site, actor, problem=error)
    return RedirectResponse("/people#authorities", status_code=303)


def _list_roles() -> tuple[tuple[str, str], ...]:
    return tuple((role.value, say_value(role)) for role in Role)


def _read_role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise IntakeError("role.unknown", "No such role; choose one of the list.") from None
