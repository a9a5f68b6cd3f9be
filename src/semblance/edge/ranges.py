"""Answers with a part of something large, as players of videos ask for it."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from starlette.responses import StreamingResponse

_RANGE: Final = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)


def answer_part(
    asked: str | None, size: int, read: Callable[[int, int], Iterator[bytes]], *, media_type: str
) -> StreamingResponse:
    """Answer with the part that the header ``Range`` asks for, or with all of it where that names none.

    ``read`` gives the bytes from one place up to another. Several parts at once, and the last bytes, are not cut out.
    """
    found = None if asked is None else _RANGE.fullmatch(asked.strip())
    start, end, status = 0, size, 200
    headers = {"accept-ranges": "bytes", "cache-control": "no-store"}
    if found is not None and int(found[1]) < size:
        start, status = int(found[1]), 206
        end = min(size, int(found[2]) + 1) if found[2] else size
        if end <= start:
            start, end, status = 0, size, 200
    if status == 206:
        headers["content-range"] = f"bytes {start}-{end - 1}/{size}"
    headers["content-length"] = str(end - start)
    return StreamingResponse(read(start, end), status, headers=headers, media_type=media_type)
