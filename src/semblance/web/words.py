"""Quality, outcomes and purposes in words for people."""

import re
from datetime import datetime

from babel.numbers import format_decimal

from semblance.audit.search_record import SearchOutcome
from semblance.cases.authorisation import AuthorisationState
from semblance.cases.case import CaseState
from semblance.cases.policy import Whose
from semblance.gallery.kinds import KINDS
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.suitability import Shortfall
from semblance.terms.quality import NOT_ASSESSABLE, QualityMeasure, QualityScore
from semblance.terms.record import RecordKind, RecordState
from semblance.web.language import N_, _, get_spoken, ngettext

STATUS_WORDS = {
    IntakeStatus.ENROLLED: (N_("Enrolled"), "good"),
    IntakeStatus.UNSUITABLE: (N_("Unsuitable"), "poor"),
    IntakeStatus.KEPT_UNSUITABLE: (N_("Kept, unsuitable: no template"), "fair"),
    IntakeStatus.NO_FACE: (N_("No face found"), "poor"),
    IntakeStatus.SEVERAL_FACES: (N_("Several faces: choose one"), "fair"),
    IntakeStatus.UNREADABLE: (N_("Unreadable"), "poor"),
    IntakeStatus.DUPLICATE: (N_("Duplicate"), "fair"),
    IntakeStatus.BARRED: (N_("Not taken: the record allows no photos now"), "poor"),
}
"""Each outcome in words, and how serious it is: good, fair or poor."""

OUTCOME_WORDS = {
    SearchOutcome.ANSWERED: (N_("Answered"), "good"),
    SearchOutcome.REFUSED: (N_("Refused"), "poor"),
    SearchOutcome.NO_FACE: (N_("No face to search"), "fair"),
}

_PIXELS = frozenset({QualityMeasure.INTER_EYE_DISTANCE})
_DEGREES = frozenset({QualityMeasure.HEAD_POSE_YAW, QualityMeasure.HEAD_POSE_PITCH, QualityMeasure.HEAD_POSE_ROLL})


def judge_quality(unified: int, shortfalls: tuple[Shortfall, ...]) -> tuple[str, str]:
    """Return a face's quality in words, and its grade: good, fair or poor."""
    if not shortfalls:
        return _("Suitable for comparison"), "good"
    if len(shortfalls) <= 2 and unified >= 20:
        return _("Usable with caution: below the line for a reference"), "fair"
    return _("Poor: expect wrong candidates, or none"), "poor"


def name_measure(measure: QualityMeasure) -> str:
    """Return a standard component name as ordinary words: HeadPoseYaw becomes "Head pose yaw"."""
    words = re.findall(r"[A-Z][a-z]*", measure.value)
    name = " ".join([words[0], *(word.lower() for word in words[1:])])
    return _(name)


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
    return say_value(purpose)


def say_value(value: str) -> str:
    """Return what stands for itself in the store as words: data-protection-officer becomes "Data protection officer".

    ``value_words`` lists those that are translated.
    """
    return _(value.replace("-", " ").replace("_", " ").capitalize())


def say_moment(moment: datetime) -> str:
    """Return a moment in UTC to the minute."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def say_act(moment: datetime, person: str | None) -> str:
    """Return when something was done, and by whom."""
    return _("{when} by {person}", when=say_moment(moment), person=person or "")


def say_count(count: int, one: str, many: str) -> str:
    """Return the count with the noun in its number."""
    return f"{count:,} {one if count == 1 else many}".replace(",", " ")


def say_size(size: int) -> str:
    """Return a number of bytes in kB or MB."""
    if size >= 1_000_000:
        return _("{size} MB", size=say_decimal(size / 1e6, 1))
    return _("{size} kB", size=max(1, round(size / 1e3)))


def say_decimal(value: float, places: int) -> str:
    """Return a number with its decimal sign as the language writes it."""
    return format_decimal(
        round(value, places), format="0." + "0" * places, locale=get_spoken().language, decimal_quantization=False
    )


def say_media_type(media_type: str) -> str:
    """Return a picture's format by its common name."""
    return media_type.removeprefix("image/").removeprefix("x-").upper()


CASE_WORDS = {
    CaseState.OPEN: (N_("Open"), "good"),
    CaseState.CLOSED: (N_("Closed"), "fair"),
    CaseState.EXPIRED: (N_("Expired"), "fair"),
    CaseState.ERASED: (N_("Erased"), "poor"),
}
AUTHORISATION_WORDS = {
    AuthorisationState.WAITING: (N_("Waits"), "fair"),
    AuthorisationState.GRANTED: (N_("Authorised"), "good"),
    AuthorisationState.REFUSED: (N_("Refused"), "poor"),
    AuthorisationState.LATE: (N_("Too late"), "poor"),
}
RECORD_WORDS = {
    RecordState.DRAFT: (N_("Draft"), "fair"),
    RecordState.ACTIVE: (N_("Active"), "good"),
    RecordState.BLOCKED: (N_("Blocked"), "poor"),
    RecordState.WITHDRAWN: (N_("Withdrawn"), "poor"),
    RecordState.EXPIRED: (N_("Expired"), "poor"),
}
WHOSE_WORDS = {
    Whose.OWN: N_("their own authority's"),
    Whose.VISIBLE: N_("all that are open to them"),
    Whose.ANY: N_("no single one"),
}


def say_state(words: tuple[str, str]) -> tuple[str, str]:
    """Return an entry of one of these tables, its words in the language of the request."""
    return _(words[0]), words[1]


def say_kind(kind: RecordKind) -> str:
    """Return the kind of record in words."""
    return _(KINDS[kind].title)


def say_kind_purpose(kind: RecordKind, *, capital: bool = False) -> str:
    """Return what a kind of record is for."""
    words = _(KINDS[kind].purpose)
    return f"{words[:1].upper()}{words[1:]}" if capital else words


def say_category(category: str) -> str:
    """Return the category of a person in words."""
    return say_value(category)


def say_left(moment: datetime | None, now: datetime) -> str:
    """Return how much time is left until the moment; None is a search that waits for the answer."""
    if moment is None:
        return _("the search waits for it")
    minutes = int((moment - now).total_seconds() // 60)
    if minutes <= 0:
        return _("the time is over")
    if minutes < 120:
        return ngettext("{n} minute left", "{n} minutes left", minutes)
    return ngettext("{n} hour left", "{n} hours left", minutes // 60)
