"""Sessions: how long one lasts, and what a person must do first in it."""

from dataclasses import dataclass
from datetime import datetime

from semblance.messages.message import Message
from semblance.people.account_rules import AccountRules
from semblance.people.person import Person
from semblance.terms.actor import PersonId


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's time from sign-in to sign-out; ``vouched``: another body's provider checked who it is."""

    person: PersonId
    started_at: datetime
    seen_at: datetime
    vouched: bool = False


def is_over(session: Session, now: datetime, rules: AccountRules) -> bool:
    """Return whether the session has ended by itself."""
    return now - session.seen_at > rules.idle or now - session.started_at > rules.session


def find_duty(person: Person, rules: AccountRules, *, vouched: bool) -> Message | None:
    """Return what the person must do before anything else, or None."""
    if vouched:
        return None
    if person.must_change:
        return Message(
            "duty.password", "Choose a password of your own first: the present one was chosen by somebody else."
        )
    if rules.second_factor_required and not person.second_factor:
        return Message("duty.second-factor", "Set up the second factor first: this node asks for one.")
    return None
