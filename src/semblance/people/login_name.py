"""The name that somebody signs in with, and that the ledger knows them by."""

import re
from typing import Final

from semblance.messages.message import Message

_FORM: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_RESERVED: Final = frozenset({"unknown", "semblance-worker", "worker", "nobody"})


def find_name_fault(name: str) -> Message | None:
    """Return why nobody can be called that, or None."""
    if name in _RESERVED:
        return Message(
            "people.name-reserved", "'{name}' is what the ledger calls somebody else; choose another name", name=name
        )
    if _FORM.fullmatch(name):
        return None
    return Message(
        "people.name-invalid",
        "'{name}' is no login name: write 2 to 64 small letters, digits, dots, hyphens or underscores",
        name=name,
    )
