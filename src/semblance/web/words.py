"""Quality, outcomes and purposes in words for people."""

import re
from datetime import datetime

from semblance.audit.search_record import SearchOutcome
from semblance.cases.authorisation import AuthorisationState
from semblance.cases.case import CaseState
from semblance.cases.policy import Whose
from semblance.gallery.kinds import KINDS
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import Shortfall
from semblance.terms.quality import NOT_ASSESSABLE, QualityMeasure, QualityScore
from semblance.terms.record import RecordKind, RecordState

STATUS_WORDS = {
    IntakeStatus.ENROLLED: ("Enrolled", "good"),
    IntakeStatus.UNSUITABLE: ("Unsuitable", "poor"),
    IntakeStatus.KEPT_UNSUITABLE: ("Kept, unsuitable: no template", "fair"),
    IntakeStatus.NO_FACE: ("No face found", "poor"),
    IntakeStatus.SEVERAL_FACES: ("Several faces: choose one", "fair"),
    IntakeStatus.UNREADABLE: ("Unreadable", "poor"),
    IntakeStatus.DUPLICATE: ("Duplicate", "fair"),
    IntakeStatus.BARRED: ("Not taken: the record allows no photos now", "poor"),
}
"""Each outcome in words, and how serious it is: good, fair or poor."""

OUTCOME_WORDS = {
    SearchOutcome.ANSWERED: ("Answered", "good"),
    SearchOutcome.REFUSED: ("Refused", "poor"),
    SearchOutcome.NO_FACE: ("No face to search", "fair"),
}

_PIXELS = frozenset({QualityMeasure.INTER_EYE_DISTANCE})
_DEGREES = frozenset({QualityMeasure.HEAD_POSE_YAW, QualityMeasure.HEAD_POSE_PITCH, QualityMeasure.HEAD_POSE_ROLL})


def judge_quality(unified: int, shortfalls: tuple[Shortfall, ...]) -> tuple[str, str]:
    """Return a face's quality in words, and its grade: good, fair or poor."""
    if not shortfalls:
        return "Suitable for comparison", "good"
    if len(shortfalls) <= 2 and unified >= 20:
        return "Usable with caution: below the line for a reference", "fair"
    return "Poor: expect wrong candidates, or none", "poor"


def name_measure(measure: QualityMeasure) -> str:
    """Return a standard component name as ordinary words: HeadPoseYaw becomes "Head pose yaw"."""
    words = re.findall(r"[A-Z][a-z]*", measure.value)
    return " ".join([words[0], *(word.lower() for word in words[1:])])


def say_native(score: QualityScore) -> str:
    """Return the value behind a component's scalar with its unit, where people know the unit."""
    if score.native is None or score.scalar == NOT_ASSESSABLE:
        return ""
    if score.measure in _PIXELS:
        return f"{score.native:.0f} px"
    if score.measure in _DEGREES:
        return f"{score.native:+.0f}°"
    return ""


def say_purpose(purpose: str) -> str:
    """Return a purpose as words: wanted-person becomes "Wanted person"."""
    return purpose.replace("-", " ").capitalize()


def say_moment(moment: datetime) -> str:
    """Return a moment in UTC to the minute."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def say_count(count: int, one: str, many: str) -> str:
    """Return the count with the noun in its number."""
    return f"{count:,} {one if count == 1 else many}".replace(",", " ")


def say_size(size: int) -> str:
    """Return a number of bytes in kB or MB."""
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1e3))} kB"


def say_media_type(media_type: str) -> str:
    """Return a picture's format by its common name."""
    return media_type.removeprefix("image/").removeprefix("x-").upper()


CASE_WORDS = {
    CaseState.OPEN: ("Open", "good"),
    CaseState.CLOSED: ("Closed", "fair"),
    CaseState.EXPIRED: ("Expired", "fair"),
    CaseState.ERASED: ("Erased", "poor"),
}
AUTHORISATION_WORDS = {
    AuthorisationState.WAITING: ("Waits", "fair"),
    AuthorisationState.GRANTED: ("Authorised", "good"),
    AuthorisationState.REFUSED: ("Refused", "poor"),
    AuthorisationState.LATE: ("Too late", "poor"),
}
RECORD_WORDS = {
    RecordState.DRAFT: ("Draft", "fair"),
    RecordState.ACTIVE: ("Active", "good"),
    RecordState.BLOCKED: ("Blocked", "poor"),
    RecordState.WITHDRAWN: ("Withdrawn", "poor"),
    RecordState.EXPIRED: ("Expired", "poor"),
}
WHOSE_WORDS = {
    Whose.OWN: "their own authority's",
    Whose.VISIBLE: "all that are open to them",
    Whose.ANY: "no single one",
}


def say_kind(kind: RecordKind) -> str:
    """Return the kind of record in words."""
    return KINDS[kind].title


def say_category(category: str) -> str:
    """Return the category of a person in words."""
    return category.replace("-", " ").capitalize()


def say_left(moment: datetime | None, now: datetime) -> str:
    """Return how much time is left until the moment; None is a search that waits for the answer."""
    if moment is None:
        return "the search waits for it"
    minutes = int((moment - now).total_seconds() // 60)
    if minutes <= 0:
        return "the time is over"
    return f"{minutes} minutes left" if minutes < 120 else f"{minutes // 60} hours left"
