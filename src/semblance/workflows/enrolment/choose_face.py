"""Choose the one face of a photo that shows several; only that face becomes a template."""

from semblance.audit.entry import Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import Conflict, NotFound
from semblance.faces.extractor import extract_face
from semblance.gallery.outcome import IntakeStatus
from semblance.node.node import Node
from semblance.store import gallery, photos
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.ids import PhotoId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.workflows.enrolment.commit_item import add_chosen_face, judge_extraction
from semblance.workflows.enrolment.enrolment_report import EnrolRow
from semblance.workflows.permission import log_act, record_refusal
from semblance.workflows.records.read_record import ask_for_photo, missing_photo, require_held


def choose_face(node: Node, actor: Actor, photo: PhotoId, ordinal: int) -> EnrolRow:
    """Enrol the face with that ordinal of a photo that awaits a choice.

    The row's status is enrolled, or kept_unsuitable with the reasons where the face stays below the suitability line;
    then another face may still be chosen. Raises NotFound where there is no such photo or face, Conflict where the
    photo does not await a choice, PackConflict where the gallery was filled by another pack.
    """
    permit, _ = ask_for_photo(node, actor, Action.PHOTO_CHOOSE, photo)
    with node.store.reading() as tx:
        gallery.require_pack(tx, node.extractor.digest, node.extractor.name)
        stored = _require_waiting(tx, photo)
        data = photos.read_photo_bytes(tx, photo)
    face = next((face for face in stored.faces if face.ordinal == ordinal), None)
    if face is None or data is None:
        raise NotFound(
            "photo.no-such-face",
            "{name} has no face {number}; it has the faces 0 to {last}.",
            name=stored.name,
            number=ordinal,
            last=len(stored.faces) - 1,
        )
    turned = stored.facts.turned
    extraction = extract_face(node.extractor, data, name=stored.name, face=face, turned=turned)
    judged = judge_extraction(extraction, node.suitability, keep_unsuitable=True)
    subject = stored.subject
    with node.store.writing() as tx:
        _require_waiting(tx, photo)
        record = require_held(tx, subject)
        # asked again inside the transaction: the record may have been withdrawn meanwhile
        answer = check_action(node.policy.read(), actor, Action.PHOTO_CHOOSE, record=record.facts)
        if not isinstance(answer, Refusal):
            photos.rejudge_photo(tx, photo, extraction, status=judged.status, reasons=judged.reasons)
            photos.update_photo_outcomes(tx, photo, judged.status, judged.reasons)
            log_act(tx, permit, Verb.ALTERATION, Touched("subject", subject), Touched("photo", photo), at=node.clock())
            if judged.status is IntakeStatus.ENROLLED:
                add_chosen_face(tx, node, subject, photo, extraction)
    if isinstance(answer, Refusal):
        raise record_refusal(node, actor, Action.PHOTO_CHOOSE, answer, touched=(Touched("subject", subject),))
    sha256, faces = stored.facts.sha256, len(extraction.faces)
    return EnrolRow(
        record.number, stored.name, sha256, judged.status, judged.reasons, photo, faces, notes=stored.facts.notes
    )


def _require_waiting(tx: Transaction, photo: PhotoId) -> StoredPhoto:
    stored = photos.find_photo(tx, photo)
    if stored is None:
        raise missing_photo(photo)
    unsuitable_choice = stored.status is IntakeStatus.KEPT_UNSUITABLE and len(stored.faces) > 1
    if stored.status is not IntakeStatus.SEVERAL_FACES and not unsuitable_choice:
        raise Conflict(
            "photo.awaits-no-choice",
            "{name} does not wait for a face to be chosen: it is {status}.",
            name=stored.name,
            status=stored.status,
        )
    return stored
