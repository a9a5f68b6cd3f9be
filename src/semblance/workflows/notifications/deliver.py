"""Bringing one notification to one authority. It talks to the outside: never called within a transaction."""

from typing import Final

from semblance.errors import IntakeError
from semblance.exchange.delivery.mail import send_mail
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook import call_webhook, parse_webhook
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.people.person import Authority
from semblance.store.notifications import OutgoingNotification
from semblance.terms.notification import Channel
from semblance.workflows.notifications.wording import write_document, write_mail

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


def is_set_up(node: Node, channel: Channel) -> bool:
    """Return whether the node's settings open that way out."""
    return (node.channels.mail if channel is Channel.MAIL else node.channels.webhook) is not None


def deliver(node: Node, authority: Authority, notification: OutgoingNotification) -> Undelivered | None:
    """Send the notification now, and return None once the other side has taken it."""
    channels, channel = node.channels, notification.channel
    if not is_set_up(node, channel):
        return Undelivered(NOT_SET_UP[channel])
    if channel is Channel.MAIL and channels.mail is not None and authority.mail is not None:
        domain = channels.mail.sender.partition("@")[2]
        message = write_mail(notification, address=channels.address, domain=domain)
        return send_mail(channels.mail, message, to=authority.mail)
    if channel is Channel.WEBHOOK and channels.webhook is not None and authority.webhook is not None:
        try:
            address = parse_webhook(authority.webhook)
        except IntakeError as error:
            return Undelivered(error.message)
        document = write_document(notification, address=channels.address)
        now = int(node.clock().timestamp())
        return call_webhook(
            channels.webhook, address, document, authority=authority.code, notice=notification.id, now=now
        )
    return Undelivered(_NO_ADDRESS[channel])
