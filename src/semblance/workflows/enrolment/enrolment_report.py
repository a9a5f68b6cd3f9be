"""What an enrolment did, photo by photo."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.shortfall_words import WORDS, ReadShortfall, read_shortfall
from semblance.terms.ids import PackDigest, PhotoId, Sha256

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


@dataclass(frozen=True, slots=True)
class EnrolRow:
    """One photo's outcome.

    ``faces`` counts the faces found, None where that was not looked for again. ``resumed`` says that an earlier run had
    already come to this outcome and nothing was done now. ``reasons`` are sentences; an enrolled photo may have some,
    too ("the same photo stands under subject B").
    """

    subject_key: str
    name: str
    sha256: Sha256 | None
    status: IntakeStatus
    reasons: tuple[str, ...] = ()
    photo: PhotoId | None = None
    faces: int | None = None
    resumed: bool = False


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

    def to_json(self) -> str:
        """Return the whole report as JSON text; paths and subject keys stand in it as they were given."""
        document = {
            "person": self.person,
            "pack": self.pack,
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 3),
            "interrupted": self.interrupted,
            "resumed": self.resumed,
            "counts": {status.value: count for status, count in self.counts.items()},
            "reasons": [
                {
                    "status": reason.status.value,
                    "setting": f"suitability.{reason.setting}",
                    "words": reason.words,
                    "needed": reason.needed,
                    "photos": reason.photos,
                    "alone": reason.alone,
                    "lower_lines": [{"at": line.at, "photos": line.photos} for line in reason.lower_lines],
                }
                for reason in self.reasons
            ],
            "photos": [
                {
                    "subject": row.subject_key,
                    "name": row.name,
                    "sha256": row.sha256,
                    "status": row.status.value,
                    "reasons": list(row.reasons),
                    "photo": row.photo,
                    "faces": row.faces,
                    "resumed": row.resumed,
                }
                for row in self.rows
            ],
        }
        return json.dumps(document, ensure_ascii=False, indent=2)
