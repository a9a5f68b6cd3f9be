"""Where in the code an error arose, without a word of what was worked on."""

import traceback
from pathlib import Path


def write_trace(error: BaseException) -> str:
    """Return the kinds of an error and of those that led to it, newest first, with the places in the code they passed.

    On one line, as everything in the log.
    """
    parts: list[str] = []
    link: BaseException | None = error
    while link is not None and len(parts) < 10:
        frames = traceback.extract_tb(link.__traceback__)
        places = " > ".join(f"{'/'.join(Path(at.filename).parts[-3:])}:{at.lineno} {at.name}" for at in frames)
        parts.append(f"{type(link).__module__}.{type(link).__qualname__} ({places})")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return " after ".join(parts)
