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
from semblance.workflows.accounts.authorities import add_authority, exclude_authority, list_authorities
from semblance.workflows.accounts.joint_acts import (
    AddPerson,
    AdmitAuthority,
    EnablePerson,
    GiveRole,
    NoteTraining,
    ResetPerson,
    propose_confirmation,
)
from semblance.workflows.two_people import JointAct, Stepped, propose

_Text = Annotated[str, Form(max_length=2_000)]
_ROWS = 100
_USUAL_GRANT = timedelta(days=365)
_LAST_DAY = Message("role.last-day", "The role's last day")
_TRAINING_DAY = Message("people.training-day", "The day of the training")


routes = APIRouter()


def _show(
    site: Site, actor: Actor, *, after: str | None = None, proposed: Stepped | None = None, problem: Problem = None
) -> HTMLResponse:
    found = people.list_people(site.node, actor, after=after, limit=_ROWS)
    return render_page(
        "accounts/people.html",
        make_frame(site, "people", actor),
        rows=tuple((shown, *say_standing(shown.person)) for shown in found.people),
        damaged=found.damaged,
        authorities=list_authorities(site.node, actor),
        roles=_list_roles(),
        standing=found.standing,
        may_manage=may(site, actor, Action.PERSON_MANAGE),
        may_manage_authorities=may(site, actor, Action.AUTHORITY_MANAGE),
        default_until=(site.node.clock().date() + _USUAL_GRANT).isoformat(),
        next_href=None if found.next_after is None else "/people?" + urlencode({"after": found.next_after}),
        first=after is None,
        proposed=proposed,
        problem=problem,
    )


def _show_person(
    site: Site,
    actor: Actor,
    name: str,
    *,
    done: str | None = None,
    proposed: Stepped | None = None,
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
        proposed=proposed,
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


def _propose_change(site: Site, actor: Actor, name: str, make: Callable[[], JointAct], reason: str) -> Response:
    try:
        made = propose(site.node, actor, make(), reason=reason)
    except (IntakeError, PolicyError, Conflict) as error:
        if isinstance(error, RefusedByPolicy) and error.rule != "roles.apart":
            raise
        return _show_person(site, actor, name, problem=error)
    return _show_person(site, actor, name, proposed=made)


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
    reason: _Text = "",
) -> Response:
    try:
        grants = (Grant(_read_role(role), read_day(until, _LAST_DAY)),) if role else ()
        day = read_day(trained, _TRAINING_DAY) if trained.strip() else None
        made = propose(site.node, actor, AddPerson(name.strip(), authority, grants, day), reason=reason)
    except RefusedByPolicy:
        raise
    except (IntakeError, PolicyError, Conflict, NotFound) as error:
        return _show(site, actor, problem=error)
    return _show(site, actor, proposed=made)


@routes.get("/people/{name}")
def read(site: CurrentSite, actor: CurrentActor, name: str) -> Response:
    return _show_person(site, actor, name)


@routes.post("/people/{name}/grant")
def grant(
    site: CurrentSite, actor: CurrentActor, name: str, role: _Text = "", until: _Text = "", reason: _Text = ""
) -> Response:
    def make() -> JointAct:
        return GiveRole(name, _read_role(role), read_day(until, _LAST_DAY))

    return _propose_change(site, actor, name, make, reason)


@routes.post("/people/{name}/revoke")
def revoke(site: CurrentSite, actor: CurrentActor, name: str, role: _Text = "", reason: _Text = "") -> Response:
    done = _("The role was taken. Open sessions have ended.")
    return _change(
        site, actor, name, lambda: people.revoke_role(site.node, actor, name, _read_role(role), reason=reason), done
    )


@routes.post("/people/{name}/training")
def train(site: CurrentSite, actor: CurrentActor, name: str, on: _Text = "", reason: _Text = "") -> Response:
    return _propose_change(site, actor, name, lambda: NoteTraining(name, read_day(on, _TRAINING_DAY)), reason)


@routes.post("/people/{name}/disable")
def disable(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    done = _("The account is disabled; sessions have ended, and tokens are revoked.")
    return _change(site, actor, name, lambda: people.disable_person(site.node, actor, name, reason=reason), done)


@routes.post("/people/{name}/enable")
def enable(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    return _propose_change(site, actor, name, lambda: EnablePerson(name), reason)


@routes.post("/people/{name}/unlock")
def unlock(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    done = _("Wrong tries are forgotten; the account is open again.")
    return _change(site, actor, name, lambda: people.unlock_person(site.node, actor, name, reason=reason), done)


@routes.post("/people/{name}/confirm")
def vouch(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    try:
        made = propose_confirmation(site.node, actor, name, reason=reason)
    except RefusedByPolicy:
        raise
    except (PolicyError, Conflict) as error:
        return _show_person(site, actor, name, problem=error)
    return _show_person(site, actor, name, proposed=made)


@routes.post("/people/{name}/reset")
def reset(site: CurrentSite, actor: CurrentActor, name: str, reason: _Text = "") -> Response:
    return _propose_change(site, actor, name, lambda: ResetPerson(name), reason)


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


@routes.post("/authorities/{code}/admit")
def admit(site: CurrentSite, actor: CurrentActor, code: str, reason: _Text = "") -> Response:
    try:
        made = propose(site.node, actor, AdmitAuthority(code), reason=reason)
    except RefusedByPolicy:
        raise
    except (PolicyError, Conflict) as error:
        return _show(site, actor, problem=error)
    return _show(site, actor, proposed=made)


@routes.post("/authorities/{code}/exclude")
def exclude(site: CurrentSite, actor: CurrentActor, code: str, reason: _Text = "") -> Response:
    try:
        exclude_authority(site.node, actor, code, reason=reason)
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
