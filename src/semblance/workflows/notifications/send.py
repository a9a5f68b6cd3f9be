"""Send the notifications that are due: at least once each, with pauses that grow, and never within a transaction.

A try is noted before it is made, so that a program that dies in the middle neither tries without end nor forgets; what
was sent and could not be noted is sent once more, under the same id.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import IntakeError
from semblance.exchange.delivery.mail import send_mail
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook import call_webhook, parse_webhook
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.store import notifications, people
from semblance.store.engine import Transaction
from semblance.store.notifications import OutgoingNotification
from semblance.terms.notification import Channel
from semblance.workflows.notifications.wording import write_document, write_mail
from semblance.workflows.worker_acts import log_due

TRIES_CAP: Final = 20
"""So many tries take about three days."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)

NOT_SET_UP_LIMIT: Final = timedelta(days=7)
"""How long a notification waits for a way out that the settings do not open."""

NOT_SET_UP: Final = {
    Channel.MAIL: Message("mail.not-set-up", "E-mail is not set up on this node; set `mail.host` and `mail.sender`."),
    Channel.WEBHOOK: Message("webhook.not-set-up", "Webhooks are not set up on this node; set `webhook.secret_file`."),
}
_NO_ADDRESS: Final = {
    Channel.MAIL: Message(
        "mail.no-address",
        "The authority's contact is not one plain e-mail address; mend it with `semblance authority edit`.",
    ),
    Channel.WEBHOOK: Message(
        "webhook.no-address", "The authority has no webhook; name one with `semblance authority edit`."
    ),
}

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
    ready = _is_set_up(node, notification.channel)
    tries = notification.tries + int(ready)
    with node.store.writing() as tx:
        next_at = now + (find_pause(tries) if ready else LONGEST_PAUSE)
        if not notifications.claim_notification(tx, notification, next_at=next_at, tries=tries):
            return False, True
        told = people.find_authority(tx, notification.authority)
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
        _log(tx, node, notification, now, sent=True)
    return True, True


def _note_failure(
    node: Node, tx: Transaction, notification: OutgoingNotification, failure: Message, now: datetime, *, last: bool
) -> None:
    notifications.note_failure(tx, notification.id, failure, given_up_at=now if last else None)
    if last:
        _log(tx, node, notification, now, sent=False)


def _log(tx: Transaction, node: Node, notification: OutgoingNotification, now: datetime, *, sent: bool) -> None:
    names = {"notification": notification.kind, "authority": notification.authority, "channel": notification.channel}
    if sent:
        verb, action = Verb.DISCLOSURE, "notice.send"
        reason = Message("notification.sent", "{notification} to {authority} by {channel}: sent", **names)
    else:
        verb, action = Verb.ALTERATION, "notice.give-up"
        reason = Message("notification.given-up", "{notification} to {authority} by {channel}: given up", **names)
    touched = (
        Touched("notice", notification.id),
        Touched("lead", notification.about),
        Touched("authority", notification.authority),
    )
    log_due(tx, node, verb, action, rule=_RULE, reason=reason, touched=touched, at=now)


def _is_set_up(node: Node, channel: Channel) -> bool:
    """Return whether the node's settings open that way out."""
    return (node.channels.mail if channel is Channel.MAIL else node.channels.webhook) is not None


def deliver(node: Node, authority: Authority, notification: OutgoingNotification) -> Undelivered | None:
    """Send the notification now, and return None once the other side has taken it; never within a transaction."""
    channels, channel = node.channels, notification.channel
    if not _is_set_up(node, channel):
        return Undelivered(NOT_SET_UP[channel])
    if channel is Channel.MAIL and channels.mail is not None and authority.mail is not None:
        domain = channels.mail.sender.partition("@")[2]
        message = write_mail(notification, address=channels.address, domain=domain)
        return send_mail(channels.mail, message, to=authority.mail)
    if channel is Channel.WEBHOOK and channels.webhook is not None and authority.webhook is not None:
        try:
            address = parse_webhook(authority.webhook, channels.webhook.networks)
        except IntakeError as error:
            return Undelivered(error.message)
        document = write_document(notification, address=channels.address)
        now = int(node.clock().timestamp())
        return call_webhook(
            channels.webhook, address, document, authority=authority.code, notice=notification.id, now=now
        )
    return Undelivered(_NO_ADDRESS[channel])
