"""Send the notifications that are due: at least once each, with pauses that grow, and never within a transaction.

A try is noted before it is made, so that a program that dies in the middle neither tries without end nor forgets; what
was sent and could not be noted is sent once more, under the same id.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.entry import Act, Touched, Verb
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import authorities, ledger, notifications
from semblance.store.engine import Transaction
from semblance.store.notifications import OutgoingNotification
from semblance.terms.notification import Channel
from semblance.workflows.notifications.deliver import NOT_SET_UP, deliver, is_set_up
from semblance.workflows.worker_acts import describe_due

TRIES_CAP: Final = 20
"""So many tries take about three days."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)

NOT_SET_UP_LIMIT: Final = timedelta(days=7)
"""How long a notification waits for a way out that the settings do not open."""

_BATCH: Final = 500
_UNREACHABLE_CAP: Final = 5
_RULE: Final = "examination.owner-days"


def find_pause(tries: int) -> timedelta:
    """Return how long after so many tries the next one is due: a minute after the first, then twice as long."""
    doubled: int = 1 << min(tries - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def send_notifications(node: Node) -> Iterator[int]:
    """Try every notification that is due, once; give 1 for each that was sent and 0 for each that was not.

    What does not answer is not asked again in the same round, and after several such nothing is: the round's other
    jobs must have their turn.
    """
    with node.store.reading() as tx:
        due = notifications.find_due(tx, now=node.clock(), limit=_BATCH)
    silent: set[tuple[Channel, str]] = set()
    for notification in due:
        # all mail goes through one server; each authority has a webhook of its own
        side = (notification.channel, "" if notification.channel is Channel.MAIL else notification.authority)
        if side in silent:
            continue
        sent, reached = _try(node, notification)
        if not reached:
            silent.add(side)
        yield int(sent)
        if len(silent) >= _UNREACHABLE_CAP:
            return


def _try(node: Node, notification: OutgoingNotification) -> tuple[bool, bool]:
    """Try one notification; return whether it was sent, and whether the other side answered."""
    now = node.clock()
    ready = is_set_up(node, notification.channel)
    tries = notification.tries + int(ready)
    with node.store.writing() as tx:
        next_at = now + (find_pause(tries) if ready else LONGEST_PAUSE)
        if not notifications.claim_notification(tx, notification, next_at=next_at, tries=tries):
            return False, True
        told = authorities.find_authority(tx, notification.authority)
        if told is None or not told.admitted:
            failure = Message(
                "notification.not-admitted", "The authority is no longer admitted here; it is told nothing."
            )
            _note_failure(node, tx, notification, failure, now, last=True)
            return False, True
        if not ready:
            last = now - notification.made_at >= NOT_SET_UP_LIMIT
            _note_failure(node, tx, notification, NOT_SET_UP[notification.channel], now, last=last)
            return False, True
    failed = deliver(node, told, notification)
    now = node.clock()
    with node.store.writing() as tx:
        if failed is not None:
            _note_failure(node, tx, notification, failed.reason, now, last=tries >= TRIES_CAP)
            return False, not failed.unreachable
        notifications.note_sent(tx, notification.id, at=now)
        reason = Message(
            "notification.sent",
            "{notification} to {authority} by {channel}: sent",
            notification=notification.kind,
            authority=notification.authority,
            channel=notification.channel,
        )
        ledger.append(tx, _describe(node, notification, Verb.DISCLOSURE, "notice.send", reason), at=now)
    return True, True


def _note_failure(
    node: Node, tx: Transaction, notification: OutgoingNotification, failure: Message, now: datetime, *, last: bool
) -> None:
    notifications.note_failure(tx, notification.id, failure, given_up_at=now if last else None)
    if last:
        reason = Message(
            "notification.given-up",
            "{notification} to {authority} by {channel}: given up",
            notification=notification.kind,
            authority=notification.authority,
            channel=notification.channel,
        )
        ledger.append(tx, _describe(node, notification, Verb.ALTERATION, "notice.give-up", reason), at=now)


def _describe(node: Node, notification: OutgoingNotification, verb: Verb, action: str, reason: Message) -> Act:
    touched = (
        Touched("notice", notification.id),
        Touched("lead", notification.about),
        Touched("authority", notification.authority),
    )
    return describe_due(node, verb, action, rule=_RULE, reason=reason, touched=touched)
