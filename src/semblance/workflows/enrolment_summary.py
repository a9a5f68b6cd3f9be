"""Why photos were unsuitable, counted, and what a lower line would let pass."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.shortfall_words import WORDS, ReadShortfall, read_shortfall

_JUDGED: Final = (IntakeStatus.UNSUITABLE, IntakeStatus.KEPT_UNSUITABLE)
_EYES: Final = "inter_eye_distance"
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

    ``alone`` counts those that fell short of nothing else. ``lower_lines`` says for the distance between the eyes how
    many of these a lower line would let pass, each line ten pixels below the one before, until none is left.
    """

    status: IntakeStatus
    setting: str
    words: str
    needed: float
    photos: int
    alone: int
    lower_lines: tuple[LowerLine, ...] = ()


def count_reasons(outcomes: Iterable[tuple[IntakeStatus, tuple[str, ...]]]) -> tuple[ReasonCount, ...]:
    """Return why photos were unsuitable, the most frequent reason of each outcome first."""
    judged: dict[IntakeStatus, list[list[ReadShortfall]]] = {status: [] for status in _JUDGED}
    for status, sentences in outcomes:
        if status in judged:
            read = (read_shortfall(sentence) for sentence in sentences)
            judged[status].append([shortfall for shortfall in read if shortfall is not None])
    return tuple(reason for status, photos in judged.items() for reason in _count(status, photos))


def _count(status: IntakeStatus, photos: list[list[ReadShortfall]]) -> Iterable[ReasonCount]:
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
