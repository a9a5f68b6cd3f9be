"""What an import of notices did: counts, and the notices that need attention."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from semblance.gallery.outcome import IntakeStatus
from semblance.messages.message import Message
from semblance.terms.ids import PackDigest
from semblance.workflows.enrolment.enrolment_report import EnrolRow

_LISTED: Final = 200
_COMPLETE: Final = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.DUPLICATE})


class NoticeStatus(StrEnum):
    """What one notice came to. ``held``: an earlier run took it in as it is. ``faulty``: nothing of it was taken."""

    IMPORTED = "imported"
    CHANGED = "changed"
    HELD = "held"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice's outcome; ``photos`` are those of its images, empty where it is faulty."""

    place: str
    number: str
    status: NoticeStatus
    reasons: tuple[Message, ...] = ()
    photos: tuple[EnrolRow, ...] = ()

    @property
    def complete(self) -> bool:
        """Return whether it needs no attention: it is held, and so is each of its photos."""
        return self.status is not NoticeStatus.FAULTY and all(photo.status in _COMPLETE for photo in self.photos)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many notices and photos ended how.

    ``wanting`` are the first 200 of ``incomplete`` notices, of which something was not taken. ``interrupted``: it was
    asked to stop; what was in hand is committed, and the same call again goes on from there. ``notes`` say what was
    left out and passed over where the notices lie.
    """

    person: str
    pack: PackDigest
    started: datetime
    seconds: float
    notices: dict[NoticeStatus, int]
    photos: dict[IntakeStatus, int]
    incomplete: int
    wanting: tuple[NoticeRow, ...]
    interrupted: bool = False
    notes: tuple[Message, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts rows as they come."""

    notices: Counter[NoticeStatus] = field(default_factory=Counter)
    photos: Counter[IntakeStatus] = field(default_factory=Counter)
    incomplete: int = 0
    wanting: list[NoticeRow] = field(default_factory=list)

    def add(self, row: NoticeRow) -> None:
        """Count a row, and keep it where it needs attention."""
        self.notices[row.status] += 1
        self.photos.update(photo.status for photo in row.photos)
        if not row.complete:
            self.incomplete += 1
            if len(self.wanting) < _LISTED:
                self.wanting.append(row)

    def close(
        self, *, person: str, pack: PackDigest, started: datetime, seconds: float, interrupted: bool
    ) -> ImportReport:
        """Return the report of the whole run."""
        return ImportReport(
            person=person,
            pack=pack,
            started=started,
            seconds=seconds,
            notices={status: self.notices[status] for status in NoticeStatus},
            photos={status: self.photos[status] for status in IntakeStatus},
            incomplete=self.incomplete,
            wanting=tuple(self.wanting),
            interrupted=interrupted,
        )
