"""Judge an examined photo and write the outcome; the rules of what may follow what stand here."""

from dataclasses import dataclass
from datetime import datetime

from semblance.audit.act import Act, Touched, Verb
from semblance.gallery.outcome import KEPT, IntakeOutcome, IntakeStatus
from semblance.gallery.subject import Subject
from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.store import gallery, ledger, outcomes, photos, subjects
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.ids import PhotoId, make_id
from semblance.terms.samples import Extraction
from semblance.workflows.enrolment_report import EnrolRow
from semblance.workflows.examine_item import Examined, NotExtracted, still_holds
from semblance.workflows.node import Node


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a photo is found to be, by itself."""

    status: IntakeStatus
    reasons: tuple[str, ...] = ()


def commit_item(
    tx: Transaction, node: Node, examined: Examined, *, person: str, keep_unsuitable: bool, now: datetime
) -> EnrolRow:
    """Write one photo's outcome within the transaction in hand, and return it as a row of the report."""
    item, key, sha256 = examined.item, examined.subject_key, examined.sha256
    if sha256 is None:
        assert isinstance(examined.result, str)
        return EnrolRow(key, item.name, None, IntakeStatus.UNREADABLE, (examined.result,))
    # asked again inside the transaction: another enrolment may have been quicker
    remembered = outcomes.find_outcome(tx, key, item.name, sha256)
    if remembered is not None and still_holds(remembered, examined.judged_under):
        return EnrolRow(key, item.name, sha256, remembered.status, remembered.reasons, remembered.photo, resumed=True)
    held = photos.find_same_photo(tx, key, sha256)
    if held is not None and held.status is IntakeStatus.ENROLLED:
        row = _find_duplicate(examined, held)
    elif isinstance(examined.result, str):
        row = EnrolRow(key, item.name, sha256, IntakeStatus.UNREADABLE, (examined.result,))
    elif isinstance(examined.result, NotExtracted):
        # what made extraction needless was deleted while this photo waited for its turn
        sentence = f"{item.name} was deleted during the enrolment; enrol it again if that is wanted"
        return EnrolRow(key, item.name, sha256, IntakeStatus.UNREADABLE, (sentence,))
    else:
        row = _take(tx, node, examined, examined.result, held, person=person, keep_unsuitable=keep_unsuitable, now=now)
    outcomes.remember_outcome(
        tx, IntakeOutcome(key, item.name, sha256, row.status, row.reasons, row.photo, examined.judged_under)
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


def _take(
    tx: Transaction,
    node: Node,
    examined: Examined,
    extraction: Extraction,
    held: StoredPhoto | None,
    *,
    person: str,
    keep_unsuitable: bool,
    now: datetime,
) -> EnrolRow:
    item, key = examined.item, examined.subject_key
    judged = judge_extraction(
        extraction, node.suitability, keep_unsuitable=keep_unsuitable, choice_fault=examined.choice_fault
    )
    if held is not None and judged.status is not IntakeStatus.ENROLLED and held.name != item.name:
        return _find_duplicate(examined, held)
    if held is not None and judged.status not in KEPT:
        # it is held already; refusing it now does not undo that somebody decided to keep it
        judged = Judgement(held.status, held.reasons if judged.status is IntakeStatus.NO_FACE else judged.reasons)
        return EnrolRow(key, item.name, examined.sha256, held.status, judged.reasons, held.id, len(extraction.faces))
    if judged.status not in KEPT:
        return EnrolRow(key, item.name, examined.sha256, judged.status, judged.reasons, None, len(extraction.faces))
    others = tuple(other for other in photos.find_keys_with(tx, extraction.facts.sha256) if other != key)
    notes = tuple(f"the same photo stands under subject {other}" for other in others)
    reasons = judged.reasons + notes
    if held is None:
        subject = subjects.find_subject(tx, key) or subjects.add_subject(tx, key, at=now, person=person)
        photo = _add(tx, subject, examined, extraction, Judgement(judged.status, reasons), person=person, now=now)
        owner = subject.id
    else:
        photo, owner = held.id, held.subject
        photos.rejudge_photo(tx, photo, status=judged.status, reasons=reasons, faces=extraction.faces)
        outcomes.update_photo_outcomes(tx, photo, judged.status, reasons)
    touched = (Touched("subject", owner), Touched("photo", photo))
    verb, action = (Verb.COLLECTION, "photo.enrol") if held is None else (Verb.ALTERATION, "photo.rejudge")
    ledger.append(tx, Act(verb, action, person, node.authority, touched=touched), at=now)
    if judged.status is IntakeStatus.ENROLLED:
        assert extraction.template is not None
        assert extraction.chosen is not None
        gallery.add_reference(
            tx,
            subject=owner,
            photo=photo,
            ordinal=extraction.chosen,
            template=extraction.template,
            pack_name=node.extractor.name,
        )
    return EnrolRow(key, item.name, examined.sha256, judged.status, reasons, photo, len(extraction.faces))


def _add(
    tx: Transaction,
    subject: Subject,
    examined: Examined,
    extraction: Extraction,
    judged: Judgement,
    *,
    person: str,
    now: datetime,
) -> PhotoId:
    stored = StoredPhoto(
        id=PhotoId(make_id()),
        subject=subject.id,
        subject_key=subject.key,
        name=examined.item.name,
        status=judged.status,
        reasons=judged.reasons,
        facts=extraction.facts,
        captured=examined.item.captured,
        source=examined.item.source,
        enrolled_at=now,
        enrolled_by=person,
        faces=extraction.faces,
        chosen=None,
    )
    photos.add_photo(tx, stored, examined.data)
    return stored.id
