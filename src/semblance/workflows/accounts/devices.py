"""Browsers that signed in before: strangers' wrong tries do not shut out whoever comes from one.

What such a browser keeps is a day and a keyed digest over it, the account and its epoch. It lets nobody in, is the same
in every browser that signed in that day, and tells nothing to whoever has none of the node's keys.
"""

from datetime import date, datetime
from hmac import compare_digest

from semblance.people.account_rules import DEVICE_LIFE
from semblance.store.credentials import Credentials
from semblance.store.engine import Transaction
from semblance.store.vault import blind
from semblance.terms.permission import PersonId


def make_device(tx: Transaction, person: PersonId, known: Credentials, now: datetime) -> str:
    """Return what a browser keeps after signing in as the person."""
    day = now.date().isoformat()
    return f"{day}.{_sign(tx, person, known, day)}"


def is_device(tx: Transaction, person: PersonId, known: Credentials, kept: str, now: datetime) -> bool:
    """Return whether a browser that keeps this signed in as the person before, and not too long ago."""
    day, _, proof = kept.partition(".")
    try:
        since = date.fromisoformat(day)
    except ValueError:
        return False
    recent = since <= now.date() <= since + DEVICE_LIFE
    return compare_digest(proof.encode("utf-8", "replace"), _sign(tx, person, known, day).encode()) and recent


def _sign(tx: Transaction, person: PersonId, known: Credentials, day: str) -> str:
    return blind(tx, "device", person, str(known.device_epoch), day)
