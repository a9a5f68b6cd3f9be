"""What an enrolment did, photo by photo."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import find_setting
from semblance.messages.message import Message
from semblance.terms.ids import PackDigest, PhotoId, Sha256

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "suitability.inter_eye_distance": "eyes too close together",
        "suitability.yaw": "head turned sideways",
        "suitability.pitch": "head tilted up or down",
        "suitability.roll": "head tilted to a shoulder",
        "suitability.sharpness": "blurred",
        "suitability.under_exposure_prevention": "too dark",
        "suitability.over_exposure_prevention": "burnt out",
        "suitability.dynamic_range": "hardly any contrast",
        "suitability.compression_artifacts": "compressed too strongly",
        "suitability.leftward_crop": "cut off at the left",
        "suitability.rightward_crop": "cut off at the right",
        "suitability.downward_crop": "cut off below",
        "suitability.upward_crop": "cut off above",
        "suitability.unified": "too poor as a whole",
    }
)
"""Each setting of the suitability line, and in a few words what falls short of it."""

_JUDGED: Final = (IntakeStatus.UNSUITABLE, IntakeStatus.KEPT_UNSUITABLE)
_EYES: Final = "suitability.inter_eye_distance"
_STEP: Final = 10
_LEAST: Final = 20
"""Pixels between the eyes below which no lower line is proposed: there a template says next to nothing."""


@dataclass(frozen=True, slots=True)
class LowerLine:
    """How many photos would pass if the setting were ``at``."""

    at: float
    photos: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many photos of one outcome fell short of one setting of the suitability line.

    ``setting`` is its name in the node's settings: ``suitability.yaw``. ``alone`` counts those that fell short of
    nothing else. ``lower_lines`` says for the distance between the eyes how many of these a lower line would let pass,
    each line ten pixels below the one before, until none is left.
    """

    status: IntakeStatus
    setting: str
    words: str
    needed: float
    photos: int
    alone: int
    lower_lines: tuple[LowerLine, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shortfall:
    setting: str
    needed: float
    measured: float


def count_reasons(outcomes: Iterable[tuple[IntakeStatus, tuple[Message, ...]]]) -> tuple[ReasonCount, ...]:
    """Return why photos were unsuitable, the most frequent reason of each outcome first.

    Reasons that an older version stored as sentences are in no count.
    """
    judged: dict[IntakeStatus, list[list[_Shortfall]]] = {status: [] for status in _JUDGED}
    for status, reasons in outcomes:
        if status in judged:
            judged[status].append([found for reason in reasons if (found := _find_shortfall(reason)) is not None])
    return tuple(reason for status, photos in judged.items() for reason in _count(status, photos))


def _find_shortfall(reason: Message) -> _Shortfall | None:
    setting, needed, measured = find_setting(reason), reason.values.get("needed"), reason.values.get("measured")
    if setting is None or not isinstance(needed, int | float) or not isinstance(measured, int | float):
        return None
    return _Shortfall(setting, needed, measured)


def _count(status: IntakeStatus, photos: list[list[_Shortfall]]) -> Iterable[ReasonCount]:
    counts = Counter((shortfall.setting, shortfall.needed) for photo in photos for shortfall in photo)
    for (setting, needed), number in counts.most_common():
        single = (photo[0] for photo in photos if len(photo) == 1)
        alone = [found.measured for found in single if (found.setting, found.needed) == (setting, needed)]
        lines = _lower(alone, needed) if setting == _EYES else ()
        yield ReasonCount(status, setting, WORDS[setting], needed, number, len(alone), lines)


def _lower(measured: list[float], needed: float) -> tuple[LowerLine, ...]:
    lines: list[LowerLine] = []
    at = (needed - 1) // _STEP * _STEP
    while at >= _LEAST and len(measured) > (lines[-1].photos if lines else 0):
        passing = sum(distance >= at for distance in measured)
        if passing > (lines[-1].photos if lines else 0):
            lines.append(LowerLine(at, passing))
        at -= _STEP
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class EnrolRow:
    """One photo's outcome.

    ``subject`` is the record's number. ``faces`` counts the faces found, None where that was not looked for again.
    ``resumed``: an earlier run had already come to this outcome, and nothing was done now. An enrolled photo may have
    ``reasons``, too ("the same photo stands under record B of DE"). ``notes`` say what decoding it had to guess or
    ignore, where it was decoded in this run or is held.
    """

    subject: str
    name: str
    sha256: Sha256 | None
    status: IntakeStatus
    reasons: tuple[Message, ...] = ()
    photo: PhotoId | None = None
    faces: int | None = None
    resumed: bool = False
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class EnrolReport:
    """An enrolment's rows, in the order in which the photos were handed in.

    ``interrupted``: it was asked to stop; what was in hand is committed, and the same call again goes on from there.
    """

    person: str
    pack: PackDigest
    started: datetime
    seconds: float
    rows: tuple[EnrolRow, ...]
    interrupted: bool = False

    @property
    def counts(self) -> dict[IntakeStatus, int]:
        """Return the number of photos per outcome, zeros included."""
        found = Counter(row.status for row in self.rows)
        return {status: found[status] for status in IntakeStatus}

    @property
    def reasons(self) -> tuple[ReasonCount, ...]:
        """Return why photos were unsuitable, counted."""
        return count_reasons((row.status, row.reasons) for row in self.rows)

    @property
    def resumed(self) -> int:
        """Return how many photos an earlier run had already dealt with."""
        return sum(row.resumed for row in self.rows)
