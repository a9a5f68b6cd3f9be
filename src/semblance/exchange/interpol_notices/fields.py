"""What INTERPOL's public notices say, field by field, as their JSON has it: typed where it comes in.

Names and spelling ("adresses") are those of the publisher. Every field but the number may be missing or null here; what
a kind of record cannot be without is asked elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, create_model

from semblance.terms.record import RecordKind

_IGNORED: Final = frozenset({"_links", "_embedded"})

Text = str | None
Texts = list[str] | None


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
    charge: str
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
    date_of_birth: Text = None
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
_EVENT: Final[dict[str, Any]] = dict.fromkeys(("place", "country", "date_of_event"), _TEXT)
_PARENTS: Final = dict.fromkeys(("father_name", "father_forename", "mother_name", "mother_forename"), _TEXT)
_OWN: Final[Mapping[RecordKind, dict[str, Any]]] = {
    RecordKind.RED: {"arrest_warrants": _WARRANTS},
    RecordKind.YELLOW: _EVENT | _PARENTS,
    RecordKind.UN: {**dict.fromkeys(("un_reference", "un_reference_date", "un_resolution"), _TEXT), "adresses": _TEXTS},
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


class ImageFields(_Known):
    """One entry of ``_embedded.images``."""

    picture_id: Annotated[str, Field(min_length=1, max_length=200)]


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
    def pictures(self) -> tuple[str, ...]:
        """Return the names of the pictures: those that are listed, or else that of the thumbnail."""
        if self.embedded.images is not None:
            return tuple(dict.fromkeys(image.picture_id for image in self.embedded.images))
        thumbnail = (self.links.thumbnail.href if self.links.thumbnail else None) or ""
        name = thumbnail.split("?")[0].rstrip("/").rpartition("/")[2]
        return (name,) if name else ()


def strip_links(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the links and embedded parts of a notice alone."""
    return {name: content[name] for name in _IGNORED if content.get(name) is not None}
