"""Addresses of e-mail, in the one form that no header and no command can be smuggled into."""

import re
from typing import Final

_FORM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?")


def is_mail_address(text: str) -> bool:
    """Return whether the text is one plain address and nothing else: no name, no quotes, no brackets, ASCII only."""
    local, _, domain = text.partition("@")
    dotted = not any(part.startswith(".") or part.endswith(".") or ".." in part for part in (local, domain))
    return dotted and _FORM.fullmatch(text) is not None
