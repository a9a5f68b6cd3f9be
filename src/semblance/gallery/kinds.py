"""What each kind of record is for, which fields it cannot be without, and what its result page says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from semblance.terms.record import RecordKind


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind: its name, its purpose in words, and its required fields, of which each tuple needs one filled in."""

    title: str
    purpose: str
    required: tuple[tuple[str, ...], ...]


_NAMED: Final = ("family_name", "given_names", "original_script")

KINDS: Final[Mapping[RecordKind, KindRule]] = MappingProxyType(
    {
        RecordKind.RED: KindRule(
            "Red notice",
            "location and arrest of a person wanted for prosecution or to serve a sentence",
            (_NAMED, ("warrants",)),
        ),
        RecordKind.BLUE: KindRule(
            "Blue notice", "identity, location or activities of a person in a criminal investigation", (("asked",),)
        ),
        RecordKind.YELLOW: KindRule(
            "Yellow notice",
            "location of a missing person, or identification of one who cannot say who they are",
            (_NAMED, ("event_date",), ("event_place", "event_country")),
        ),
        RecordKind.BLACK: KindRule(
            "Black notice", "identification of a dead body", (("event_date",), ("event_place", "event_country"))
        ),
        RecordKind.GREEN: KindRule(
            "Green notice", "warning of a person who is a possible threat to public safety", (_NAMED, ("warning",))
        ),
        RecordKind.UN: KindRule(
            "UN Security Council special notice",
            "sanctions of the Security Council",
            (_NAMED, ("un_reference",), ("un_resolution",)),
        ),
        RecordKind.DIFFUSION: KindRule(
            "Diffusion", "a request that an authority sent to others directly", (("asked",), ("addressees",))
        ),
        RecordKind.UNIDENTIFIED: KindRule(
            "Unidentified person", "identification of a person whom nobody could name yet", (("summary",),)
        ),
        RecordKind.SAMPLE: KindRule("Sample", "demonstration and training; neither wanted nor missing", ()),
    }
)

FORBIDDEN: Final = frozenset(
    {
        "ethnicity",
        "ethnic_origin",
        "race",
        "religion",
        "religious",
        "political",
        "politics",
        "party",
        "emotion",
        "sexual_orientation",
        "sexuality",
        "personality",
        "trade_union",
        "caste",
        "tribe",
    }
)
"""Names of fields that no record has: what an import brings under them is dropped, and said so."""
