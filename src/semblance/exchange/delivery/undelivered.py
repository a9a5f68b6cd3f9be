"""Why a message did not get through: an outcome like any other, as whatever stands outside may fail."""

from dataclasses import dataclass

from semblance.messages.message import Message


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One message that did not get through.

    ``reason`` is for an administrator; it holds nothing of the message, no address, and no words of the
    other side, which may repeat either. ``unreachable``: the other side did not answer at all, so that further
    messages to it need not be tried now.
    """

    reason: Message
    unreachable: bool = False
