"""Judge an examined photo and write the outcome; the rules of what may follow what stand here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from semblance.audit.act import Touched, Verb
from semblance.cases.check import check_action
from semblance.cases.policy import Policy
from semblance.gallery.kinds import KINDS
from semblance.gallery.outcome import KEPT, IntakeOutcome, IntakeStatus
from semblance.gallery.record import RecordTerms
from semblance.gallery.record_faults import find_missing
from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.node.node import Node
from semblance.store import gallery, ledger, outcomes, photos, records, subjects
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import PhotoId, SubjectId, make_id
from semblance.terms.permission import Permit, Refusal
from semblance.terms.samples import Extraction
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.enrolment.extract_item import Examined, NotExtracted, still_holds
from semblance.workflows.permission import describe_act
from semblance.workflows.records.record_intake import draft_from_terms, take_record

_NAMED_AT_MOST: Final = 10
"""Of so many other records a photo's outcome says that it stands under them, too."""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Who enrols what under which terms, the same for every photo of a run."""

    actor: Actor
    permit: Permit
    policy: Policy
    terms: RecordTerms
    keep_unsuitable: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a photo is found to be, by itself."""

    status: IntakeStatus
    reasons: tuple[str, ...] = ()


def commit_item(tx: Transaction, node: Node, examined: Examined, run: Enrolling, *, now: datetime) -> EnrolRow:
    """Write one photo's outcome within the transaction in hand, and return it as a row of the report."""
    item, key, sha256, owner = examined.item, examined.subject_key, examined.sha256, run.actor.authority
    if sha256 is None:
        assert isinstance(examined.result, str)
        return EnrolRow(key, item.name, None, IntakeStatus.UNREADABLE, (examined.result,))
    subject = subjects.find_subject_id(tx, owner, key)
    if item.draft is not None:
        subject = take_record(tx, run.actor, item.draft, run.terms, held=subject, policy=run.policy, now=now)
    # asked again inside the transaction: another enrolment may have been quicker
    remembered = outcomes.find_outcome(tx, owner, key, item.name, sha256)
    if remembered is not None and still_holds(remembered, examined.judged_under):
        return EnrolRow(key, item.name, sha256, remembered.status, remembered.reasons, remembered.photo, resumed=True)
    barred = _find_bar(tx, run, subject)
    if barred is not None:
        return EnrolRow(key, item.name, sha256, IntakeStatus.BARRED, (barred,))
    held = None if subject is None else photos.find_same_photo(tx, subject, sha256)
    if held is not None and held.status is IntakeStatus.ENROLLED:
        row = _find_duplicate(examined, held)
    elif isinstance(examined.result, str):
        row = EnrolRow(key, item.name, sha256, IntakeStatus.UNREADABLE, (examined.result,))
    elif isinstance(examined.result, NotExtracted):
        # what made extraction needless was erased while this photo waited for its turn
        sentence = f"{item.name} was erased during the enrolment; enrol it again if that is wanted"
        return EnrolRow(key, item.name, sha256, IntakeStatus.UNREADABLE, (sentence,))
    else:
        row = _take(tx, node, examined, examined.result, held, subject, run=run, now=now)
    outcomes.remember_outcome(
        tx, owner, IntakeOutcome(key, item.name, sha256, row.status, row.reasons, row.photo, examined.judged_under)
    )
    return row


def judge_extraction(
    extraction: Extraction, line: SuitabilityLine, *, keep_unsuitable: bool, choice_fault: str | None = None
) -> Judgement:
    """Return what the photo is: no face, several faces of which none is chosen, unsuitable, or fit to be enrolled."""
    if not extraction.faces:
        return Judgement(
            IntakeStatus.NO_FACE,
            ("no face was found in the photo; use one that shows the face larger, or from the front",),
        )
    if choice_fault is not None:
        return Judgement(IntakeStatus.SEVERAL_FACES, (choice_fault, "choose one of the faces that were found"))
    if extraction.template is None or extraction.chosen is None:
        return Judgement(IntakeStatus.SEVERAL_FACES, (f"{len(extraction.faces)} faces were found; choose one of them",))
    face = next(face for face in extraction.faces if face.ordinal == extraction.chosen)
    shortfalls = judge_suitability(face, line)
    if shortfalls:
        status = IntakeStatus.KEPT_UNSUITABLE if keep_unsuitable else IntakeStatus.UNSUITABLE
        return Judgement(status, tuple(shortfall.sentence for shortfall in shortfalls))
    return Judgement(IntakeStatus.ENROLLED)


def _find_duplicate(examined: Examined, held: StoredPhoto) -> EnrolRow:
    item, key = examined.item, examined.subject_key
    if held.name == item.name:
        return EnrolRow(key, item.name, examined.sha256, held.status, held.reasons, held.id, resumed=True)
    sentence = f"the same photo already stands under this subject as {held.name}"
    return EnrolRow(key, item.name, examined.sha256, IntakeStatus.DUPLICATE, (sentence,), held.id)


def _find_bar(tx: Transaction, run: Enrolling, subject: SubjectId | None) -> str | None:
    """Return why nothing may be added to the subject's record as it stands, or None."""
    facts = None if subject is None else records.find_facts(tx, subject)
    if facts is None:
        return None
    answer = check_action(run.policy, run.actor, Action.PHOTO_ENROL, record=facts)
    return answer.reason if isinstance(answer, Refusal) else None


def _take(
    tx: Transaction,
    node: Node,
    examined: Examined,
    extraction: Extraction,
    held: StoredPhoto | None,
    subject: SubjectId | None,
    *,
    run: Enrolling,
    now: datetime,
) -> EnrolRow:
    item, key = examined.item, examined.subject_key
    judged = judge_extraction(
        extraction, node.suitability, keep_unsuitable=run.keep_unsuitable, choice_fault=examined.choice_fault
    )
    if held is not None and judged.status is not IntakeStatus.ENROLLED and held.name != item.name:
        return _find_duplicate(examined, held)
    if held is not None and judged.status not in KEPT:
        # it is held already; refusing it now does not undo that somebody decided to keep it
        judged = Judgement(held.status, held.reasons if judged.status is IntakeStatus.NO_FACE else judged.reasons)
        return EnrolRow(key, item.name, examined.sha256, held.status, judged.reasons, held.id, len(extraction.faces))
    if judged.status not in KEPT:
        return EnrolRow(key, item.name, examined.sha256, judged.status, judged.reasons, None, len(extraction.faces))
    reasons = judged.reasons + _find_notes(tx, run.actor, extraction, subject)
    if subject is None:
        subject = take_record(tx, run.actor, key, run.terms, held=None, policy=run.policy, now=now)
        reasons += _explain_draft(key, run.terms)
    if held is None:
        photo = _add(tx, subject, examined, extraction, Judgement(judged.status, reasons), run=run, now=now)
    else:
        photo = held.id
        photos.rejudge_photo(tx, photo, status=judged.status, reasons=reasons, faces=extraction.faces)
        outcomes.update_photo_outcomes(tx, photo, judged.status, reasons)
    touched = (Touched("subject", subject), Touched("photo", photo))
    verb, action = (Verb.COLLECTION, "photo.enrol") if held is None else (Verb.ALTERATION, "photo.rejudge")
    ledger.append(tx, describe_act(run.actor, run.permit, verb, action, touched=touched), at=now)
    if judged.status is IntakeStatus.ENROLLED:
        assert extraction.template is not None
        assert extraction.chosen is not None
        gallery.add_reference(
            tx,
            owner=subject,
            photo=photo,
            ordinal=extraction.chosen,
            template=extraction.template,
            pack_name=node.extractor.name,
        )
    return EnrolRow(key, item.name, examined.sha256, judged.status, reasons, photo, len(extraction.faces))


def _explain_draft(key: str, terms: RecordTerms) -> tuple[str, ...]:
    """Return why the record of a new subject stays a draft, where somebody asked for more."""
    lacking = [fault.field.rpartition(".")[2] for fault in find_missing(draft_from_terms(key, terms))]
    if not lacking or not terms.neutral:
        return ()
    return (f"its record stays a draft until it says: {', '.join(lacking)} (a {KINDS[terms.kind].title} needs that)",)


def _find_notes(tx: Transaction, actor: Actor, extraction: Extraction, subject: SubjectId | None) -> tuple[str, ...]:
    """Return where else the same photo stands, as far as the actor's authority may know of those records."""
    others = [other for other in photos.find_subjects_with(tx, extraction.facts.sha256) if other != subject]
    notes: list[str] = []
    for start in range(0, len(others), _NAMED_AT_MOST):
        some = others[start : start + _NAMED_AT_MOST]
        headings = records.read_headings(tx, some)
        notes += [
            f"the same photo stands under record {headings[other].number} of {headings[other].facts.owner}"
            for other in some
            if other in headings and headings[other].facts.is_visible_to(actor.authority)
        ]
        if len(notes) > _NAMED_AT_MOST:
            return (*notes[:_NAMED_AT_MOST], "the same photo stands under more records")
    return tuple(notes)


def _add(
    tx: Transaction,
    subject: SubjectId,
    examined: Examined,
    extraction: Extraction,
    judged: Judgement,
    *,
    run: Enrolling,
    now: datetime,
) -> PhotoId:
    stored = StoredPhoto(
        id=PhotoId(make_id()),
        subject=subject,
        owner=run.actor.authority,
        name=examined.item.name,
        status=judged.status,
        reasons=judged.reasons,
        facts=extraction.facts,
        captured=examined.item.captured,
        source=examined.item.origin or run.terms.source,
        note=examined.item.source,
        enrolled_at=now,
        enrolled_by=run.actor.name,
        faces=extraction.faces,
        chosen=None,
    )
    photos.add_photo(tx, stored, examined.data)
    return stored.id
