"""What devices and programs leave between photos: thumbnails, recycle bins, side-cars; none is a person's photo."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from semblance.messages.message import Message, escape_unprintable

_FOLDERS: Final = frozenset(
    {
        # network storage
        *("@eadir", "@__thumb", "@recycle", "@recently-snapshot", "@tmp", "#recycle", "#snapshot", "lost+found"),
        # Windows
        *("$recycle.bin", "recycler", "recycled", "system volume information"),
        # macOS, whose other folders begin with a dot
        *("__macosx", "network trash folder", "temporary items"),
    }
)
_FILES: Final = frozenset(
    {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "zbthumbnail.info"}
)
_THUMBNAILS: Final = ("synophoto_thumb", "synoindex_thumb", "~$")
_SIDE_CARS: Final = frozenset(
    {".xmp", ".aae", ".thm", ".pp3", ".dop", ".vrd", ".dr4", ".nksc", ".acr", ".cos", ".cot", ".on1", ".lrv", ".lnk"}
    | {".url", ".db", ".ini"}
)
_NAMED: Final = 5


def is_strewn(name: str) -> bool:
    """Return whether a file or folder of that name is none that a person put there; names with a dot before are all."""
    plain = name.casefold()
    ending = plain[plain.rfind(".") :] if "." in plain else ""
    return plain.startswith((".", *_THUMBNAILS)) or plain in _FOLDERS or plain in _FILES or ending in _SIDE_CARS


class Strewn:
    """What was passed over in one folder, archive or manifest, counted by name."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def passes(self, path: str) -> bool:
        """Return whether the path, with forward slashes, leads to such a thing or into one, and count it once."""
        parts = path.split("/")
        for number, part in enumerate(parts, start=1):
            if part not in ("", ".", "..") and is_strewn(part):
                self._places["/".join(parts[:number])] = _name_kind(part)
                return True
        return False

    def describe(self) -> Iterator[Message]:
        """Give what there is to say: how many, and what they were called."""
        counts = Counter(self._places.values())
        if counts:
            names = [escape_unprintable(name) for name, _ in counts.most_common(_NAMED)]
            yield Message(
                "strewn.passed-over",
                "{n} files and folders that devices and programs leave behind were passed over: {names}",
                n=counts.total(),
                names=[*names, "…"] if len(counts) > _NAMED else names,
            )


def _name_kind(part: str) -> str:
    """Return what its kind is called: side-cars by their ending, all else by its name."""
    ending = part[part.rfind(".") :].casefold()
    return ending if ending in _SIDE_CARS and part.casefold() not in _FILES else part
