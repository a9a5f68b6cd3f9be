"""Notifications on their way out: queued in the transaction of what they tell of, kept until sent or given up.

Each row goes one way to one authority, whose addresses are looked up when it is sent. Its id is what the receiver
knows repeats by. Nothing in it names anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from semblance.messages.message import Message
from semblance.store.engine import Transaction
from semblance.store.people import find_authority
from semblance.store.rows import add_rows, change_rows, count_rows, delete_rows, read_values
from semblance.store.schema.workbench import outgoing_notice
from semblance.terms.ids import AuthorityCode, make_id
from semblance.terms.notification import Channel

_OPEN = outgoing_notice.c.sent_at.is_(None) & outgoing_notice.c.given_up_at.is_(None)


@dataclass(frozen=True, slots=True)
class OutgoingNotification:
    """One notification, one way.

    ``about`` is the random id of what it is about, ``deadline`` the last moment for what it asks for, ``due_at`` when
    it is tried next, ``tries`` how often it was tried, ``failure`` why the last try failed.
    """

    id: str
    kind: str
    about: str
    authority: AuthorityCode
    channel: Channel
    deadline: datetime | None
    made_at: datetime
    due_at: datetime
    tries: int = 0
    sent_at: datetime | None = None
    given_up_at: datetime | None = None
    failure: Message | None = None


def queue_notification(
    tx: Transaction, kind: str, about: str, authority: AuthorityCode, *, at: datetime, deadline: datetime | None = None
) -> tuple[str, ...]:
    """Queue a notification for every way in which the authority can be told, and return the ids; the worker sends it.

    There are none where the authority is not known or not admitted, or has neither an e-mail address nor a webhook.
    """
    told = find_authority(tx, authority)
    if told is None or not told.admitted:
        return ()
    ways = ((Channel.MAIL, told.mail), (Channel.WEBHOOK, told.webhook))
    queued = [
        OutgoingNotification(make_id(), kind, about, authority, channel, deadline, made_at=at, due_at=at)
        for channel, address in ways
        if address is not None
    ]
    add_rows(tx, outgoing_notice, queued)
    return tuple(notification.id for notification in queued)


def find_due(tx: Transaction, *, now: datetime, limit: int) -> tuple[OutgoingNotification, ...]:
    """Return notifications that are to be tried now, the one that has waited longest first."""
    due = _OPEN & (outgoing_notice.c.due_at <= now)
    asked = sa.select(outgoing_notice).where(due).order_by(outgoing_notice.c.due_at, outgoing_notice.c.id)
    return read_values(tx, OutgoingNotification, asked.limit(limit))


def claim_notification(tx: Transaction, notification: OutgoingNotification, *, next_at: datetime, tries: int) -> bool:
    """Take a notification in hand, before it is tried: until ``next_at`` nobody else tries it.

    Return False where it changed since it was read: another worker has it, or it was sent.
    """
    unchanged = (outgoing_notice.c.id == notification.id) & (outgoing_notice.c.due_at == notification.due_at)
    return change_rows(tx, outgoing_notice, unchanged & _OPEN, due_at=next_at, tries=tries) == 1


def note_sent(tx: Transaction, notification: str, *, at: datetime) -> None:
    """Note that the notification was taken by the other side."""
    change_rows(tx, outgoing_notice, outgoing_notice.c.id == notification, sent_at=at, failure=None)


def note_failure(tx: Transaction, notification: str, failure: Message, *, given_up_at: datetime | None) -> None:
    """Note why a try failed, and whether it was the last."""
    change_rows(tx, outgoing_notice, outgoing_notice.c.id == notification, failure=failure, given_up_at=given_up_at)


def list_unsent(tx: Transaction, *, limit: int) -> tuple[OutgoingNotification, ...]:
    """Return the notifications that wait or were given up, the latest first."""
    asked = sa.select(outgoing_notice).where(outgoing_notice.c.sent_at.is_(None))
    asked = asked.order_by(outgoing_notice.c.made_at.desc(), outgoing_notice.c.id)
    return read_values(tx, OutgoingNotification, asked.limit(limit))


def list_about(tx: Transaction, about: Sequence[str]) -> tuple[OutgoingNotification, ...]:
    """Return every notification about these things, sent or not, the first first."""
    asked = sa.select(outgoing_notice).where(outgoing_notice.c.about.in_(about))
    return read_values(tx, OutgoingNotification, asked.order_by(outgoing_notice.c.made_at, outgoing_notice.c.id))


def count_sent(tx: Transaction) -> int:
    """Return how many notifications were sent."""
    return count_rows(tx, outgoing_notice, outgoing_notice.c.sent_at.is_not(None))


def begin_again(tx: Transaction, notification: str, *, at: datetime) -> bool:
    """Let a notification that was given up be tried anew, from the first try on; return False where it was not."""
    given_up = outgoing_notice.c.sent_at.is_(None) & outgoing_notice.c.given_up_at.is_not(None)
    mine = (outgoing_notice.c.id == notification) & given_up
    return change_rows(tx, outgoing_notice, mine, due_at=at, tries=0, given_up_at=None) == 1


def drop_unsent(tx: Transaction, about: Sequence[str]) -> int:
    """Delete the notifications about these things that were not sent yet, and return how many there were."""
    unsent = outgoing_notice.c.about.in_(about) & outgoing_notice.c.sent_at.is_(None)
    return delete_rows(tx, outgoing_notice, unsent)
