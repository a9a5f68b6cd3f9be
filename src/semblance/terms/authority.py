"""Authorities: the bodies that own records, open cases and answer for their people."""

import re
from typing import Final, NewType

from semblance.messages.message import Message

AuthorityCode = NewType("AuthorityCode", str)
"""A country code (ISO 3166-1 alpha-2), or one with a body's name behind it: ``FR``, ``FR-PP``, ``UN``."""

CODE_PATTERN: Final = r"^[A-Z]{2}(-[A-Z0-9]{1,12})*$"
_FORM: Final = re.compile(CODE_PATTERN)


def find_code_fault(code: str) -> Message | None:
    """Return why the text cannot be an authority's code, or None."""
    if _FORM.fullmatch(code):
        return None
    return Message(
        "authority.code-invalid",
        "{code} is no code of an authority: write a country code such as FR, or FR-PP for a body in it",
        code=code,
    )
