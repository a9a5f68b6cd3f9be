"""People, roles and tokens in words for pages."""

from datetime import datetime
from urllib.parse import quote

from semblance.node.node import Node
from semblance.people.person import Person
from semblance.people.token import Token
from semblance.web.accounts.contexts import PersonRow, RoleView, TokenView
from semblance.web.wording.language import _
from semblance.web.wording.say_message import say_message
from semblance.web.wording.words import say_value
from semblance.workflows.accounts.people import ShownPerson, show_grants


def view_roles(node: Node, person: Person) -> tuple[RoleView, ...]:
    """Return the roles that a person was given."""
    return tuple(
        RoleView(
            shown.grant.role.value,
            say_value(shown.grant.role),
            shown.grant.until.isoformat(),
            "" if shown.lapse is None else say_message(shown.lapse),
        )
        for shown in show_grants(node, person)
    )


def view_person(node: Node, shown: ShownPerson) -> PersonRow:
    """Return somebody as the list shows them."""
    state, grade = _say_state(shown.person)
    return PersonRow(
        href=f"/people/{quote(shown.person.name, safe='')}",
        name=shown.person.name,
        authority=shown.person.authority.code,
        roles=view_roles(node, shown.person),
        second_factor=shown.person.second_factor,
        state=state,
        grade=grade,
    )


def view_token(token: Token, now: datetime) -> TokenView:
    """Return a token as the list shows it."""
    state, grade = _("In force"), "good"
    if token.revoked_at is not None:
        state, grade = _("Revoked"), "poor"
    elif not token.is_valid(now):
        state, grade = _("Ended"), "fair"
    scope = tuple(sorted(action.value for action in token.scope))
    return TokenView(token.id, token.label, token.start, scope, token.expires_at.date().isoformat(), state, grade)


def _say_state(person: Person) -> tuple[str, str]:
    if person.disabled_at is not None:
        return _("Disabled"), "poor"
    if person.locked_at is not None:
        return _("Locked: wrong codes"), "poor"
    if not person.authority.admitted:
        return _("Not admitted"), "fair"
    return (_("Has a first password"), "fair") if person.must_change else (_("May sign in"), "good")
