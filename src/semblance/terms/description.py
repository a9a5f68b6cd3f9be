"""What is known of a body: of a missing person before death, of a body or a living unknown when they were found.

Both sides have the same fields, so that each is compared with its own like. They are no official form; dates, place,
sex as recorded, birth and a single height stand in the record's other parts.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from semblance.terms.nature import Degrees, ToothNumber, Years


class HairColour(StrEnum):
    """The colour of the hair as somebody saw it; dye and time change it."""

    BLACK = "black"
    BROWN = "brown"
    BLOND = "blond"
    RED = "red"
    GREY = "grey"
    WHITE = "white"
    BALD = "bald"
    DYED = "dyed"


class EyeColour(StrEnum):
    """The colour of the irises; lenses and death change it."""

    BROWN = "brown"
    BLUE = "blue"
    GREEN = "green"
    GREY = "grey"
    HAZEL = "hazel"
    BLACK = "black"


class BodyPlace(StrEnum):
    """Where on the body a mark is; left and right are the person's own."""

    HEAD = "head"
    FACE = "face"
    NECK = "neck"
    CHEST = "chest"
    ABDOMEN = "abdomen"
    BACK = "back"
    PELVIS = "pelvis"
    LEFT_ARM = "left-arm"
    RIGHT_ARM = "right-arm"
    LEFT_HAND = "left-hand"
    RIGHT_HAND = "right-hand"
    LEFT_LEG = "left-leg"
    RIGHT_LEG = "right-leg"
    LEFT_FOOT = "left-foot"
    RIGHT_FOOT = "right-foot"


class MarkKind(StrEnum):
    """What a mark is."""

    SCAR = "scar"
    TATTOO = "tattoo"
    PIERCING = "piercing"
    BIRTHMARK = "birthmark"
    AMPUTATION = "amputation"
    DEFORMITY = "deformity"
    IMPLANT = "implant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BodyMark:
    """A mark on the body: where it is, what it is, and how it looks."""

    place: BodyPlace
    kind: MarkKind
    text: str | None = None


class ToothState(StrEnum):
    """What is known of a tooth.

    ``missing``: it was lost or drawn in life, which ``lost-after-death`` and ``unerupted`` do not say. ``crown``,
    ``bridge`` and ``implant`` may stand where no tooth is left.
    """

    PRESENT = "present"
    FILLED = "filled"
    ROOT_FILLED = "root-filled"
    CROWN = "crown"
    BRIDGE = "bridge"
    IMPLANT = "implant"
    MISSING = "missing"
    UNERUPTED = "unerupted"
    LOST_AFTER_DEATH = "lost-after-death"


@dataclass(frozen=True, slots=True)
class Tooth:
    """A tooth by its number and what is known of it."""

    number: ToothNumber
    state: ToothState


class Existence(StrEnum):
    """Whether there is something that could be compared elsewhere."""

    EXISTS = "exists"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Description:
    """The fields themselves; None and empty say nothing.

    Ages are those at the event: when somebody was last seen, or as estimated of who was found. Heights are in
    centimetres; an end of a span may be open.
    """

    latitude: Degrees | None = None
    longitude: Degrees | None = None
    youngest: Years | None = None
    oldest: Years | None = None
    shortest: int | None = None
    tallest: int | None = None
    hair: tuple[HairColour, ...] = ()
    eyes: tuple[EyeColour, ...] = ()
    body_marks: tuple[BodyMark, ...] = ()
    clothing: tuple[str, ...] = ()
    jewellery: tuple[str, ...] = ()
    teeth: tuple[Tooth, ...] = ()
    fingerprints: Existence | None = None
    dna: Existence | None = None


UNDESCRIBED: Final = Description()


def is_tooth(number: int) -> bool:
    """Return whether ISO 3950 has a tooth of that number."""
    quadrant, place = divmod(number, 10)
    return (1 <= quadrant <= 4 and 1 <= place <= 8) or (5 <= quadrant <= 8 and 1 <= place <= 5)
