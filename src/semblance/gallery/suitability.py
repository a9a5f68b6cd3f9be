"""The suitability line: what a photo must show before a template of it enters the gallery."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Final

from annotated_types import Ge, Le

from semblance.messages.message import Message
from semblance.terms.samples import FaceSample, QualityMeasure

Least = Annotated[int, Ge(0), Le(100)]
"""A scalar in the names of ISO/IEC 29794-5:2025 that must be reached."""

Turn = Annotated[float, Ge(0), Le(180)]


@dataclass(frozen=True, slots=True)
class SuitabilityLine:
    """The least that a photo must reach; None asks for nothing.

    ``inter_eye_distance`` is in pixels; ``yaw``, ``pitch`` and ``roll`` are the largest allowed turn of the head in
    degrees, the roll after a photo that lay on its side or head was turned upright.
    """

    inter_eye_distance: Annotated[float, Ge(0)] | None = 60.0
    yaw: Turn | None = 35.0
    pitch: Turn | None = 30.0
    roll: Turn | None = 30.0
    unified: Least | None = 20
    sharpness: Least | None = 10
    under_exposure_prevention: Least | None = 20
    over_exposure_prevention: Least | None = 20
    dynamic_range: Least | None = 20
    compression_artifacts: Least | None = 1
    leftward_crop: Least | None = 10
    rightward_crop: Least | None = 10
    downward_crop: Least | None = 10
    upward_crop: Least | None = 10

    @property
    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that change whenever any value of the line does."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the settings, for whoever reads them from a file."""
        return tuple(field.name for field in fields(cls))


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One measure that stays below the line; the message says what a person can do."""

    measure: QualityMeasure
    message: Message


def judge_suitability(face: FaceSample, line: SuitabilityLine) -> tuple[Shortfall, ...]:
    """Return every measure of the face that stays below the line; empty means suitable.

    A measure that is not assessable never counts against a photo.
    """
    judged = (
        _judge_eyes(face, line.inter_eye_distance),
        *(_judge_turn(face, getattr(line, _name(fault)), fault) for fault in TURNS),
        *(_judge_scalar(face, getattr(line, _name(fault)), fault) for fault in SCALARS),
    )
    return tuple(shortfall for shortfall in judged if shortfall is not None)


def find_setting(reason: Message) -> str | None:
    """Return the setting of the suitability line that a photo's reason is about, as ``suitability.yaw``, if any."""
    about = reason.values.get("fault", reason)
    name = _name(about) if isinstance(about, Message) else None
    return f"suitability.{name}" if name in SuitabilityLine.names() else None


TURNS: Final = (
    Message("suitability.yaw", "the head is turned sideways"),
    Message("suitability.pitch", "the head is tilted up or down"),
    Message("suitability.roll", "the head is tilted to a shoulder"),
)
SCALARS: Final = (
    Message("suitability.sharpness", "the face is blurred; take a sharper photo or a less processed copy"),
    Message(
        "suitability.under-exposure-prevention",
        "parts of the face are too dark to see; use a photo with more light on the face",
    ),
    Message(
        "suitability.over-exposure-prevention",
        "parts of the face are burnt out to white; use a photo with less light on the face",
    ),
    Message("suitability.dynamic-range", "the face has hardly any contrast; use a photo with clear tones"),
    Message(
        "suitability.compression-artifacts",
        "the photo was compressed so strongly that features are lost; use the original file",
    ),
    Message("suitability.leftward-crop", "the face is cut off, or nearly, at the left edge of the photo"),
    Message("suitability.rightward-crop", "the face is cut off, or nearly, at the right edge of the photo"),
    Message("suitability.downward-crop", "the face is cut off, or nearly, at the lower edge of the photo"),
    Message("suitability.upward-crop", "the face is cut off, or nearly, at the upper edge of the photo"),
    Message("suitability.unified", "the photo as a whole is too poor to be compared reliably; use a better one"),
)
"""What may fall short, but for the distance between the eyes: the identifier names the setting, and the measure."""


def _name(fault: Message) -> str:
    return fault.identifier.removeprefix("suitability.").replace("-", "_")


def _judge_eyes(face: FaceSample, needed: float | None) -> Shortfall | None:
    score = face.quality.find(QualityMeasure.INTER_EYE_DISTANCE)
    if needed is None or not score.assessable:
        return None
    distance = face.landmarks.inter_eye_distance if score.native is None else score.native
    if distance >= needed:
        return None
    # rounding down, so that a distance just below the line is never shown as if it reached it
    message = Message(
        "suitability.inter-eye-distance",
        "the eyes are {measured} pixels apart; {needed:g} are needed",
        measured=int(distance),
        needed=needed,
    )
    return Shortfall(QualityMeasure.INTER_EYE_DISTANCE, message)


def _judge_turn(face: FaceSample, allowed: float | None, fault: Message) -> Shortfall | None:
    measure = QualityMeasure[f"HEAD_POSE_{_name(fault)}".upper()]
    score = face.quality.find(measure)
    if allowed is None or not score.assessable or score.native is None or abs(score.native) <= allowed:
        return None
    message = Message(
        "suitability.turn",
        "{fault} by about {measured:.0f} degrees; {needed:g} are allowed",
        fault=fault,
        measured=abs(float(score.native)),
        needed=allowed,
    )
    return Shortfall(measure, message)


def _judge_scalar(face: FaceSample, needed: int | None, fault: Message) -> Shortfall | None:
    measure = QualityMeasure[_name(fault).upper()]
    score = face.quality.find(measure)
    if needed is None or not score.assessable or score.scalar >= needed:
        return None
    message = Message(
        "suitability.scalar",
        "{fault} ({measure} is {measured}; {needed} is needed)",
        fault=fault,
        measure=measure,
        measured=int(score.scalar),
        needed=needed,
    )
    return Shortfall(measure, message)
