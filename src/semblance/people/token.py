"""API tokens: what a program may do in somebody's name, and for how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from semblance.messages.message import Message
from semblance.terms.action import Action
from semblance.terms.actor import PersonId

LONGEST_LIFE: Final = timedelta(days=366)
LABEL_CAP: Final = 80


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; it never allows more than its person's roles do at that moment.

    ``start`` are the first characters of the secret, by which its owner recognises it.
    """

    id: str
    person: PersonId
    label: str
    start: str
    scope: frozenset[Action]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Return whether the token is taken at that moment."""
        return self.revoked_at is None and now < self.expires_at


def find_life_fault(expires_at: datetime, now: datetime) -> Message | None:
    """Return why a token cannot last until then, or None."""
    if expires_at <= now:
        return Message("token.day-passed", "{day} has passed; name a day to come", day=expires_at.date())
    if expires_at - now > LONGEST_LIFE:
        return Message(
            "token.day-far", "{day} is more than a year away; a token lasts a year at most", day=expires_at.date()
        )
    return None
