"""What the notices service answers, told apart: notices, pages of a list, lists of images, and what is none of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from semblance.messages.message import Message

_PUBLISHED: Final = re.compile(r"/notices/v\d+/(?:red|yellow|un)/")
_ADDRESS: Final = re.compile(r"/notices/v\d+/[a-z]+/(?:persons/)?([^/?#]+)(?:/images)?(?:[/?#]|$)")
_ORGANISATION: Final = re.compile(r"/notices/v\d+/un/entities(?:[/?#]|$)")
_OF_ENTRIES: Final = frozenset(
    {"entity_id", "name", "forename", "date_of_birth", "nationalities", "un_reference", "sex_id", "_links", "_embedded"}
)
_TELLING: Final = ("entity_id", "name", "forename", "date_of_birth", "arrest_warrants", "un_reference", "date_of_event")
_COMPARED: Final = ("name", "forename", "date_of_birth", "nationalities")
_SHOWN: Final = 8


class Shape(StrEnum):
    """``entry``: what a list says of a notice. ``images``: the images of one. ``other``: nothing that is imported."""

    NOTICE = "notice"
    ENTRY = "entry"
    IMAGES = "images"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Part:
    """One notice, or what belongs to one; ``place`` follows after the name of its file (``.notices[3]``).

    ``key`` is what a notice is called in addresses, empty where nothing says it; ``fault`` is why it is none.
    """

    shape: Shape
    place: str
    key: str
    content: Mapping[str, Any]
    fault: Message | None = None


def tell_apart(content: Mapping[str, Any]) -> Iterator[Part]:
    """Give what one answer of the service holds: one part, or as many as its page lists."""
    listed = _find_list(content, "notices")
    if listed is None:
        yield _name_part(content, "", in_list=False)
        return
    for number, entry in enumerate(listed, start=1):
        place = f".notices[{number}]"
        if isinstance(entry, dict):
            yield _name_part(entry, place, in_list=True)
        else:
            no_object = Message("operator.notices.no-object", "the list holds something that is no object")
            yield Part(Shape.OTHER, place, "", {}, no_object)


def find_differences(notice: Mapping[str, Any], entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields of which a list says something else than the notice itself."""
    return tuple(name for name in _COMPARED if entry.get(name) and notice.get(name) and entry[name] != notice[name])


def _name_part(content: Mapping[str, Any], place: str, *, in_list: bool) -> Part:
    address = _find_address(content)
    found = _ADDRESS.search(address)
    number = content.get("entity_id")
    key = number.replace("/", "-") if isinstance(number, str) else found[1] if found else ""
    if _ORGANISATION.search(address):
        organisation = Message("operator.notices.organisation", "it is about an organisation, which has no face")
        return Part(Shape.OTHER, place, key, content, organisation)
    if not any(name in content for name in _TELLING):
        if _find_list(content, "images") is None:
            return Part(Shape.OTHER, place, key, content, _describe_other(content))
        ownerless = Message("operator.notices.images-of-nobody", "it lists images and does not say of which notice")
        return Part(Shape.IMAGES if key else Shape.OTHER, place, key, content, None if key else ownerless)
    # a page may hold whole notices, too; an entry has nothing but what tells one notice from the other
    published = bool(_PUBLISHED.search(address)) if address else in_list
    entry = published and bool(key) and content.keys() <= _OF_ENTRIES and not _find_list(content, "images")
    return Part(Shape.ENTRY if entry else Shape.NOTICE, place, key, content)


def _describe_other(content: Mapping[str, Any]) -> Message:
    names = [str(name)[:40] for name in content]
    return Message(
        "operator.notices.other-shape",
        "it is neither a notice nor a page of a list nor a list of images; its fields: {names}",
        names=[*names[:_SHOWN], "…"] if len(names) > _SHOWN else names,
    )


def _find_list(content: Mapping[str, Any], name: str) -> list[Any] | None:
    embedded = content.get("_embedded")
    listed = embedded.get(name) if isinstance(embedded, dict) else None
    return listed if isinstance(listed, list) else None


def _find_address(content: Mapping[str, Any]) -> str:
    links = content.get("_links")
    own = links.get("self") if isinstance(links, dict) else None
    address = own.get("href") if isinstance(own, dict) else None
    return address if isinstance(address, str) else ""
