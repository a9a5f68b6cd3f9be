"""Find a record for somebody who wants to do something with it."""

from semblance.audit.act import Touched
from semblance.cases.check import check_action
from semblance.errors import NotFound
from semblance.gallery.record import Record
from semblance.node.node import Node
from semblance.store import photos, records
from semblance.store.engine import Transaction
from semblance.store.photos import StoredPhoto
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import PhotoId, SubjectId
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.permission import ask, record_refusal


def ask_for_record(node: Node, actor: Actor, action: Action, subject: SubjectId) -> Permit:
    """Return the permit where the actor may do the action to the record; a refusal is recorded, then raised.

    Raises NotFound where there is no such record, and in the same words where the actor's authority may not know of it.
    """
    with node.store.reading() as tx:
        facts = records.find_facts(tx, subject)
    touched = () if facts is None else (Touched("subject", subject),)
    # who may do it to no record at all is told so first, whether or not there is this one
    ask(node, actor, action, touched=touched)
    if facts is None:
        raise missing_record(subject)
    if not facts.is_visible_to(actor.authority):
        answer = check_action(node.policy.read(), actor, action, record=facts)
        if isinstance(answer, Refusal):
            record_refusal(node, actor, action, answer, touched=touched)
            raise missing_record(subject)
    return ask(node, actor, action, record=facts, touched=touched)


def require_held(tx: Transaction, subject: SubjectId) -> Record:
    """Return the record within the transaction in hand; raises NotFound where it was erased meanwhile."""
    record = records.find_record(tx, subject)
    if record is None:
        raise missing_record(subject)
    return record


def missing_record(subject: str) -> NotFound:
    """Return the error for a record that is not held, or that is not to be known of."""
    return NotFound(
        "records.no-record",
        "There is no record {number} here, or it is not open to you; `semblance record list` lists them.",
        number=subject,
    )


def ask_for_photo(node: Node, actor: Actor, action: Action, photo: PhotoId) -> tuple[Permit, StoredPhoto]:
    """Return the photo where the actor may do the action to the record that it belongs to.

    Raises NotFound where there is no such photo, and in the same words where the actor's authority may not know of it.
    """
    with node.store.reading() as tx:
        stored = photos.find_photo(tx, photo)
    if stored is None:
        ask(node, actor, action)
        raise missing_photo(photo)
    try:
        permit = ask_for_record(node, actor, action, stored.subject)
    except NotFound:
        raise missing_photo(photo) from None
    return permit, stored


def missing_photo(photo: PhotoId) -> NotFound:
    """Return the error for a photo that is not held, or that is not to be known of."""
    return NotFound("records.no-photo", "There is no photo {number} here, or it is not open to you.", number=photo)
