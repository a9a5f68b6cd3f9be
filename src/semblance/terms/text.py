"""What people write about what they do: who they are, why they do it."""

import unicodedata
from typing import Final

PERSON_LENGTH_CAP: Final = 200
REASON_LENGTH_CAP: Final = 2_000

_BREAKS: Final = frozenset("\n\t")
_JOINERS: Final = frozenset("\u200c\u200d")


def _is_shown(character: str, *, breaks: bool) -> bool:
    if character.isprintable() or (breaks and character in _BREAKS):
        return True
    # other spaces are harmless, and some scripts write words with joiners
    return unicodedata.category(character) == "Zs" or character in _JOINERS


def says_nothing(text: str) -> bool:
    """Return whether there is no letter and no digit in the text."""
    return not any(character.isalnum() for character in text)


def find_text_fault(text: str, *, cap: int, breaks: bool = False) -> str | None:
    """Return in words why the text cannot be kept and shown, or None.

    ``cap`` is the most characters, outer white space not counted. ``breaks`` allows line breaks and tabs.
    """
    stripped = text.strip().replace("\r\n", "\n")
    if len(stripped) > cap:
        return f"has {len(stripped)} characters, more than {cap}"
    if not stripped.isprintable() and not all(_is_shown(character, breaks=breaks) for character in stripped):
        return "contains characters that cannot be printed"
    return None


def escape_unprintable(text: str, *, breaks: bool = False) -> str:
    r"""Return the text with every character that cannot be printed in a visible escape: ``\x1b``, ``\u202e``.

    A terminal takes some of them for commands. ``breaks`` leaves line breaks and tabs as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        character if _is_shown(character, breaks=breaks) else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
