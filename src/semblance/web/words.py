"""Quality, outcomes and purposes in words for people."""

import re
from datetime import datetime

from babel.numbers import format_decimal

from semblance.audit.search_record import SearchOutcome
from semblance.cases.authorisation import AuthorisationState
from semblance.cases.case import CaseState
from semblance.cases.checklist import Component, Finding
from semblance.cases.examination import ExaminationState
from semblance.cases.lead_check import Field, LeadState
from semblance.cases.opinion import Conclusion, Ground
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
EXAMINATION_WORDS = {
    ExaminationState.FIRST: ("Being examined", "fair"),
    ExaminationState.SECOND: ("Being examined", "fair"),
    ExaminationState.THIRD: ("Being examined", "fair"),
    ExaminationState.LEAD: ("A lead: two people, independently, took a candidate for a potential one", "good"),
    ExaminationState.NO_LEAD: ("No candidate: two people, independently, found none", "good"),
    ExaminationState.INCONCLUSIVE: ("Inconclusive: nothing can be said on these photos", "fair"),
    ExaminationState.LAPSED: ("Lapsed: the probe's time was over before people had concluded", "poor"),
}
"""What an examination waits for or came to; how many people gave their opinion is told to nobody."""

CONCLUSION_WORDS = {
    Conclusion.POTENTIAL: ("Potential candidate", "fair"),
    Conclusion.NO_CANDIDATE: ("No candidate", "good"),
    Conclusion.INCONCLUSIVE: ("Inconclusive", "fair"),
}
GROUND_WORDS = {
    Ground.QUALITY: "Quality of a photo",
    Ground.POSE: "Pose",
    Ground.COVERED: "Something covers the face",
    Ground.EXPRESSION: "Expression",
    Ground.AGE: "Years between the photos",
    Ground.LIGHT: "Light",
    Ground.OTHER: "Something else, in the reason",
}
FINDING_WORDS = {
    Finding.CORRESPONDS: "Corresponds",
    Finding.DIFFERS: "Differs",
    Finding.NOT_VISIBLE: "Not visible",
    Finding.NOT_COMPARABLE: "Not comparable",
}
LEAD_WORDS = {
    LeadState.WAITING: ("Waits for the owner's check", "fair"),
    LeadState.CONFIRMED: ("Confirmed by the owner", "good"),
    LeadState.REFUTED: ("Refuted by the owner: a false positive", "poor"),
    LeadState.UNANSWERED: ("The owner has not answered in time", "poor"),
    LeadState.ERASED: ("The record was erased before its owner answered", "poor"),
}
FIELD_WORDS = {
    Field.NUMBER: "Number of the record",
    Field.KIND: "Kind of record",
    Field.NAMES: "Names",
    Field.BIRTH: "Birth: date and place",
    Field.SEX: "Sex as recorded",
    Field.NATIONALITIES: "Nationalities",
    Field.DOCUMENTS: "Identity documents",
    Field.CIRCUMSTANCES: "Circumstances",
    Field.WARNING: "Warning",
    Field.LEGAL_BASIS: "Legal basis",
}
COMPONENT_WORDS = {
    Component.SKIN: ("Skin", "tone, texture, pores, spots over a larger part"),
    Component.OUTLINE: ("Outline of face and head", "shape of the whole, of the crown, of the sides"),
    Component.COMPOSITION: ("Composition of the face", "proportions and places of the parts to each other"),
    Component.HAIRLINE: ("Hairline and baldness", "shape, recession, direction of growth"),
    Component.FOREHEAD: ("Forehead", "height, width, slope, bulges"),
    Component.EYEBROWS: ("Eyebrows", "shape, thickness, place, gaps, asymmetry"),
    Component.EYES: ("Eyes", "opening, lids, folds, corners, iris, distance"),
    Component.CHEEKS: ("Cheeks", "cheekbones, fullness, dimples"),
    Component.NOSE: ("Nose", "root, bridge, tip, wings, nostrils, deviation"),
    Component.EARS: ("Ears", "size, attachment, helix, lobe, inner folds"),
    Component.MOUTH: ("Mouth", "width, lips, philtrum, corners, teeth where seen"),
    Component.CHIN: ("Chin and jawline", "shape, cleft, angle, asymmetry"),
    Component.NECK: ("Neck", "width, folds, larynx"),
    Component.FACIAL_HAIR: ("Facial hair", "shape, density, pattern of growth"),
    Component.LINES: ("Facial lines", "forehead, between and beside the eyes, nose to mouth"),
    Component.SCARS: ("Scars", "place, shape, size"),
    Component.MARKS: ("Facial marks", "moles, freckles, birthmarks: place and arrangement"),
    Component.ALTERATIONS: ("Alterations", "piercings, tattoos, make-up, surgery"),
}
"""Each component of the checklist, and what is looked at in it."""

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
