"""What INTERPOL's public notices say, field by field, as their JSON has it: typed where it comes in.

Names and spelling ("adresses") are those of the publisher. Every field but the number may be missing or null here; what
a kind of record cannot be without is asked elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

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


class RedFields(NoticeFields):
    """A red notice."""

    arrest_warrants: list[WarrantFields] | None = None


class YellowFields(NoticeFields):
    """A yellow notice."""

    place: Text = None
    country: Text = None
    date_of_event: Text = None
    father_name: Text = None
    father_forename: Text = None
    mother_name: Text = None
    mother_forename: Text = None


class UnFields(NoticeFields):
    """A special notice of INTERPOL and the UN Security Council."""

    un_reference: Text = None
    un_reference_date: Text = None
    un_resolution: Text = None
    adresses: Texts = None


class BlueFields(NoticeFields):
    """A blue notice: ``asked`` is what the authority wants to know."""

    asked: Text = None


class BlackFields(NoticeFields):
    """A black notice."""

    place: Text = None
    country: Text = None
    date_of_event: Text = None


class GreenFields(NoticeFields):
    """A green notice: ``warning`` is what others are warned of."""

    warning: Text = None


class DiffusionFields(NoticeFields):
    """A diffusion: ``addressees`` are the authorities that it was sent to."""

    asked: Text = None
    addressees: Texts = None
    arrest_warrants: list[WarrantFields] | None = None


FIELDS: Final[Mapping[RecordKind, type[NoticeFields]]] = {
    RecordKind.RED: RedFields,
    RecordKind.YELLOW: YellowFields,
    RecordKind.UN: UnFields,
    RecordKind.BLUE: BlueFields,
    RecordKind.BLACK: BlackFields,
    RecordKind.GREEN: GreenFields,
    RecordKind.DIFFUSION: DiffusionFields,
}


class _Link(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    href: Text = None


class _Links(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True, populate_by_name=True)

    own: _Link | None = Field(default=None, alias="self")
    thumbnail: _Link | None = None


class ImageFields(BaseModel):
    """One entry of ``_embedded.images``."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    picture_id: Annotated[str, Field(min_length=1, max_length=200)]


class _Embedded(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    images: Annotated[list[ImageFields], Field(max_length=100)] | None = None


class LinkFields(BaseModel):
    """The links of a notice and the images that it names; links are read for names and never followed."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

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
