"""What INTERPOL's public notices say, field by field, as their JSON has it: typed where it comes in.

Names and spelling ("adresses") are those of the publisher. Every field but the number may be missing or null here; what
a kind of record cannot be without is asked elsewhere.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from semblance.terms.record import RecordKind

_IGNORED: Final = frozenset({"_links", "_embedded"})

Text = str | None
Texts = list[str] | None
Day = Annotated[str | None, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
"""A year alone may be written as a number."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    def iterate_unknown(self) -> Iterator[str]:
        """Give the names of all fields that are not known, also those of the parts inside, in their order."""
        for name in self.model_extra or {}:
            if name not in _IGNORED:
                yield name
        for name, value in self:
            for part in value if isinstance(value, list) else (value,):
                if isinstance(part, _Part):
                    yield from (f"{name}.{inner}" for inner in part.iterate_unknown())


class WarrantFields(_Part):
    """One entry of ``arrest_warrants``."""

    issuing_country_id: str
    charge: Text = None
    charge_translation: Text = None


class AliasFields(_Part):
    """One entry of ``aliases`` where it is more than a text."""

    name: Text = None
    forename: Text = None


class DocumentFields(_Part):
    """One entry of ``identity_documents`` where it is more than a text."""

    type: Text = None
    number: str
    country_id: Text = None


class NoticeFields(_Part):
    """What every kind of notice may say."""

    entity_id: str
    name: Text = None
    forename: Text = None
    name_in_original_script: Text = None
    birth_name: Text = None
    name_at_birth: Text = None
    formerly_known_as: Text = None
    also_known_as: Text = None
    aliases: list[str | AliasFields] | None = None
    date_of_birth: Day = None
    sex_id: Text = None
    nationalities: Texts = None
    country_of_birth_id: Text = None
    place_of_birth: Text = None
    languages_spoken_ids: Texts = None
    height: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    eyes_colors_id: Texts = None
    hairs_id: Texts = None
    distinguishing_marks: Text = None
    identity_documents: list[str | DocumentFields] | None = None
    summary: Text = None


_TEXT: Final = (Text, None)
_TEXTS: Final = (Texts, None)
_WARRANTS: Final = (list[WarrantFields] | None, None)
_DAY: Final = (Day, None)
_EVENT: Final[dict[str, Any]] = {**dict.fromkeys(("place", "country"), _TEXT), "date_of_event": _DAY}
_PARENTS: Final = dict.fromkeys(("father_name", "father_forename", "mother_name", "mother_forename"), _TEXT)
_OWN: Final[Mapping[RecordKind, dict[str, Any]]] = {
    RecordKind.RED: {"arrest_warrants": _WARRANTS},
    RecordKind.YELLOW: _EVENT | _PARENTS,
    RecordKind.UN: {
        **dict.fromkeys(("un_reference", "un_resolution"), _TEXT),
        "un_reference_date": _DAY,
        "adresses": _TEXTS,
    },
    # what the authority wants to know
    RecordKind.BLUE: {"asked": _TEXT},
    RecordKind.BLACK: _EVENT,
    # what others are warned of
    RecordKind.GREEN: {"warning": _TEXT},
    # the authorities that it was sent to
    RecordKind.DIFFUSION: {"asked": _TEXT, "addressees": _TEXTS, "arrest_warrants": _WARRANTS},
}

FIELDS: Final[Mapping[RecordKind, type[NoticeFields]]] = {
    kind: create_model(f"{kind.name.title()}Fields", __base__=NoticeFields, **own) for kind, own in _OWN.items()
}
"""What a notice of each kind may say."""


class _Known(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, populate_by_name=True)


class _Link(_Known):
    href: Text = None


class _Links(_Known):
    own: _Link | None = Field(default=None, alias="self")
    thumbnail: _Link | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a notice by its name; ``data`` where its address holds it (RFC 2397), instead of naming a file."""

    name: str
    data: bytes | None = None


class ImageFields(_Known):
    """One entry of ``_embedded.images``."""

    picture_id: Annotated[str, Field(min_length=1, max_length=200)]
    links: _Links = Field(default=_Links(), alias="_links")


class _Embedded(_Known):
    images: Annotated[list[ImageFields], Field(max_length=100)] | None = None


class LinkFields(_Known):
    """The links of a notice and the images that it names; links are read for names and never followed."""

    links: _Links = Field(default=_Links(), alias="_links")
    embedded: _Embedded = Field(default=_Embedded(), alias="_embedded")

    @property
    def own(self) -> str:
        """Return the notice's own address, empty where it names none."""
        return (self.links.own.href if self.links.own else None) or ""

    @property
    def listed(self) -> tuple[Picture, ...]:
        """Return the pictures that are listed."""
        images = {image.picture_id: image.links.own for image in self.embedded.images or ()}
        return tuple(Picture(name, _read_data((own.href if own else None) or "")) for name, own in images.items())

    @property
    def thumbnail(self) -> tuple[Picture, ...]:
        """Return the small picture, which stands in where none is listed."""
        address = (self.links.thumbnail.href if self.links.thumbnail else None) or ""
        data = _read_data(address)
        name = "thumbnail" if data else address.split("?")[0].rstrip("/").rpartition("/")[2]
        return (Picture(name, data),) if name else ()


def _read_data(address: str) -> bytes | None:
    start, comma, data = address.partition(",")
    if not (comma and start.startswith("data:image/") and start.endswith(";base64")):
        return None
    try:
        return base64.b64decode(data, validate=True) or None
    except ValueError:
        return None


def strip_links(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the links and embedded parts of a notice alone."""
    return {name: content[name] for name in _IGNORED if content.get(name)}
