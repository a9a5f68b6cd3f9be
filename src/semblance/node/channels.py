"""The channels through which a node sends its notifications, as the settings opened them."""

from dataclasses import dataclass
from typing import Final

from semblance.exchange.delivery.mail import MailServer
from semblance.exchange.delivery.webhook import WebhookCaller


@dataclass(frozen=True, slots=True)
class NotificationChannels:
    """What the node sends notifications through; a channel that is None is not set up.

    ``address`` is where people reach the node's pages, without a slash at its end; empty where no setting says it.
    """

    mail: MailServer | None = None
    webhook: WebhookCaller | None = None
    address: str = ""


NO_CHANNELS: Final = NotificationChannels()
"""Nothing is set up: notifications wait, and are given up in the end."""
