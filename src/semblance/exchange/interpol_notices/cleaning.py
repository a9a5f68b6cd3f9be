"""Invisible characters in the texts of a notice: they are dropped, so that one name is one name, and that is noted."""

from collections.abc import Mapping
from typing import Any, Final

_INVISIBLE: Final = (
    # soft hyphen, Arabic and Mongolian marks, zero width space, marks of direction
    *(0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F),
    # word joiner and the operators that show nothing, byte order mark
    *(0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0xFEFF),
)
"""Not among them: joiners, with which some scripts write words, and overrides of direction, which are refused."""

_BREAKS: Final = (0x0B, 0x0C, 0x85, 0x2028, 0x2029)
"""What word processors break lines with."""

_DROPPED: Final = dict.fromkeys(_INVISIBLE)
_MENDED: Final = {**_DROPPED, **dict.fromkeys(_BREAKS, "\n")}


def drop_invisible(content: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the content without invisible characters, and the names of the fields that had some."""
    found: dict[str, None] = {}

    def clean(value: Any, name: str) -> Any:
        if isinstance(value, str):
            if value.isprintable():
                return value
            if value.translate(_DROPPED) != value:
                found[name] = None
            return value.translate(_MENDED)
        if isinstance(value, dict):
            return {key: clean(inner, f"{name}.{key}" if name else str(key)) for key, inner in value.items()}
        return [clean(inner, name) for inner in value] if isinstance(value, list) else value

    return clean(content, ""), tuple(found)
