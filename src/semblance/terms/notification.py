"""Notifications that a node sends to an authority: what they are about, and which way they go."""

from enum import StrEnum
from typing import Final


class LeadNotification(StrEnum):
    """What there is to say of a lead; nothing of it names anybody."""

    WAITING = "lead-waits"
    REMINDER = "lead-reminder"
    UNANSWERED = "lead-unanswered"
    DECIDED = "lead-decided"


TEST: Final = "test"
"""The kind of a notification that an administrator sends to see whether it arrives."""


class Channel(StrEnum):
    """How a notification goes out."""

    MAIL = "mail"
    WEBHOOK = "webhook"
