"""What the intake of one photo ended in, each an answer and no error; and the day, month or year of the photo."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NewType

from semblance.messages.message import Message
from semblance.terms.ids import PhotoId, Sha256


class IntakeStatus(StrEnum):
    """How the intake of one photo ended.

    ``several_faces``: the photo is kept without any template until one of its faces is chosen.
    ``kept_unsuitable``: the photo is kept, below the suitability line, without a template.
    ``duplicate``: the same bytes already stand under the same subject.
    ``barred``: the policy lets nothing be added to the subject's record as it stands.
    """

    ENROLLED = "enrolled"
    UNSUITABLE = "unsuitable"
    KEPT_UNSUITABLE = "kept_unsuitable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    BARRED = "barred"


KEPT = frozenset({IntakeStatus.ENROLLED, IntakeStatus.KEPT_UNSUITABLE, IntakeStatus.SEVERAL_FACES})
"""The outcomes after which the photo itself is held."""


@dataclass(frozen=True, slots=True)
class IntakeOutcome:
    """What is remembered of one photo's intake, so that a resumed enrolment repeats nothing.

    ``sha256`` is None where no bytes could be read at all.
    ``judged_under`` is the fingerprint of everything that the judgement depended on: pack, suitability line, options.
    """

    subject_key: str
    name: str
    sha256: Sha256 | None
    status: IntakeStatus
    reasons: tuple[Message, ...]
    photo: PhotoId | None
    judged_under: str


CaptureDate = NewType("CaptureDate", str)
"""ISO 8601-1:2019 calendar date, complete or of reduced precision: 2014-05-17, 2014-05 or 2014."""

_FORM: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?", re.ASCII)
_EARLIEST_YEAR: Final = 1826
"""The year of the oldest photograph that survives."""


def parse_capture_date(text: str, *, today: date) -> CaptureDate | None:
    """Return the date as written, or None where it is none, lies before photography, or in the future."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found["year"])
    try:
        first_day = date(year, int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:
        return None
    if year < _EARLIEST_YEAR or first_day > today:
        return None
    return CaptureDate(text.strip())
