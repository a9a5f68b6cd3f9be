"""Choose the one face of a photo that shows several; only that face becomes a template."""

from semblance.audit.act import Act, Touched, Verb
from semblance.errors import Conflict, NotFound
from semblance.gallery.outcome import IntakeStatus
from semblance.store import gallery, ledger, outcomes, photos
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.ids import PhotoId
from semblance.workflows.commit_item import judge_extraction
from semblance.workflows.enrolment_report import EnrolRow
from semblance.workflows.extract_face import extract_face
from semblance.workflows.node import Node
from semblance.workflows.said import require_person


def choose_face(node: Node, photo: PhotoId, ordinal: int, *, person: str) -> EnrolRow:
    """Enrol the face with that ordinal of a photo that awaits a choice.

    The row's status is enrolled, or kept_unsuitable with the reasons where the face stays below the suitability line;
    then another face may still be chosen. Raises NotFound where there is no such photo or face, Conflict where the
    photo does not await a choice, PackConflict where the gallery was filled by another pack.
    """
    require_person(person, "An enrolment names the person who makes it; say who chooses the face.")
    with node.store.reading() as tx:
        gallery.require_pack(tx, node.extractor.digest, node.extractor.name)
        stored = _require_waiting(tx, photo)
        data = photos.read_photo_bytes(tx, photo)
    face = next((face for face in stored.faces if face.ordinal == ordinal), None)
    if face is None or data is None:
        raise NotFound(f"{stored.name} has no face {ordinal}; it has the faces 0 to {len(stored.faces) - 1}.")
    extraction = extract_face(node.extractor, data, name=stored.name, face=face)
    judged = judge_extraction(extraction, node.suitability, keep_unsuitable=True)
    with node.store.writing() as tx:
        now_stored = _require_waiting(tx, photo)
        photos.rejudge_photo(tx, photo, status=judged.status, reasons=judged.reasons, faces=extraction.faces)
        outcomes.update_photo_outcomes(tx, photo, judged.status, judged.reasons)
        touched = (Touched("subject", now_stored.subject), Touched("photo", photo))
        act = Act(Verb.ALTERATION, "photo.choose-face", person, node.authority, touched=touched)
        ledger.append(tx, act, at=node.clock())
        if judged.status is IntakeStatus.ENROLLED:
            assert extraction.template is not None
            assert extraction.chosen is not None
            gallery.add_reference(
                tx,
                subject=now_stored.subject,
                photo=photo,
                ordinal=extraction.chosen,
                template=extraction.template,
                pack_name=node.extractor.name,
            )
    return EnrolRow(
        subject_key=stored.subject_key,
        name=stored.name,
        sha256=stored.facts.sha256,
        status=judged.status,
        reasons=judged.reasons,
        photo=photo,
        faces=len(extraction.faces),
    )


def _require_waiting(tx: Transaction, photo: PhotoId) -> StoredPhoto:
    stored = photos.find_photo(tx, photo)
    if stored is None:
        raise NotFound(f"There is no photo {photo}.")
    unsuitable_choice = stored.status is IntakeStatus.KEPT_UNSUITABLE and len(stored.faces) > 1
    if stored.status is not IntakeStatus.SEVERAL_FACES and not unsuitable_choice:
        raise Conflict(f"{stored.name} does not wait for a face to be chosen: it is {stored.status.value}.")
    return stored
