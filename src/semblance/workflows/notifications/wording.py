"""What notices say. They go out over nets and lie in mailboxes, so they name nobody and tell nothing of a record.

Every word of a notice stands here, so that it can be translated in one place.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from types import MappingProxyType
from typing import Final

from semblance.terms.notification import TEST_NOTICE, LeadNotice

_SUBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        LeadNotice.WAITING: "A lead on one of your records waits for your check",
        LeadNotice.REMINDER: "Reminder: a lead on one of your records waits for your check",
        LeadNotice.UNANSWERED: "A lead on one of your records was not checked in time",
        LeadNotice.DECIDED: "The owner of a record has decided on a lead",
        TEST_NOTICE: "A test notice: nothing is to be done",
    }
)

_BODIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        LeadNotice.WAITING: "A search has led to one of your records. Two examiners agreed; that is a lead, not an\n"
        "identity. Please compare, and confirm or refute it.",
        LeadNotice.REMINDER: "A lead on one of your records still waits: please compare, and confirm or refute it.",
        LeadNotice.UNANSWERED: "The time to check a lead on one of your records is over. Nothing was released.",
        LeadNotice.DECIDED: "A lead of your authority was decided on by the owner of the record.",
        TEST_NOTICE: "This only shows that notices arrive.",
    }
)

_DEADLINE: Final = "Last moment: {deadline} (UTC)"
_LINK: Final = "Sign in to see it: {link}"
_NO_LINK: Final = "Sign in on the node to see it."
_LEAD: Final = "Lead: {about}"
_END: Final = (
    "Notice: {notice}\nThis message names nobody on purpose. It was written by a program; an answer is not read."
)

_PATHS: Final[Mapping[str, str]] = MappingProxyType(dict.fromkeys(LeadNotice, "/leads/{about}"))
"""Where the pages show what a notice is about."""


def make_link(kind: str, about: str, *, address: str) -> str | None:
    """Return where the node's pages show what the notice is about, or None."""
    path = _PATHS.get(kind)
    return f"{address}{path.format(about=about)}" if address and path is not None else None


def write_mail(
    kind: str, about: str, *, notice: str, at: datetime, deadline: datetime | None, address: str, domain: str
) -> EmailMessage:
    """Return the notice as an e-mail without its ``From`` and ``To``; the same notice gives the same ``Message-ID``."""
    message = EmailMessage()
    message["Subject"] = _SUBJECTS[kind]
    message["Date"] = format_datetime(at.astimezone(UTC).replace(microsecond=0))
    message["Message-ID"] = f"<{notice}@{domain}>"
    message["Semblance-Notice-Id"] = notice
    # so that nobody's holiday answer comes back (RFC 3834, section 5)
    message["Auto-Submitted"] = "auto-generated"
    facts = []
    if kind != TEST_NOTICE:
        facts.append(_LEAD.format(about=about))
    if deadline is not None:
        facts.append(_DEADLINE.format(deadline=deadline.astimezone(UTC).strftime("%Y-%m-%d %H:%M")))
    if kind != TEST_NOTICE:
        link = make_link(kind, about, address=address)
        facts.append(_NO_LINK if link is None else _LINK.format(link=link))
    parts = [_BODIES[kind], "\n".join(facts), _END.format(notice=notice)]
    text = "\n\n".join(part for part in parts if part) + "\n"
    # a link stays whole, also where it is longer than a line of a mail would be wrapped at
    message.set_content(text, cte="7bit" if text.isascii() else "quoted-printable")
    return message


def write_document(
    kind: str, about: str, authority: str, *, notice: str, at: datetime, deadline: datetime | None, address: str
) -> dict[str, object]:
    """Return the notice as a webhook is told it; ``lead`` is None in a test."""
    return {
        "id": notice,
        "kind": kind,
        "lead": None if kind == TEST_NOTICE else about,
        "authority": authority,
        "due_on": None if deadline is None else deadline.astimezone(UTC).date().isoformat(),
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "link": make_link(kind, about, address=address),
    }
