"""What an administrator does about notifications: sees what was not sent, tries the ways out, hands out a key."""

from dataclasses import dataclass
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.errors import ConfigurationError, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.store import notifications
from semblance.store.notifications import OutgoingNotification
from semblance.terms.ids import make_id
from semblance.terms.notification import TEST, Channel
from semblance.terms.permission import Action, Actor
from semblance.workflows.accounts.authorities import require_authority
from semblance.workflows.notifications.send import NOT_SET_UP, deliver
from semblance.workflows.permission import Permitted, ask, log_act, record_act

_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class NotificationList:
    """The notifications that wait or were given up, the latest first, and how many were sent."""

    unsent: tuple[OutgoingNotification, ...]
    sent: int


@dataclass(frozen=True, slots=True)
class TriedChannel:
    """What became of a test one way; ``failure`` says why it was not taken, or is None where it was.

    ``asked``: the authority is to be told this way, so that a failure is one.
    """

    channel: Channel
    asked: bool
    failure: Message | None


def list_notifications(node: Node, actor: Actor) -> NotificationList:
    """Return the notifications that were not sent; nothing in them names anybody."""
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    with node.store.writing() as tx:
        found = NotificationList(notifications.list_unsent(tx, limit=_SHOWN), notifications.count_sent(tx))
        touched = tuple(Touched("notice", notification.id) for notification in found.unsent)
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=node.clock(), action="notice.list")
    return found


def retry_notification(node: Node, actor: Actor, notification: str) -> None:
    """Let a notification that was given up be tried again by the worker, as often as the first time.

    Raises NotFound where there is none that was given up under this id.
    """
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    now = node.clock()
    with node.store.writing() as tx:
        if not notifications.begin_again(tx, notification, at=now):
            raise NotFound(
                "operator.notification.not-given-up",
                "No notification {id} was given up; `semblance notifications list` names those that were.",
                id=notification,
            )
        log_act(tx, permit, Verb.ALTERATION, Touched("notice", notification), at=now, action="notice.retry")


def try_channels(node: Node, actor: Actor, code: str) -> tuple[TriedChannel, ...]:
    """Send a test to the authority every way, now, and return what became of it. Raises NotFound."""
    permit, authority = _ask_about(node, actor, code)
    asked = {Channel.MAIL: authority.mail is not None, Channel.WEBHOOK: authority.webhook is not None}
    tried = []
    for channel in Channel:
        now = node.clock()
        test = OutgoingNotification(make_id(), TEST, "", authority.code, channel, None, now, now)
        failed = deliver(node, authority, test)
        if failed is None:
            reason = Message("notification.tested", "by {channel}: sent", channel=channel)
        else:
            reason = Message("notification.test-failed", "by {channel}: {why}", channel=channel, why=failed.reason)
        touched = (Touched("notice", test.id), Touched("authority", authority.code))
        record_act(node, permit, Verb.DISCLOSURE, *touched, action="notice.test", reason=reason)
        tried.append(TriedChannel(channel, asked[channel], None if failed is None else failed.reason))
    return tuple(tried)


def hand_out_key(node: Node, actor: Actor, code: str) -> str:
    """Return the key that verifies the calls to the authority's webhook, to be handed to it and to nobody else.

    Raises NotFound, and ConfigurationError where webhooks are not set up.
    """
    permit, authority = _ask_about(node, actor, code)
    if node.channels.webhook is None:
        raise ConfigurationError(NOT_SET_UP[Channel.WEBHOOK])
    record_act(node, permit, Verb.DISCLOSURE, Touched("authority", authority.code), action="notice.key")
    return node.channels.webhook.derive_key(authority.code)


def _ask_about(node: Node, actor: Actor, code: str) -> tuple[Permitted, Authority]:
    permit = ask(node, actor, Action.AUTHORITY_MANAGE)
    with node.store.reading() as tx:
        return permit, require_authority(tx, code)
