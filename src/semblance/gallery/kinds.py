"""What each kind of record is for, which fields it cannot be without, and what its result page says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from semblance.messages.message import Message
from semblance.terms.record import RecordKind


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind: its name, its purpose in words, and its required fields, of which each tuple needs one filled in.

    ``offered`` are circumstances that a form of this kind asks for, too; the summary is always among them.
    """

    title: Message
    purpose: Message
    required: tuple[tuple[str, ...], ...]
    offered: tuple[str, ...] = ()


_NAMED: Final = ("family_name", "given_names", "original_script")
_EVENT: Final = (("event_date",), ("event_place", "event_country"))

KINDS: Final[Mapping[RecordKind, KindRule]] = MappingProxyType(
    {
        RecordKind.RED: KindRule(
            Message("kind.red", "Red notice"),
            Message(
                "kind.red-purpose", "location and arrest of a person wanted for prosecution or to serve a sentence"
            ),
            (_NAMED, ("warrants",)),
        ),
        RecordKind.BLUE: KindRule(
            Message("kind.blue", "Blue notice"),
            Message("kind.blue-purpose", "identity, location or activities of a person in a criminal investigation"),
            (("asked",),),
        ),
        RecordKind.YELLOW: KindRule(
            Message("kind.yellow", "Yellow notice"),
            Message(
                "kind.yellow-purpose",
                "location of a missing person, or identification of one who cannot say who they are",
            ),
            (_NAMED, *_EVENT),
        ),
        RecordKind.BLACK: KindRule(
            Message("kind.black", "Black notice"),
            Message("kind.black-purpose", "identification of a dead body"),
            _EVENT,
        ),
        RecordKind.GREEN: KindRule(
            Message("kind.green", "Green notice"),
            Message("kind.green-purpose", "warning of a person who is a possible threat to public safety"),
            (_NAMED, ("warning",)),
        ),
        RecordKind.UN: KindRule(
            Message("kind.un", "UN Security Council special notice"),
            Message("kind.un-purpose", "sanctions of the Security Council"),
            (_NAMED, ("un_reference",), ("un_resolution",)),
            ("un_reference_date", "addresses"),
        ),
        RecordKind.DIFFUSION: KindRule(
            Message("kind.diffusion", "Diffusion"),
            Message("kind.diffusion-purpose", "a request that an authority sent to others directly"),
            (("asked",), ("addressees",)),
            ("warrants",),
        ),
        RecordKind.UNIDENTIFIED: KindRule(
            Message("kind.unidentified", "Unidentified person"),
            Message("kind.unidentified-purpose", "identification of a person whom nobody could name yet"),
            (("summary",),),
            ("event_date", "event_place", "event_country"),
        ),
        RecordKind.SAMPLE: KindRule(
            Message("kind.sample", "Sample"),
            Message("kind.sample-purpose", "demonstration and training; neither wanted nor missing"),
            (),
        ),
    }
)

MISSING: Final = frozenset({RecordKind.YELLOW})
FOUND: Final = frozenset({RecordKind.BLACK, RecordKind.UNIDENTIFIED})
DESCRIBED: Final = MISSING | FOUND
"""The kinds that say what is known of a body: those who are missing are compared with those who were found."""

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
