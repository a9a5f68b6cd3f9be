"""People and tokens in words for pages."""

from datetime import datetime

from semblance.people.person import Person
from semblance.people.token import Token
from semblance.web.wording.language import _


def say_token(token: Token, now: datetime) -> tuple[str, str]:
    """Return whether a token is in force, in words, and how it is coloured."""
    if token.revoked_at is not None:
        return _("Revoked"), "poor"
    return (_("In force"), "good") if token.is_valid(now) else (_("Ended"), "fair")


def say_standing(person: Person) -> tuple[str, str]:
    """Return whether somebody may sign in, in words, and how it is coloured."""
    if person.doubted_at is not None:
        return _("To be confirmed: of a restored copy"), "poor"
    if person.disabled_at is not None:
        return _("Disabled"), "poor"
    if person.locked_at is not None:
        return _("Locked: wrong codes"), "poor"
    if not person.authority.admitted:
        return _("Not admitted"), "fair"
    return (_("Has a first password"), "fair") if person.must_change else (_("May sign in"), "good")
