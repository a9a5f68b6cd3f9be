"""A source of bytes as a file that can be read and searched, for what reads files only."""

import io
from typing import BinaryIO, cast

from semblance.terms.byte_source import ByteSource


class _RawSource(io.RawIOBase):
    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._source.size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning of the file")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self._source.read(self._place, len(view))
        view[: len(data)] = data
        self._place += len(data)
        return len(data)


def open_source(source: ByteSource) -> BinaryIO:
    """Return the source as a file that is open for reading; nothing of it is written anywhere."""
    return cast("BinaryIO", io.BufferedReader(_RawSource(source)))
