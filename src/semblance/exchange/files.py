"""Reading the bytes of a file that somebody named."""

import stat
from pathlib import Path
from typing import Final

from semblance.errors import ImageTooLarge, UnreadableFile
from semblance.messages.message import escape_unprintable

BYTES_CAP: Final = 256 * 1024 * 1024
"""No photo file is larger than this; what is larger is not read into memory."""


def read_photo_file(path: Path, name: str) -> bytes:
    """Return the bytes of a photo file; ``name`` is what errors call it.

    Raises UnreadableFile where it is missing, forbidden or no regular file, ImageTooLarge beyond the cap.
    """
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise UnreadableFile("operator.files.no-file", "{name} is not a file; name a photo.", name=name)
        if facts.st_size > BYTES_CAP:
            raise ImageTooLarge(
                "operator.files.too-large",
                "{name} has {size} megabytes; {most} are allowed for one photo.",
                name=name,
                size=facts.st_size >> 20,
                most=BYTES_CAP >> 20,
            )
        return path.read_bytes()
    except OSError as error:
        raise make_unreadable(name, error) from error


def read_mode(path: Path) -> int:
    """Return what kind of file somebody named, and its permissions; raises UnreadableFile."""
    try:
        return path.stat().st_mode
    except OSError as error:
        raise make_unreadable(printable_name(str(path)), error) from error


def make_unreadable(name: object, error: OSError) -> UnreadableFile:
    """Return what is raised where the operating system does not let a file or folder be read."""
    return UnreadableFile(
        "operator.files.unreadable",
        "{name} cannot be read ({why}); check that it is there and may be read.",
        name=name,
        why=error.strerror or error,
    )


def printable_name(text: str) -> str:
    """Return a path or name with bytes that are no text, and what cannot be printed, in visible escapes."""
    return escape_unprintable(text.encode("utf-8", "backslashreplace").decode())
