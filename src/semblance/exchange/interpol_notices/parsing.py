"""JSON documents out of a stream of bytes, one at a time, so that a file of any length takes no more memory than one.

A file holds one object, a list of objects, or objects one after the other (JSON lines).
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn

from semblance.messages.message import Message

NESTING_CAP: Final = 32
DOCUMENT_CAP: Final = 4 * 1024 * 1024
"""A page of a list with a small picture in each entry has about two megabytes."""

_BLANK: Final = b" \t\r\n"
_OUTSIDE: Final = re.compile(rb'["{}\[\]]')
_INSIDE: Final = re.compile(rb'["\\]')


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object and where it stands in its file, counted from 1; None where the file begins with it and is no list."""

    place: int | None
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonFault:
    """Why something in the file cannot be read; ``place`` as of an object, or None where it is the file itself."""

    place: int | None
    fault: Message


def iterate_objects(chunks: Iterable[bytes]) -> Iterator[JsonObject | JsonFault]:
    """Give the objects of a file; what is wrong with one does not keep the next from being read.

    What is broken so that nobody can tell where it ends, nests deeper than 32 levels or has more than four megabytes is
    passed over up to the next object that begins a line as the others do; where none does, the file is given up with a
    fault at that place. Names that stand twice in one object are a fault, too: nobody knows which is meant.
    """
    place, splitter = 0, _Splitter(chunks)
    try:
        for place, found in enumerate(splitter.split(), start=1):
            own = place if splitter.listed or place > 1 else None
            yield JsonFault(own, found) if isinstance(found, Message) else _parse(own, found)
    except _Unreadable as unreadable:
        yield JsonFault(None, unreadable.fault)
        return
    if place == 0:
        yield JsonFault(None, Message("operator.notices.none-in-file", "it names no notices"))


class _Unreadable(Exception):
    def __init__(self, fault: Message) -> None:
        super().__init__(fault)
        self.fault = fault


_ALONE: Final = Message("operator.notices.no-json-object", "there is no JSON object in UTF-8")
_IN_LIST: Final = Message("operator.notices.no-object", "the list holds something that is no object")
_CUT_SHORT: Final = Message("operator.notices.list-cut-short", "the list ends too early")


class _Splitter:
    """Finds where each object begins and ends by its braces and quotes alone."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._at = 0
        self._passed = 0
        self._next: re.Pattern[bytes] | None = None
        self.listed = False

    def split(self) -> Iterator[bytes | Message]:
        """Give the bytes of each object, or why there is none at that place."""
        while len(self._buffer) < len(BOM_UTF8) and self._more():
            pass
        if self._buffer.startswith(BOM_UTF8):
            self._at = len(BOM_UTF8)
        first = self._skip_blanks()
        if not first:
            raise _Unreadable(Message("operator.notices.empty", "it is empty"))
        if first == b"[":
            self.listed = True
            self._at += 1
            yield from self._split_list()
            if self._skip_blanks():
                self._give_up(Message("operator.notices.after-list", "something follows after the list"))
            return
        while self._skip_blanks():
            yield self._take(partial(self._take_object, where=_ALONE))

    def _split_list(self) -> Iterator[bytes | Message]:
        if self._skip_blanks() == b"]":
            self._at += 1
            return
        mark: bytes | Message = b","
        while mark != b"]":
            found = self._take(partial(self._take_object, where=_IN_LIST))
            yield found
            if isinstance(found, bytes):
                mark = self._take(self._take_separator, missed=True)
                if isinstance(mark, Message):
                    yield mark

    def _take(self, take: Callable[[], bytes], *, missed: bool = False) -> bytes | Message:
        """Return what is taken; where that fails, go on to where the next object begins, and return why.

        ``missed``: that may be here already.
        """
        self._note_line()
        try:
            return take()
        except _Unreadable as unreadable:
            if not self._skip_to_next(missed=missed):
                raise
            return unreadable.fault

    def _take_separator(self) -> bytes:
        mark = self._skip_blanks()
        if mark not in (b"]", b","):
            no_comma = Message("operator.notices.no-comma", "a comma is missing between two objects")
            self._give_up(no_comma if mark else _CUT_SHORT)
        self._at += 1
        return mark

    def _note_line(self) -> None:
        """Remember how a line begins that begins with an object; objects inside one are indented further."""
        if self._skip_blanks() != b"{":
            return
        before, newline, blanks = self._buffer[: self._at].removeprefix(BOM_UTF8).rpartition(b"\n")
        if (newline or not (self._passed or before)) and not blanks.strip(_BLANK):
            self._next = re.compile(rb"\n" + re.escape(blanks) + rb"\{")

    def _skip_to_next(self, *, missed: bool) -> bool:
        """Go to the next line that begins as those before it did; return whether there is one."""
        if self._next is None:
            return False
        start = max(0, self._at - len(self._next.pattern)) if missed else self._at
        while True:
            found = self._next.search(self._buffer, start)
            if found is not None:
                self._at = found.end() - 1
                return True
            self._at = max(self._at, len(self._buffer) - len(self._next.pattern))
            if not self._more():
                return False
            start = self._at

    def _take_object(self, where: Message) -> bytes:
        """Return the bytes from here to the brace that closes the object; ``where`` is said where none begins."""
        mark = self._skip_blanks()
        if mark != b"{":
            self._give_up(where if mark else _CUT_SHORT)
        size, open_marks, quoted = 0, bytearray(), False
        while True:
            found = (_INSIDE if quoted else _OUTSIDE).search(self._buffer, self._at + size)
            if found is None or (found[0] == b"\\" and found.end() == len(self._buffer)):
                size = (len(self._buffer) if found is None else found.start()) - self._at
                self._require_short(size)
                if not self._more():
                    self._give_up(Message("operator.notices.object-cut-short", "it ends in the middle of an object"))
                continue
            size, mark = found.end() - self._at, found[0]
            if mark == b'"':
                quoted = not quoted
            elif mark == b"\\":
                size += 1
            elif mark in b"{[":
                open_marks += mark
                if len(open_marks) > NESTING_CAP:
                    self._give_up(
                        Message("operator.notices.nesting", "it nests deeper than {most} levels", most=NESTING_CAP)
                    )
            elif open_marks.pop() != (b"{" if mark == b"}" else b"[")[0]:
                self._give_up(Message("operator.notices.brackets", "brackets do not match"))
            elif not open_marks:
                break
        self._require_short(size)
        data = self._buffer[self._at : self._at + size]
        self._at += size
        return data

    def _require_short(self, size: int) -> None:
        if size > DOCUMENT_CAP:
            self._give_up(
                Message(
                    "operator.notices.too-large",
                    "the object there has more than {most} megabytes",
                    most=DOCUMENT_CAP >> 20,
                )
            )

    def _skip_blanks(self) -> bytes:
        """Return the next byte that is no blank without taking it; empty at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                return b""

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        self._buffer, self._passed, self._at = self._buffer[self._at :] + chunk, self._passed + self._at, 0
        return bool(chunk)

    def _give_up(self, why: Message) -> NoReturn:
        raise _Unreadable(
            Message(
                "operator.notices.no-json-from",
                "it cannot be read as JSON from byte {n} on: {why}",
                n=self._passed + self._at,
                why=why,
            )
        )


def _parse(place: int | None, data: bytes) -> JsonObject | JsonFault:
    try:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=_require_single, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        byte = f"0x{data[error.start]:02x}"
        return JsonFault(place, Message("operator.notices.no-utf-8", "byte {byte} is not UTF-8", byte=byte))
    except (ValueError, RecursionError) as error:
        return JsonFault(place, Message("operator.notices.no-json", "it is not JSON ({error})", error=error))
    return JsonObject(place, content)


def _require_single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands in one object twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
