"""Bringing one notice to one authority, one way. It talks to the outside: never called within a transaction."""

from datetime import datetime
from typing import Final

from semblance.errors import IntakeError
from semblance.exchange.delivery.mail import send_mail
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook import call_webhook
from semblance.exchange.delivery.webhook_address import parse_webhook
from semblance.node.node import Node
from semblance.people.authority import Authority
from semblance.terms.notification import Channel
from semblance.workflows.notifications.wording import write_document, write_mail

NOT_SET_UP: Final = {
    Channel.MAIL: "E-mail is not set up on this node; set `mail.host` and `mail.sender`.",
    Channel.WEBHOOK: "Webhooks are not set up on this node; set `webhook.secret_file`.",
}
NO_ADDRESS: Final = {
    Channel.MAIL: "The authority's contact is not one plain e-mail address; mend it with `semblance authority edit`.",
    Channel.WEBHOOK: "The authority has no webhook; name one with `semblance authority edit`.",
}


def is_set_up(node: Node, channel: Channel) -> bool:
    """Return whether the node's settings open that way out."""
    return (node.channels.mail if channel is Channel.MAIL else node.channels.webhook) is not None


def deliver_notice(
    node: Node,
    authority: Authority,
    channel: Channel,
    *,
    kind: str,
    about: str,
    notice: str,
    made_at: datetime,
    deadline: datetime | None,
) -> Undelivered | None:
    """Send the notice now, and return None once the other side has taken it."""
    channels = node.channels
    if channel is Channel.MAIL:
        if channels.mail is None or authority.mail is None:
            return Undelivered((NOT_SET_UP if channels.mail is None else NO_ADDRESS)[channel])
        domain = channels.mail.sender.partition("@")[2]
        message = write_mail(
            kind, about, notice=notice, at=made_at, deadline=deadline, address=channels.address, domain=domain
        )
        return send_mail(channels.mail, message, to=authority.mail)
    if channels.webhook is None or authority.webhook is None:
        return Undelivered((NOT_SET_UP if channels.webhook is None else NO_ADDRESS)[channel])
    try:
        address = parse_webhook(authority.webhook)
    except IntakeError as error:
        return Undelivered(str(error))
    document = write_document(
        kind, about, authority.code, notice=notice, at=made_at, deadline=deadline, address=channels.address
    )
    now = int(node.clock().timestamp())
    return call_webhook(channels.webhook, address, document, authority=authority.code, notice=notice, now=now)
