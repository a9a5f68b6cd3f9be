"""Hand a photo of a record in as a probe of a case, to be compared with other records as any probe is."""

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import CaseState
from semblance.cases.check import check_compared
from semblance.errors import Conflict, NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, photos, probes, records
from semblance.store.photos import StoredPhoto
from semblance.store.probes import StoredProbe
from semblance.terms.ids import CaseId, PhotoId, ProbeId, SubjectId, make_id
from semblance.terms.permission import Action, Actor
from semblance.workflows.cases.cases import ask_for_case
from semblance.workflows.cases.probes import UNSEARCHED_LIFE, refuse_probes
from semblance.workflows.permission import log_act, record_refusal, require_reason
from semblance.workflows.records.read_record import ask_for_record, missing_photo, require_held


def compare_record(
    node: Node, actor: Actor, subject: SubjectId, case_id: CaseId, *, reason: str, photo: PhotoId | None = None
) -> StoredProbe:
    """Hold a photo of a record as a probe of an open case of the actor's authority, with its chosen face alone.

    Without ``photo`` it is the newest of which the record has a reference. Who may be compared with whom is the
    policy's, for the purpose of the case. Nothing is searched yet; the probe ends with the record, and nobody finds it
    while the record is not active or not open to the authority. Raises NotFound, Conflict where the case is not open.
    """
    require_reason(reason, Message("compare.reason-missing", "Say why the record is compared with others."))
    permit = ask_for_record(node, actor, Action.UNKNOWN_COMPARE, subject)
    case, _ = ask_for_case(node, actor, Action.UNKNOWN_COMPARE, case_id)
    with node.store.reading() as tx:
        record = require_held(tx, subject)
    if refusal := check_compared(node.policy.read(), case.draft.purpose, record.facts):
        raise record_refusal(node, actor, Action.UNKNOWN_COMPARE, refusal, touched=(Touched("subject", subject),))
    now = node.clock()
    with node.store.writing() as tx:
        current, facts = cases.find_case(tx, case.id), records.find_facts(tx, subject)
        if current is None or current.state is not CaseState.OPEN:
            raise refuse_probes(current or case)
        chosen = _choose(photos.list_photos(tx, subject), photo)
        data = photos.read_photo_bytes(tx, chosen.id)
        assert data is not None
        assert chosen.chosen_face is not None
        stored = StoredProbe(
            id=ProbeId(make_id()),
            case=case.id,
            name=record.pseudonym or record.number,
            facts=chosen.facts,
            # nobody else in the photo is searched
            faces=(chosen.chosen_face,),
            submitted_at=now,
            submitted_by=actor.name,
            expires_at=now + UNSEARCHED_LIFE,
            origin=subject,
        )
        probes.add_probe(tx, stored, data)
        if facts is None or probes.find_probe(tx, stored.id, now=now) is None:
            raise Conflict(
                "compare.record-closed", "The record was withdrawn or closed to you meanwhile; nothing was handed in."
            )
        cases.touch_case(tx, case.id, now)
        touched = Touched("probe", stored.id), Touched("case", case.id), Touched("subject", subject)
        log_act(tx, permit, Verb.COLLECTION, *touched, at=now, case=case, reason=reason)
    return stored


def _choose(held: tuple[StoredPhoto, ...], wanted: PhotoId | None) -> StoredPhoto:
    references = [photo for photo in held if photo.chosen_face is not None]
    if wanted is not None:
        references = [photo for photo in references if photo.id == wanted]
        if not references:
            raise missing_photo(wanted)
    if not references:
        raise NotFound(
            "compare.no-photo", "The record has no photo that can be compared; enrol one, or choose a face first."
        )
    return references[-1]
