"""Judge a photo that was extracted and write the outcome; the rules of what may follow what stand here."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import check_action
from semblance.cases.policy import Policy
from semblance.faces.formats import OTHER_FRAMES
from semblance.gallery.kinds import KINDS
from semblance.gallery.outcome import KEPT, IntakeOutcome, IntakeStatus
from semblance.gallery.record import RecordTerms
from semblance.gallery.record_faults import find_missing
from semblance.gallery.suitability import SuitabilityLine, judge_suitability
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import gallery, photos, records, subjects
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.ids import PhotoId, SubjectId, make_id
from semblance.terms.permission import Action, Actor, Refusal
from semblance.terms.samples import Extraction
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.enrolment.extract_item import ExtractedItem, NotExtracted, still_holds
from semblance.workflows.permission import Permitted, log_act
from semblance.workflows.records.record_intake import draft_from_terms, take_record

_NAMED_AT_MOST: Final = 10
"""Of so many other records a photo's outcome says that it stands under them, too."""


@dataclass(frozen=True, slots=True)
class Enrolling:
    """Who enrols what under which terms, the same for every photo of a run."""

    actor: Actor
    permit: Permitted
    policy: Policy
    terms: RecordTerms
    keep_unsuitable: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a photo is found to be, by itself."""

    status: IntakeStatus
    reasons: tuple[Message, ...] = ()


def commit_item(tx: Transaction, node: Node, extracted: ExtractedItem, run: Enrolling, *, now: datetime) -> EnrolRow:
    """Write one photo's outcome within the transaction in hand, and return it as a row of the report."""
    item, sha256, owner = extracted.item, extracted.sha256, run.actor.authority
    row = EnrolRow(extracted.subject_key, item.name, sha256, IntakeStatus.UNREADABLE)
    if sha256 is None:
        assert isinstance(extracted.result, Message)
        return replace(row, reasons=(extracted.result,))
    subject = subjects.find_subject_id(tx, owner, row.subject)
    if item.draft is not None:
        subject = take_record(tx, run.actor, item.draft, run.terms, subject=subject, policy=run.policy, now=now)
    # asked again inside the transaction: another enrolment may have been quicker
    remembered = photos.find_outcome(tx, owner, row.subject, item.name, sha256)
    if remembered is not None and still_holds(remembered, extracted.judged_under):
        return replace(row, status=remembered.status, reasons=remembered.reasons, photo=remembered.photo, resumed=True)
    barred = _find_bar(tx, run, subject)
    if barred is not None:
        return replace(row, status=IntakeStatus.BARRED, reasons=(barred,))
    same = None if subject is None else photos.find_same_photo(tx, subject, sha256)
    if same is not None and same.status is IntakeStatus.ENROLLED:
        row = _find_duplicate(row, same)
    elif isinstance(extracted.result, Message):
        row = replace(row, reasons=(extracted.result,))
    elif isinstance(extracted.result, NotExtracted):
        # what made extraction needless was erased while this photo waited for its turn
        erased = Message(
            "photo.erased-meanwhile",
            "{name} was erased during the enrolment; enrol it again if that is wanted",
            name=item.name,
        )
        row = replace(row, reasons=(erased,))
    else:
        row = _take(tx, node, row, extracted, extracted.result, same, subject, run=run, now=now)
    under = extracted.judged_under
    outcome = IntakeOutcome(row.subject, item.name, sha256, row.status, row.reasons, row.photo, under)
    photos.remember_outcome(tx, owner, outcome)
    return row


def judge_extraction(
    extraction: Extraction, line: SuitabilityLine, *, keep_unsuitable: bool, choice_fault: Message | None = None
) -> Judgement:
    """Return what the photo is: no face, several faces of which none is chosen, unsuitable, or fit to be enrolled."""
    if not extraction.faces:
        faceless = Message(
            "photo.no-face", "no face was found in the photo; use one that shows the face larger, or from the front"
        )
        return Judgement(IntakeStatus.NO_FACE, (faceless, *_name_other_pages(extraction)))
    if choice_fault is not None:
        choose = Message("photo.choose-face", "choose one of the faces that were found")
        return Judgement(IntakeStatus.SEVERAL_FACES, (choice_fault, choose))
    if extraction.template is None or extraction.chosen is None:
        several = Message("photo.several-faces", "{n} faces were found; choose one of them", n=len(extraction.faces))
        return Judgement(IntakeStatus.SEVERAL_FACES, (several,))
    face = next(face for face in extraction.faces if face.ordinal == extraction.chosen)
    reasons = [shortfall.message for shortfall in judge_suitability(face, line)]
    undecoded = extraction.facts.undecoded
    if undecoded is not None and face.box.touches(undecoded):
        reasons.append(
            Message("photo.face-undecoded", "the file has not all pixels of the face; get it again from where it came")
        )
    if extraction.doubtful:
        turn = Message(
            "photo.turn-and-enrol",
            "it cannot be told which way up the face is; turn the photo so that it stands upright, and enrol it again",
        )
        reasons.insert(0, turn)
    if reasons:
        status = IntakeStatus.KEPT_UNSUITABLE if keep_unsuitable else IntakeStatus.UNSUITABLE
        return Judgement(status, tuple(reasons))
    return Judgement(IntakeStatus.ENROLLED)


def _name_other_pages(extraction: Extraction) -> tuple[Message, ...]:
    """Return that the face may be on a page or in a frame that nobody looked at."""
    if not any(note.identifier in OTHER_FRAMES for note in extraction.facts.notes):
        return ()
    return (
        Message(
            "photo.other-pages",
            "the file holds more than the picture that was looked at: save the one with the face as a file of its own",
        ),
    )


def add_chosen_face(tx: Transaction, node: Node, subject: SubjectId, photo: PhotoId, extraction: Extraction) -> None:
    """Make the chosen face of a photo a reference of the subject."""
    chosen, template, pack = extraction.chosen, extraction.template, node.extractor.name
    assert chosen is not None
    assert template is not None
    gallery.add_reference(tx, owner=subject, photo=photo, ordinal=chosen, template=template, pack_name=pack)


def _find_duplicate(row: EnrolRow, same: StoredPhoto) -> EnrolRow:
    row = replace(row, notes=same.facts.notes)
    if same.name == row.name:
        return replace(row, status=same.status, reasons=same.reasons, photo=same.id, resumed=True)
    stands = Message("photo.duplicate", "the same photo already stands under this subject as {name}", name=same.name)
    return replace(row, status=IntakeStatus.DUPLICATE, reasons=(stands,), photo=same.id)


def _find_bar(tx: Transaction, run: Enrolling, subject: SubjectId | None) -> Message | None:
    """Return why nothing may be added to the subject's record as it stands, or None."""
    facts = None if subject is None else records.find_facts(tx, subject)
    if facts is None:
        return None
    answer = check_action(run.policy, run.actor, Action.PHOTO_ENROL, record=facts)
    return answer.message if isinstance(answer, Refusal) else None


def _take(
    tx: Transaction,
    node: Node,
    row: EnrolRow,
    extracted: ExtractedItem,
    extraction: Extraction,
    same: StoredPhoto | None,
    subject: SubjectId | None,
    *,
    run: Enrolling,
    now: datetime,
) -> EnrolRow:
    judged = judge_extraction(
        extraction, node.suitability, keep_unsuitable=run.keep_unsuitable, choice_fault=extracted.choice_fault
    )
    if same is not None and judged.status is not IntakeStatus.ENROLLED and same.name != row.name:
        return _find_duplicate(row, same)
    faces, notes = len(extraction.faces), extraction.facts.notes
    row = replace(row, status=judged.status, reasons=judged.reasons, faces=faces, notes=notes)
    if judged.status not in KEPT:
        if same is None:
            return row
        # it is held already; refusing it now does not undo that somebody decided to keep it
        reasons = same.reasons if judged.status is IntakeStatus.NO_FACE else judged.reasons
        return replace(row, status=same.status, reasons=reasons, photo=same.id)
    reasons = judged.reasons + _find_notes(tx, run.actor, extraction, subject)
    if subject is None:
        subject = take_record(tx, run.actor, row.subject, run.terms, subject=None, policy=run.policy, now=now)
        reasons += _explain_draft(row.subject, run.terms)
    if same is None:
        photo = PhotoId(make_id())
        stored = StoredPhoto(
            id=photo,
            subject=subject,
            owner=run.actor.authority,
            name=row.name,
            status=judged.status,
            reasons=reasons,
            facts=extraction.facts,
            captured=extracted.item.captured,
            source=extracted.item.origin or run.terms.source,
            note=extracted.item.source,
            enrolled_at=now,
            enrolled_by=run.actor.name,
            faces=extraction.faces,
            chosen=None,
        )
        photos.add_photo(tx, stored, extracted.data)
    else:
        photo = same.id
        photos.rejudge_photo(tx, photo, extraction, status=judged.status, reasons=reasons)
        photos.update_photo_outcomes(tx, photo, judged.status, reasons)
    verb, action = (Verb.COLLECTION, "photo.enrol") if same is None else (Verb.ALTERATION, "photo.rejudge")
    log_act(tx, run.permit, verb, Touched("subject", subject), Touched("photo", photo), at=now, action=action)
    if judged.status is IntakeStatus.ENROLLED:
        add_chosen_face(tx, node, subject, photo, extraction)
    return replace(row, reasons=reasons, photo=photo)


def _explain_draft(number: str, terms: RecordTerms) -> tuple[Message, ...]:
    """Return why the record of a new subject stays a draft, where somebody asked for more."""
    missing = [fault.field for fault in find_missing(draft_from_terms(number, terms))]
    if not missing or not terms.neutral:
        return ()
    return (
        Message(
            "photo.record-stays-draft",
            "its record stays a draft until it says: {fields} (a {kind} needs that)",
            fields=[field.rpartition(".")[2] for field in missing],
            kind=KINDS[terms.kind].title,
        ),
    )


def _find_notes(
    tx: Transaction, actor: Actor, extraction: Extraction, subject: SubjectId | None
) -> tuple[Message, ...]:
    """Return where else the same photo stands, as far as the actor's authority may know of those records."""
    others = [other for other in photos.find_subjects_with(tx, extraction.facts.sha256) if other != subject]
    notes: list[Message] = []
    for start in range(0, len(others), _NAMED_AT_MOST):
        part = others[start : start + _NAMED_AT_MOST]
        headings = records.read_headings(tx, part)
        notes += [
            Message(
                "photo.stands-elsewhere",
                "the same photo stands under record {number} of {authority}",
                number=headings[other].number,
                authority=headings[other].facts.owner,
            )
            for other in part
            if other in headings and headings[other].facts.is_visible_to(actor.authority)
        ]
        if len(notes) > _NAMED_AT_MOST:
            more = Message("photo.stands-under-more", "the same photo stands under more records")
            return (*notes[:_NAMED_AT_MOST], more)
    return tuple(notes)
