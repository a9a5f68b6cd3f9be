"""Enrol one photo into a record that stands: its law is the record's, only the image's source is said anew."""

from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import ImageSource, RecordTerms
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Refusal
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.enrolment_report import EnrolReport
from semblance.workflows.node import Node
from semblance.workflows.require_record import ask_for_record, require_held


def enrol_into(
    node: Node,
    actor: Actor,
    subject: SubjectId,
    data: bytes,
    *,
    name: str,
    source: ImageSource,
    face: int | None = None,
    keep_unsuitable: bool = False,
) -> EnrolReport | Refusal:
    """Enrol the photo and report on it.

    Raises NotFound, RecordFaulty where the source cannot be taken, and what ``enrol_photos`` raises.
    """
    permit = ask_for_record(node, actor, Action.PHOTO_ENROL, subject)
    if isinstance(permit, Refusal):
        return permit
    with node.store.reading() as tx:
        held = require_held(tx, subject)
    draft = held.draft
    terms = RecordTerms(draft.kind, draft.legal_basis, draft.retain_until, source)
    item = IntakeItem(held.number, name, lambda: data, face=face)
    return enrol_photos(node, actor, [item], terms=terms, into=held, keep_unsuitable=keep_unsuitable, workers=1)
