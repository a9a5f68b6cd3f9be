"""API tokens: what a program may do in somebody's name, and for how long; and the secrets that prove who asks.

A secret has 256 random bits, and only its SHA-256 is ever kept.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from semblance.messages.message import Message
from semblance.terms.permission import Action, PersonId

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


def find_end(last_day: date) -> datetime:
    """Return when a token ends whose last day this is; of the calendar's last day, when it begins."""
    return datetime.combine(min(last_day, date.max - timedelta(days=1)), time(), UTC) + timedelta(days=1)


def find_life_fault(expires_at: datetime, now: datetime) -> Message | None:
    """Return why a token cannot last until then, or None."""
    if expires_at <= now:
        return Message("token.day-passed", "{day} has passed; name a day to come", day=expires_at.date())
    if expires_at - now > LONGEST_LIFE:
        return Message(
            "token.day-far", "{day} is more than a year away; a token lasts a year at most", day=expires_at.date()
        )
    return None


TOKEN_PREFIX: Final = "semblance_"  # noqa: S105 - how a token is recognised, not one of them


def make_session_secret() -> str:
    """Return the secret of a session."""
    return secrets.token_urlsafe(32)


def make_token_secret() -> str:
    """Return the secret of an API token; its prefix lets people and scanners recognise one."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def is_token_secret(secret: str) -> bool:
    """Return whether the secret is an API token's."""
    return secret.startswith(TOKEN_PREFIX)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret, in hexadecimal; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()
