"""Names as people see them: whatever encoding, normal form, capitals or separators they are written in."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_OLD_ENCODINGS: Final = ("cp437", "cp1252", "cp850")


def read_name(raw: bytes) -> tuple[str, ...]:
    """Return what a name of unstated encoding may say, the likeliest first; there is always one.

    UTF-8 where it is that; else the older encoding in which every letter is a Latin one.
    """
    try:
        return (raw.decode("utf-8"),)
    except UnicodeDecodeError:
        readings = [raw.decode(encoding) for encoding in _OLD_ENCODINGS if _can_decode(raw, encoding)]
        return tuple(dict.fromkeys(sorted(readings, key=lambda text: not _is_latin(text))))


def compose_name(name: str) -> str:
    """Return the name with forward slashes and in Unicode normal form C."""
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def fold_name(name: str) -> str:
    """Return what names have in common that differ in capitals alone."""
    return unicodedata.normalize("NFC", compose_name(name).casefold())


LEVELS: Final[tuple[Callable[[str], str], ...]] = (str, compose_name, fold_name)
"""How alike two names must be, the strictest first."""


class NameIndex(Generic[T]):
    """Things by their names; of several that a name may mean, those are found that have it most exactly."""

    def __init__(self) -> None:
        self._levels: tuple[defaultdict[str, list[T]], ...] = tuple(defaultdict(list) for _ in (*LEVELS, "others"))

    def add(self, thing: T, name: str, others: Iterable[str] = ()) -> None:
        """Enter a thing under its name, and under what that may have been meant to say."""
        for fold, level in zip(LEVELS, self._levels, strict=False):
            level[fold(name)].append(thing)
        for other in dict.fromkeys(map(fold_name, others)):
            self._levels[-1][other].append(thing)

    def find(self, *names: str) -> Sequence[T]:
        """Return what has one of the names, all of them by the strictest level at which anything has."""
        for number, level in enumerate(self._levels):
            fold = LEVELS[min(number, len(LEVELS) - 1)]
            for name in names:
                if found := level.get(fold(name)):
                    return found
        return ()


class FolderNames:
    """The files below a folder, by names as people write them; each folder is listed once, when it is needed.

    ``root`` is the folder without links.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder.resolve()
        self._listed: dict[PurePosixPath, NameIndex[str]] = {}

    def find(self, name: str) -> Sequence[PurePosixPath]:
        """Return the paths inside the folder that the name may mean; several where only capitals tell them apart.

        Raises OSError or ValueError where the name can be none.
        """
        if (self.folder / name).exists():
            return (PurePosixPath(name),)
        return self._match(name.split("/")) or self._match(name.replace("\\", "/").split("/"))

    def _match(self, parts: Sequence[str]) -> Sequence[PurePosixPath]:
        places = [PurePosixPath()]
        for part in parts:
            if part not in ("", "."):
                places = [place / entry for place in places for entry in self._list(place).find(part)]
        return places

    def _list(self, place: PurePosixPath) -> NameIndex[str]:
        if place not in self._listed:
            index = self._listed[place] = NameIndex[str]()
            try:
                entries = sorted(entry.name for entry in os.scandir(self.folder / place))
            except OSError:
                entries = []
            for entry in entries:
                raw = os.fsencode(entry)
                # a name whose bytes are not UTF-8 came from an older encoding
                index.add(entry, entry, () if _can_decode(raw, "utf-8") else read_name(raw))
        return self._listed[place]


def _can_decode(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(letter, "").startswith("LATIN ") for letter in text if not letter.isascii())
