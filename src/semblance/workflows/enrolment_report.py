"""What an enrolment did, photo by photo."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from semblance.gallery.outcome import IntakeStatus
from semblance.terms.ids import PackDigest, PhotoId, Sha256
from semblance.workflows.enrolment_summary import ReasonCount, count_reasons


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
