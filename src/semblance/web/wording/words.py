"""Quality, outcomes and purposes in words for people."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from babel.numbers import format_decimal

from semblance.audit.search_record import SearchOutcome
from semblance.cases.case import AuthorisationState, CaseState
from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import Field, LeadState
from semblance.cases.opinion import Component, Conclusion, Finding, Ground
from semblance.cases.policy import Whose
from semblance.cases.reconciliation.compare import ComparedField
from semblance.cases.reconciliation.pair import Evidence
from semblance.cases.reconciliation.side import Verdict
from semblance.cases.standing_search import StandingState
from semblance.evaluation.intervals import Rate
from semblance.gallery.kinds import KINDS
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.request import RequestState
from semblance.gallery.suitability import Shortfall
from semblance.terms.job import JobState
from semblance.terms.record import RecordKind, RecordState
from semblance.terms.samples import NOT_ASSESSABLE, QualityMeasure, QualityScore
from semblance.web.wording.language import N_, _, get_spoken, ngettext

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


def say_time(seconds: float) -> str:
    """Return a time in a video to the hundredth of a second: 1:02:03.45."""
    hundredths = round(abs(seconds) * 100)
    minutes, rest = divmod(hundredths, 6000)
    clock = f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else f"{minutes}"
    return f"{'-' if seconds < 0 and hundredths else ''}{clock}:{rest // 100:02}.{rest % 100:02}"


def say_act(moment: datetime, person: str | None) -> str:
    """Return when something was done, and by whom."""
    return _("{when} by {person}", when=say_moment(moment), person=person or "")


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


def say_number(count: int) -> str:
    """Return a whole number as the language writes it."""
    return format_decimal(count, locale=get_spoken().language)


def say_rate(rate: Rate) -> str:
    """Return a rate in per cent with its interval."""
    return _(
        "{value} % ({low} to {high} %)",
        value=round(100 * (rate.value or 0.0)),
        low=round(100 * rate.lower),
        high=round(100 * rate.upper),
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
STANDING_WORDS = {
    StandingState.ASKED: (N_("Waits"), "fair"),
    StandingState.RUNNING: (N_("Authorised"), "good"),
    StandingState.ENDED: (N_("It is over"), "fair"),
}
EXAMINATION_WORDS = {
    ExaminationState.FIRST: (N_("Being examined"), "fair"),
    ExaminationState.SECOND: (N_("Being examined"), "fair"),
    ExaminationState.THIRD: (N_("Being examined"), "fair"),
    ExaminationState.LEAD: (N_("A lead: two people, independently, took a candidate for a potential one"), "good"),
    ExaminationState.NO_LEAD: (N_("No candidate: two people, independently, found none"), "good"),
    ExaminationState.INCONCLUSIVE: (N_("Inconclusive: nothing can be said on these photos"), "fair"),
    ExaminationState.LAPSED: (N_("Lapsed before people had concluded"), "poor"),
}
"""What an examination waits for or came to; how many people gave their opinion is told to nobody."""

ENDED_WORDS = {
    ExaminationState.LEAD: N_("Searches that ended in a lead"),
    ExaminationState.NO_LEAD: N_("Searches that ended with no candidate"),
    ExaminationState.INCONCLUSIVE: N_("Searches that ended inconclusive"),
    ExaminationState.LAPSED: N_("Searches whose examination lapsed"),
}
"""What examinations came to, where they are counted."""

CONCLUSION_WORDS = {
    Conclusion.POTENTIAL: (N_("Potential candidate"), "fair"),
    Conclusion.NO_CANDIDATE: (N_("No candidate"), "good"),
    Conclusion.INCONCLUSIVE: (N_("Inconclusive"), "fair"),
}
GROUND_WORDS = {
    Ground.QUALITY: N_("Quality of a photo"),
    Ground.POSE: N_("Pose"),
    Ground.COVERED: N_("Something covers the face"),
    Ground.EXPRESSION: N_("Expression"),
    Ground.AGE: N_("Years between the photos"),
    Ground.LIGHT: N_("Light"),
    Ground.OTHER: N_("Something else, in the reason"),
}
FINDING_WORDS = {
    Finding.CORRESPONDS: N_("Corresponds"),
    Finding.DIFFERS: N_("Differs"),
    Finding.NOT_VISIBLE: N_("Not visible"),
    Finding.NOT_COMPARABLE: N_("Not comparable"),
}
VERDICT_WORDS = {
    Verdict.AGREES: (N_("Agrees"), "good"),
    Verdict.EXCLUDES: (N_("Excludes"), "poor"),
    Verdict.NOTHING: (N_("Says nothing"), "fair"),
}
COMPARED_WORDS = {
    ComparedField.DATES: N_("Dates"),
    ComparedField.PLACE: N_("Place"),
    ComparedField.SEX: N_("Sex as recorded"),
    ComparedField.AGE: N_("Age"),
    ComparedField.HEIGHT: N_("Height"),
    ComparedField.HAIR: N_("Hair"),
    ComparedField.EYES: N_("Eyes"),
    ComparedField.MARKS: N_("Marks by place on the body"),
    ComparedField.CLOTHING: N_("Clothing"),
    ComparedField.JEWELLERY: N_("Jewellery"),
    ComparedField.TEETH: N_("Teeth"),
    ComparedField.FINGERPRINTS: N_("Fingerprints"),
    ComparedField.DNA: N_("DNA"),
}
EVIDENCE_WORDS = {
    Evidence.FINGERPRINTS: N_("Reconciled by fingerprints"),
    Evidence.DENTAL: N_("Reconciled by dental comparison"),
    Evidence.DNA: N_("Reconciled by DNA"),
    Evidence.OTHER: N_("Reconciled by other evidence, named in the reason"),
    Evidence.NONE: N_("Not reconciled"),
}
LEAD_WORDS = {
    LeadState.WAITING: (N_("Waits for the owner's check"), "fair"),
    LeadState.CONFIRMED: (N_("Confirmed by the owner"), "good"),
    LeadState.REFUTED: (N_("Refuted by the owner: a false positive"), "poor"),
    LeadState.UNANSWERED: (N_("The owner has not answered in time"), "poor"),
    LeadState.ERASED: (N_("The record was erased before its owner answered"), "poor"),
}
FIELD_WORDS = {
    Field.NUMBER: N_("Number of the record"),
    Field.KIND: N_("Kind of record"),
    Field.NAMES: N_("Names"),
    Field.BIRTH: N_("Birth: date and place"),
    Field.SEX: N_("Sex as recorded"),
    Field.NATIONALITIES: N_("Nationalities"),
    Field.DOCUMENTS: N_("Identity documents"),
    Field.CIRCUMSTANCES: N_("Circumstances"),
    Field.WARNING: N_("Warning"),
    Field.LEGAL_BASIS: N_("Legal basis"),
}
COMPONENT_WORDS = {
    Component.SKIN: (N_("Skin"), N_("tone, texture, pores, spots over a larger part")),
    Component.OUTLINE: (N_("Outline of face and head"), N_("shape of the whole, of the crown, of the sides")),
    Component.COMPOSITION: (N_("Composition of the face"), N_("proportions and places of the parts to each other")),
    Component.HAIRLINE: (N_("Hairline and baldness"), N_("shape, recession, direction of growth")),
    Component.FOREHEAD: (N_("Forehead"), N_("height, width, slope, bulges")),
    Component.EYEBROWS: (N_("Eyebrows"), N_("shape, thickness, place, gaps, asymmetry")),
    Component.EYES: (N_("Eyes"), N_("opening, lids, folds, corners, iris, distance")),
    Component.CHEEKS: (N_("Cheeks"), N_("cheekbones, fullness, dimples")),
    Component.NOSE: (N_("Nose"), N_("root, bridge, tip, wings, nostrils, deviation")),
    Component.EARS: (N_("Ears"), N_("size, attachment, helix, lobe, inner folds")),
    Component.MOUTH: (N_("Mouth"), N_("width, lips, philtrum, corners, teeth where seen")),
    Component.CHIN: (N_("Chin and jawline"), N_("shape, cleft, angle, asymmetry")),
    Component.NECK: (N_("Neck"), N_("width, folds, larynx")),
    Component.FACIAL_HAIR: (N_("Facial hair"), N_("shape, density, pattern of growth")),
    Component.LINES: (N_("Facial lines"), N_("forehead, between and beside the eyes, nose to mouth")),
    Component.SCARS: (N_("Scars"), N_("place, shape, size")),
    Component.MARKS: (N_("Facial marks"), N_("moles, freckles, birthmarks: place and arrangement")),
    Component.ALTERATIONS: (N_("Alterations"), N_("piercings, tattoos, make-up, surgery")),
}
"""Each component of the checklist, and what is looked at in it."""

RECORD_WORDS = {
    RecordState.DRAFT: (N_("Draft"), "fair"),
    RecordState.ACTIVE: (N_("Active"), "good"),
    RecordState.BLOCKED: (N_("Blocked"), "poor"),
    RecordState.WITHDRAWN: (N_("Withdrawn"), "poor"),
    RecordState.EXPIRED: (N_("Expired"), "poor"),
}
REQUEST_WORDS = {
    RequestState.RECEIVED: (N_("Waits"), "fair"),
    RequestState.ANSWERED: (N_("Answered"), "good"),
    RequestState.DECLINED: (N_("Declined"), "poor"),
    RequestState.REFERRED: (N_("Referred"), "fair"),
    RequestState.ERASED: (N_("Erased"), "poor"),
}
JOB_WORDS = {
    JobState.WAITING: (N_("Waits"), "fair"),
    JobState.RUNNING: (N_("Under way"), "fair"),
    JobState.DONE: (N_("Done"), "good"),
    JobState.FAILED: (N_("Failed"), "poor"),
    JobState.CANCELLED: (N_("Cancelled"), "fair"),
}
WHOSE_WORDS = {
    Whose.OWN: N_("their own authority's"),
    Whose.VISIBLE: N_("all that are open to them"),
    Whose.ANY: N_("no single one"),
}


_STATES: Final[dict[type[StrEnum], Mapping[Any, tuple[str, str]]]] = {
    type(next(iter(table))): table
    for table in (
        STATUS_WORDS,
        OUTCOME_WORDS,
        CASE_WORDS,
        AUTHORISATION_WORDS,
        STANDING_WORDS,
        EXAMINATION_WORDS,
        CONCLUSION_WORDS,
        LEAD_WORDS,
        VERDICT_WORDS,
        RECORD_WORDS,
        REQUEST_WORDS,
        JOB_WORDS,
    )
}


def say_state(state: StrEnum) -> str:
    """Return a state, an outcome or a conclusion in words."""
    return _(_STATES[type(state)][state][0])


def grade_state(state: StrEnum) -> str:
    """Return how serious a state, an outcome or a conclusion is: good, fair or poor."""
    return _STATES[type(state)][state][1]


def say_kind(kind: RecordKind) -> str:
    """Return the kind of record in words."""
    return _(KINDS[kind].title.text)


def say_kind_purpose(kind: RecordKind, *, capital: bool = False) -> str:
    """Return what a kind of record is for."""
    words = _(KINDS[kind].purpose.text)
    return f"{words[:1].upper()}{words[1:]}" if capital else words


def say_released(field: Field, value: str) -> str:
    """Return what was released, or could be, as words where it is a value of the store; else as it was written."""
    return say_value(value) if field is Field.SEX else _(value) if field is Field.KIND else value


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
