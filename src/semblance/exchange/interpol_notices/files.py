"""Where notices and their images lie: one file, a folder, or a zip file. What is not there is never fetched."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from semblance.errors import UnreadableFile
from semblance.exchange.archive import Archive
from semblance.exchange.files import make_unreadable, printable_name, read_mode, read_photo_file
from semblance.exchange.names import NameIndex, read_name
from semblance.exchange.strewn import Strewn
from semblance.messages.message import Message

NOTICE_SUFFIXES: Final = (".json", ".jsonl", ".ndjson")
_IMAGES: Final = "images"
_CHUNK: Final = 64 * 1024
_WHOLE: Final = "whole:"
_STEM: Final = "stem:"
"""Under which of its two names a picture is entered: that of the file, and that without its ending."""


@dataclass(frozen=True, slots=True)
class NoticeFile:
    """A file by its path inside the folder or archive (``red/1.json``); ``size`` in bytes, as that has it.

    ``others`` are what its path may mean as well, where nothing says how it is encoded.
    """

    path: str
    size: int
    others: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return printable_name(self.path)

    @property
    def folder(self) -> str:
        """Return the path of the folder that it lies in, empty at the top."""
        return self.path.rpartition("/")[0]

    @property
    def is_document(self) -> bool:
        return self.path.lower().endswith(NOTICE_SUFFIXES)


class NoticeFiles:
    """The files of one folder or archive: documents, and images that are found by the names that notices give them.

    ``notes`` say what was passed over. ``whole``: everything there was handed in, not one file of it.
    """

    def __init__(
        self, place: Path | Archive, files: list[NoticeFile], notes: list[Message], *, whole: bool = True
    ) -> None:
        self._place, self._whole = place, whole
        self.notes = tuple(notes)
        self.documents = tuple(sorted((file for file in files if file.is_document), key=lambda file: file.path))
        self._pictures = NameIndex[NoticeFile]()
        for file in files:
            if not file.is_document:
                self._pictures.add(file, _WHOLE + file.path, (_WHOLE + other for other in file.others))
                stems = map(_strip_ending, file.others)
                self._pictures.add(file, _STEM + _strip_ending(file.path), (_STEM + stem for stem in stems))
        self._picture_count = sum(not file.is_document for file in files)

    @property
    def picture_count(self) -> int:
        """Return how many files were handed in that are no documents."""
        return self._picture_count if self._whole else 0

    def iterate_bytes(self, file: NoticeFile) -> Iterator[bytes]:
        """Give a document's bytes piece by piece; raises a kind of IntakeError."""
        if isinstance(self._place, Archive):
            yield from self._place.iterate_bytes(file.path)
            return
        try:
            with (self._place / file.path).open("rb") as opened:
                while chunk := opened.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise make_unreadable(file.name, error) from error

    def read_picture(self, file: NoticeFile) -> bytes:
        """Return an image's bytes; raises a kind of IntakeError."""
        if isinstance(self._place, Archive):
            return self._place.read(file.path)
        return read_photo_file(self._place / file.path, file.name)

    def find_picture(self, document: NoticeFile, name: str) -> NoticeFile | Message:
        """Return the image that a notice calls by that name, or why there is none.

        It lies beside the notice, or in a folder ``images`` beside it, above it or at the top; its file's name is that
        name, with or without an ending. A name with a slash in it names nothing.
        """
        folder = document.folder
        above = folder.rpartition("/")[0]
        for place in dict.fromkeys((folder, _join(folder, _IMAGES), _join(above, _IMAGES), _IMAGES)):
            found = self._find(place, name)
            if len(found) > 1:
                return Message(
                    "operator.notices.image-ambiguous",
                    "the image {name!r} may be any of {files}",
                    name=name,
                    files=[file.name for file in found],
                )
            if found:
                return found[0]
        return Message(
            "operator.notices.image-missing",
            "the image {name!r} is not there: put a file of that name beside the notice or into a folder images",
            name=name,
        )

    def _find(self, place: str, name: str) -> Sequence[NoticeFile]:
        if "/" in name or "\\" in name or name in ("", ".", ".."):
            return ()
        whole = _join(place, name)
        return self._pictures.find(_WHOLE + whole, _STEM + whole)


@contextmanager
def open_notice_files(path: Path) -> Iterator[NoticeFiles]:
    """Open what somebody named for the length of a ``with`` block; raises UnreadableFile, ArchiveUnsafe."""
    notes, strewn = list[Message](), Strewn()
    if stat.S_ISDIR(read_mode(path)):
        files = list(_walk(path, path.resolve(), "", notes, strewn))
        yield NoticeFiles(path, files, [*notes, *strewn.describe()])
    elif path.suffix.lower() == ".zip":
        with Archive(path) as archive:
            files = [
                NoticeFile(entry.name, entry.size, entry.others)
                for entry in archive.entries
                if not strewn.passes(entry.name)
            ]
            yield NoticeFiles(archive, files, [*strewn.describe()])
    elif path.suffix.lower() in NOTICE_SUFFIXES:
        own = NoticeFile(path.name, path.stat().st_size)
        beside = _walk(path.parent, path.parent.resolve(), "", [], strewn, only=_IMAGES)
        yield NoticeFiles(path.parent, [own, *(file for file in beside if not file.is_document)], [], whole=False)
    else:
        raise UnreadableFile(
            "operator.notices.bad-file",
            "{path} is none of what is imported: name a .json or .jsonl file, a folder, or a .zip file.",
            path=printable_name(str(path)),
        )


def _walk(
    folder: Path, root: Path, inside: str, notes: list[Message], strewn: Strewn, *, only: str | None = None
) -> Iterator[NoticeFile]:
    """Give all files below the folder; links that lead out of it, or to folders, are not followed."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise make_unreadable(printable_name(str(folder)), error) from error
    for entry in entries:
        path = _join(inside, entry.name)
        if strewn.passes(path):
            continue
        if entry.is_dir(follow_symlinks=False):
            if only in (None, entry.name.casefold()):
                yield from _walk(folder / entry.name, root, path, notes, strewn)
        elif entry.is_symlink() and (
            entry.is_dir() or not Path(entry.path).resolve().is_relative_to(root) or not entry.is_file()
        ):
            notes.append(
                Message(
                    "operator.notices.link",
                    "{path} is a link that leads elsewhere and was not followed",
                    path=printable_name(path),
                )
            )
        elif entry.is_file():
            raw = os.fsencode(entry.name)
            yield NoticeFile(path, entry.stat().st_size, tuple(_join(inside, other) for other in read_name(raw)))


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _strip_ending(path: str) -> str:
    return path[: len(path) - len(PurePosixPath(path).suffix)]
