"""Zip files, read where they stand: nothing is written to disk, nor is anything believed that a file says of itself."""

import contextlib
import copy
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

from semblance.errors import ArchiveUnsafe
from semblance.exchange.files import make_unreadable, printable_name
from semblance.exchange.names import compose_name, read_name
from semblance.messages.message import Message, escape_unprintable

_CHUNK: Final = 256 * 1024
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_NESTED: Final = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar", ".cab", ".iso")
_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b\x08", b"BZh")
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_UTF_8: Final = 0x800
_UNICODE_PATH: Final = 0x7075
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError, ValueError),
    *(RuntimeError, NotImplementedError, IndexError, OverflowError),
)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_SMALL: Final = 1024 * 1024
"""Below this an entry may shrink as far as it likes: a page of blanks is no bomb."""

_END: Final = struct.Struct("<4s4H2LH")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64: Final = struct.Struct("<4sLQL")
_LONGEST_COMMENT: Final = 65_535


@dataclass(frozen=True, slots=True)
class ArchiveCaps:
    """What a zip file may hold at most: entries, bytes of one and of all unpacked, bytes of its table of contents.

    ``ratio``: how many times as large as packed an entry of a megabyte or more may become.
    """

    entries: int = 250_000
    entry_bytes: int = 256 * 1024 * 1024
    total_bytes: int = 64 * 1024 * 1024 * 1024
    contents_bytes: int = 48 * 1024 * 1024
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """One file in the archive; ``size`` is what it says of itself, and reading more than that is refused.

    ``name`` has forward slashes. ``others`` are what it may be called as well, where the archive does not say in which
    encoding its names are.
    """

    name: str
    size: int
    others: tuple[str, ...] = ()


CAPS: Final = ArchiveCaps()


class Archive:
    """A zip file that was found safe when it was opened; may be read by several threads at once."""

    def __init__(self, path: Path, caps: ArchiveCaps = CAPS, *, file: BinaryIO | None = None) -> None:
        """Open the file; raises UnreadableFile, or ArchiveUnsafe with every entry at fault. Nothing is unpacked yet.

        ``file`` is read instead, where it lies on no disk; ``path`` is what it is called.
        """
        self.path = path
        self._shown = printable_name(str(path))
        self._caps = caps
        try:
            with path.open("rb") if file is None else contextlib.nullcontext(file) as opened:
                _check_contents(opened, self._shown, caps)
            self._zip = zipfile.ZipFile(path if file is None else file)
        except OSError as error:
            raise make_unreadable(self._shown, error) from error
        except _DAMAGE as error:
            raise self._refuse(
                Message("archive.no-zip", "it is damaged or no zip file ({error})", error=error)
            ) from error
        try:
            self._infos = self._check_entries()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def entries(self) -> tuple[ArchiveEntry, ...]:
        """Return the files in the archive in the order of their names, folders left out."""
        return tuple(
            ArchiveEntry(name, info.file_size, _read_names(info)[1:]) for name, info in sorted(self._infos.items())
        )

    def iterate_bytes(self, name: str) -> Iterator[bytes]:
        """Yield an entry's bytes and count them; raises ArchiveUnsafe where they are more or fewer than it states."""
        info = self._infos[name]
        # one byte more than it says: then what is too much is seen, and the checksum is that of all its bytes
        wider = copy.copy(info)
        wider.file_size += 1
        count = 0
        try:
            with self._zip.open(wider) as entry:
                while chunk := entry.read(_CHUNK):
                    if not count and chunk.startswith(_STARTS):
                        raise self._refuse_entry(name, _NESTED_ARCHIVE)
                    count += len(chunk)
                    if count > info.file_size:
                        fault = Message(
                            "archive.longer-than-stated",
                            "unpacks to more than the {size} bytes it says",
                            size=info.file_size,
                        )
                        raise self._refuse_entry(name, fault)
                    yield chunk
        except _DAMAGE as error:
            fault = Message("archive.entry-damaged", "is damaged ({error})", error=error)
            raise self._refuse_entry(name, fault) from error
        if count != info.file_size:
            fault = Message(
                "archive.shorter-than-stated",
                "says it has {size} bytes and has {count}",
                size=info.file_size,
                count=count,
            )
            raise self._refuse_entry(name, fault)

    def read(self, name: str) -> bytes:
        """Return an entry's bytes; raises ArchiveUnsafe as ``iterate_bytes`` does."""
        return b"".join(self.iterate_bytes(name))

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _check_entries(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        caps, problems = self._caps, list[Message]()
        if len(infos) > caps.entries:
            raise self._refuse(_count_entries(len(infos), caps))
        named = [(_read_names(info)[0], info) for info in infos]
        counts = Counter(name for name, _ in named)
        for name, info in named:
            if fault := _find_fault(info, caps):
                problems.append(_name_entry(name, fault))
            elif counts[name] > 1:
                twice = Message("archive.entry-twice", "stands in it {n} times", n=counts[name])
                problems.append(_name_entry(name, twice))
        total = sum(info.file_size for info in infos)
        if total > caps.total_bytes:
            size, most = _describe_size(total), _describe_size(caps.total_bytes)
            problems.append(
                Message("archive.too-large", "it unpacks to {size}; {most} are allowed", size=size, most=most)
            )
        problems += _find_overlaps(infos)
        if problems:
            raise self._refuse(*problems)
        return {name: info for name, info in named if not name.endswith("/")}

    def _refuse(self, *problems: Message) -> ArchiveUnsafe:
        return _make_error(self._shown, *problems)

    def _refuse_entry(self, name: str, fault: Message) -> ArchiveUnsafe:
        # the other entries may be read all the same
        return ArchiveUnsafe(
            "archive.entry-unusable", "{path}: {problems:;}.", path=self._shown, problems=[_name_entry(name, fault)]
        )


_NESTED_ARCHIVE: Final = Message("archive.nested", "is an archive inside the archive; unpack it first")


def _read_names(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return what an entry may be called, the likeliest first, with forward slashes and composed letters.

    Its bit 11 or its Unicode Path field say that the name is UTF-8 (APPNOTE.TXT 4.4.4, 4.6.9); macOS writes UTF-8
    without saying so, Windows the code page of the machine.
    """
    if info.flag_bits & _UTF_8:
        return (compose_name(info.orig_filename),)
    # that is how it was decoded, and nothing is lost by it
    raw = info.orig_filename.encode("cp437")
    stated = _find_unicode_path(info.extra, raw)
    return tuple(dict.fromkeys(map(compose_name, (*stated, *read_name(raw)))))


def _find_unicode_path(extra: bytes, raw: bytes) -> tuple[str, ...]:
    place = 0
    while place + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, place)
        field = extra[place + 4 : place + 4 + length]
        if tag == _UNICODE_PATH and length > 5 and field[:5] == struct.pack("<BL", 1, zlib.crc32(raw)):
            with contextlib.suppress(UnicodeDecodeError):
                return (field[5:].decode("utf-8"),)
        place += 4 + length
    return ()


def _find_fault(info: zipfile.ZipInfo, caps: ArchiveCaps) -> Message | None:
    names = _read_names(info)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if any("\0" in name or not name.strip("/") for name in names):
        return Message("archive.bad-name", "has a name that cannot be one")
    if any(name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/") for name in names):
        return Message("archive.leads-out", "leads out of the folder; names must stay inside it")
    if kind == stat.S_IFLNK:
        return Message("archive.link", "is a link; put the file itself in")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return Message("archive.special-file", "is neither a file nor a folder")
    if info.flag_bits & _ENCRYPTED:
        return Message("archive.encrypted", "is encrypted; hand in an archive without a password")
    if info.compress_type not in _METHODS:
        return Message(
            "archive.unknown-method",
            "is packed in a way that is not read here; pack it anew as an ordinary zip (deflate)",
        )
    if info.file_size > caps.entry_bytes:
        return Message(
            "archive.entry-too-large",
            "unpacks to {size}; {most} are allowed",
            size=_describe_size(info.file_size),
            most=_describe_size(caps.entry_bytes),
        )
    if info.file_size > _SMALL and info.file_size > caps.ratio * max(info.compress_size, 1):
        return Message(
            "archive.bomb",
            "unpacks to more than {ratio} times its size; no photo or notice does that",
            ratio=caps.ratio,
        )
    return _NESTED_ARCHIVE if any(name.lower().endswith(_NESTED) for name in names) else None


def _find_overlaps(infos: list[zipfile.ZipInfo]) -> Iterator[Message]:
    """Name the entries that share bytes: some bombs are small because a thousand entries are the same bytes."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            yield _name_entry(_read_names(info)[0], Message("archive.overlap", "lies over another entry"))
        end = max(end, info.header_offset + info.compress_size)


def _check_contents(file: BinaryIO, shown: str, caps: ArchiveCaps) -> None:
    """Look at how large the table of contents is before anything reads it into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _LONGEST_COMMENT - _END.size))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise zipfile.BadZipFile("it has no table of contents at its end")
    *_, entries, length, _offset, _comment = _END.unpack_from(tail, place)
    locator = place - _LOCATOR64.size
    if locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
        _, _, offset, _ = _LOCATOR64.unpack_from(tail, locator)
        file.seek(min(offset, size))
        found = file.read(_END64.size)
        if len(found) == _END64.size and found[:4] == b"PK\x06\x06":
            *_, entries, length, _offset = _END64.unpack(found)
    if entries > caps.entries or length > caps.contents_bytes:
        raise _make_error(shown, _count_entries(entries, caps))


def _make_error(shown: str, *problems: Message) -> ArchiveUnsafe:
    return ArchiveUnsafe(
        "archive.unsafe",
        "{path} is not unpacked, and nothing was imported: {problems:;}.",
        path=shown,
        problems=problems,
    )


def _count_entries(count: int, caps: ArchiveCaps) -> Message:
    return Message("archive.too-many-entries", "it has {n} entries; {most} are allowed", n=count, most=caps.entries)


def _name_entry(name: str, fault: Message) -> Message:
    return Message("archive.entry", "{name} {fault}", name=escape_unprintable(name), fault=fault)


def _describe_size(count: int) -> str:
    return f"{count / (1 << 20):.0f} megabytes" if count >= _SMALL else f"{count} bytes"
