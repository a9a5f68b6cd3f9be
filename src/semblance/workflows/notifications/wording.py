"""What notifications say. They go out over nets and lie in mailboxes, so they name nobody and tell nothing of a record.

Every word of a notification stands here, so that it can be translated in one place.
"""

from collections.abc import Mapping
from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime
from types import MappingProxyType
from typing import Final

from semblance.store.notifications import OutgoingNotification
from semblance.terms.notification import TEST, LeadNotification

_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        LeadNotification.WAITING: (
            "A lead on one of your records waits for your check",
            "A search has led to one of your records. Two examiners agreed; that is a lead, not an\n"
            "identity. Please compare, and confirm or refute it.",
        ),
        LeadNotification.REMINDER: (
            "Reminder: a lead on one of your records waits for your check",
            "A lead on one of your records still waits: please compare, and confirm or refute it.",
        ),
        LeadNotification.UNANSWERED: (
            "A lead on one of your records was not checked in time",
            "The time to check a lead on one of your records is over. Nothing was released.",
        ),
        LeadNotification.DECIDED: (
            "The owner of a record has decided on a lead",
            "A lead of your authority was decided on by the owner of the record.",
        ),
        TEST: ("A test notification: nothing is to be done", "This only shows that notifications arrive."),
    }
)
"""The subject of each kind, and what the mail says first."""

_END: Final = (
    "Notification: {id}\nThis message names nobody on purpose. It was written by a program; an answer is not read."
)


def make_link(notification: OutgoingNotification, *, address: str) -> str | None:
    """Return where the node's pages show what the notification is about, or None."""
    return f"{address}/leads/{notification.about}" if address and notification.kind != TEST else None


def write_mail(notification: OutgoingNotification, *, address: str, domain: str) -> EmailMessage:
    """Return the e-mail without its ``From`` and ``To``; the same notification gives the same ``Message-ID``."""
    message = EmailMessage()
    message["Subject"], body = _WORDS[notification.kind]
    message["Date"] = format_datetime(notification.made_at.astimezone(UTC).replace(microsecond=0))
    message["Message-ID"] = f"<{notification.id}@{domain}>"
    message["Semblance-Notice-Id"] = notification.id
    # so that nobody's holiday answer comes back (RFC 3834, section 5)
    message["Auto-Submitted"] = "auto-generated"
    facts = []
    if notification.kind != TEST:
        facts.append(f"Lead: {notification.about}")
    if notification.deadline is not None:
        facts.append(f"Last moment: {notification.deadline.astimezone(UTC):%Y-%m-%d %H:%M} (UTC)")
    if notification.kind != TEST:
        link = make_link(notification, address=address)
        facts.append("Sign in on the node to see it." if link is None else f"Sign in to see it: {link}")
    parts = [body, "\n".join(facts), _END.format(id=notification.id)]
    text = "\n\n".join(part for part in parts if part) + "\n"
    # a link stays whole, also where it is longer than a line of a mail would be wrapped at
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    return message


def write_document(notification: OutgoingNotification, *, address: str) -> dict[str, object]:
    """Return the notification as a webhook is told it; ``lead`` is None in a test."""
    deadline = notification.deadline
    return {
        "id": notification.id,
        "kind": notification.kind,
        "lead": None if notification.kind == TEST else notification.about,
        "authority": notification.authority,
        "due_on": None if deadline is None else deadline.astimezone(UTC).date().isoformat(),
        "at": notification.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "link": make_link(notification, address=address),
    }
