"""What a node asks of its accounts: its own choices, how long a session lasts, and what wrong tries cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le

from semblance.messages.message import Message
from semblance.people.person import Person
from semblance.terms.permission import PersonId


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The node's own choices.

    ``second_factor`` required: nobody does anything before setting one up. ``training_years``: an examiner's training
    counts for so long. A session ends ``idle_minutes`` after its last request, and ``session_hours`` after sign-in in
    any case.
    """

    second_factor: Literal["required", "offered"] = "required"
    training_years: Annotated[int, Ge(1), Le(20)] = 2
    idle_minutes: Annotated[int, Ge(1), Le(720)] = 30
    session_hours: Annotated[int, Ge(1), Le(24)] = 12

    @property
    def second_factor_required(self) -> bool:
        return self.second_factor == "required"

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def session(self) -> timedelta:
        return timedelta(hours=self.session_hours)


DEFAULT_RULES: Final = AccountRules()


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's time from sign-in to sign-out; ``vouched``: another body's provider checked who it is."""

    person: PersonId
    started_at: datetime
    seen_at: datetime
    vouched: bool = False


def is_over(session: Session, now: datetime, rules: AccountRules) -> bool:
    """Return whether the session has ended by itself."""
    # what lies as far in the future was noted by a clock that was wrong
    return abs(now - session.seen_at) > rules.idle or abs(now - session.started_at) > rules.session


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


FREE_TRIES: Final = 5
WRONG_CODES: Final = 10
"""So many wrong codes of the second factor, the password being right, lock the account until it is unlocked."""

DEVICE_LIFE: Final = timedelta(days=400)
"""For so long a browser that signed in is known; no browser keeps a cookie longer."""

_FIRST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=1)


def is_paused(until: datetime | None, now: datetime) -> bool:
    """Return whether nobody is let in yet; a pause longer than the longest was begun by a clock that was wrong."""
    return until is not None and now < until <= now + _LONGEST


def find_pause(wrong: int) -> timedelta | None:
    """Return how long nobody can sign in after so many wrong tries in a row; None before the fifth."""
    if wrong < FREE_TRIES:
        return None
    doubled: timedelta = _FIRST * 2 ** min(wrong - FREE_TRIES, 10)
    return min(doubled, _LONGEST)
