"""What people write about what they do: who they are, why they do it, where mail reaches them."""

import re
from typing import Final

from semblance.messages.message import Message, is_shown

REASON_LENGTH_CAP: Final = 2_000


def says_nothing(text: str) -> bool:
    """Return whether there is no letter and no digit in the text."""
    return not any(character.isalnum() for character in text)


def find_text_fault(text: str, *, cap: int, breaks: bool = False) -> Message | None:
    """Return why the text cannot be kept and shown, or None.

    ``cap`` is the most characters, outer white space not counted. ``breaks`` allows line breaks and tabs.
    """
    stripped = text.strip().replace("\r\n", "\n")
    if len(stripped) > cap:
        return Message("text.too-long", "has {n} characters, more than {most}", n=len(stripped), most=cap)
    if not stripped.isprintable() and not all(is_shown(character, breaks=breaks) for character in stripped):
        return Message("text.unprintable", "contains characters that cannot be printed")
    return None


_FORM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?")


def is_mail_address(text: str) -> bool:
    """Return whether the text is one plain address and nothing else: no name, no quotes, no brackets, ASCII only."""
    local, _, domain = text.partition("@")
    dotted = not any(part.startswith(".") or part.endswith(".") or ".." in part for part in (local, domain))
    return dotted and _FORM.fullmatch(text) is not None
