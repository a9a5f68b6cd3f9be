"""What the service answers in pieces: entries of lists and lists of images, until the notice they belong to is met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from semblance.exchange.interpol_notices.fields import LinkFields, Picture, strip_links
from semblance.exchange.interpol_notices.shapes import Part, Shape, find_differences
from semblance.gallery.record_faults import Fault
from semblance.messages.message import Message


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of a notice, and where it stands."""

    place: str
    content: Mapping[str, Any]
    thumbnail: tuple[Picture, ...]


class Gathered:
    """All pieces of one file, folder or archive, by what the notice is called in addresses."""

    def __init__(self) -> None:
        self._notices: set[str] = set()
        self._entries: dict[str, Entry] = {}
        self._images: dict[str, dict[str, Picture]] = {}

    def add(self, part: Part, place: str) -> None:
        """Take in a part that was read at ``place``."""
        if part.shape is Shape.NOTICE:
            self._notices.add(part.key)
        elif part.shape is Shape.ENTRY:
            self._entries.setdefault(part.key, Entry(place, part.content, _read_links(part).thumbnail))
        elif part.shape is Shape.IMAGES:
            pictures = {picture.name: picture for picture in _read_links(part).listed}
            self._images.setdefault(part.key, {}).update(pictures)

    def find_fault(self, part: Part, number: str) -> Message | None:
        """Return why a part that is no notice belongs to none that was handed in, or None."""
        if part.fault is not None or part.key in self._notices:
            return part.fault
        if part.shape is Shape.IMAGES:
            return Message(
                "operator.notices.images-alone", "it lists the images of {number!r}, which is not there", number=number
            )
        return Message(
            "operator.notices.entry-alone",
            "it is only what a list says of {number!r}: put the notice itself beside it",
            number=number,
        )

    def find_contradiction(self, part: Part) -> tuple[str, Message] | None:
        """Return where a list says something else of the notice than the notice itself, and what."""
        entry = self._entries.get(part.key)
        names = () if entry is None else find_differences(part.content, entry.content)
        if entry is None or not names:
            return None
        fault = Message(
            "operator.notices.entry-contradicts", "the notice itself says something else here: {names}", names=names
        )
        return entry.place, fault

    def choose_pictures(
        self, key: str, listed: tuple[Picture, ...], thumbnail: tuple[Picture, ...]
    ) -> tuple[Picture, ...]:
        """Return a notice's pictures: its own, or those of its list of images, or else the small one."""
        entry = self._entries.get(key)
        apart = tuple(self._images.get(key, {}).values())
        return listed or apart or thumbnail or (entry.thumbnail if entry is not None else ())


def _read_links(part: Part) -> LinkFields:
    try:
        return LinkFields.model_validate(strip_links(part.content))
    except ValidationError:
        return LinkFields()


def find_link_fault(part: Part) -> Message | None:
    """Return why the links of a list of images cannot be read, or None."""
    try:
        LinkFields.model_validate(strip_links(part.content))
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        return Fault(place, "operator.notices.bad-link", "is not what the service writes there").message
    return None
