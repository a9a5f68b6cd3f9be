"""Make a record of somebody whom nobody could name from a photo of a case: an officer's own act, never a search's.

The photo is enrolled anew from its bytes, judged like any other, and says where it comes from.
"""

from dataclasses import dataclass, replace
from datetime import date

from semblance.audit.entry import Touched, Verb
from semblance.errors import IntakeError
from semblance.exchange.intake import IntakeItem
from semblance.gallery.outcome import IntakeStatus
from semblance.gallery.record import Circumstances, ImageSource, Record, RecordDraft, RecordTerms, RecordVersion
from semblance.gallery.record_faults import find_draft_faults, require_no_faults
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import records, subjects
from semblance.terms.ids import ProbeId
from semblance.terms.permission import Action, Actor
from semblance.terms.record import UNRESTRICTED, RecordKind, Restriction
from semblance.terms.samples import Extraction
from semblance.workflows.cases.probes import ask_for_probe, read_bytes
from semblance.workflows.enrolment.commit_item import commit_item, judge_extraction
from semblance.workflows.enrolment.enrol import begin_run
from semblance.workflows.enrolment.extract_item import ExtractedItem, extract_item
from semblance.workflows.permission import log_act, require_reason
from semblance.workflows.records.read_record import PhotoBytes
from semblance.workflows.records.record_intake import answer_question, begin_record


@dataclass(frozen=True, slots=True)
class UnknownTerms:
    """What an officer says of a new record of somebody whom nobody could name; nothing is checked yet.

    ``neutral`` is the answer to the publish-time question; with no, the record stays a draft.
    """

    legal_basis: str
    retain_until: date
    circumstances: Circumstances
    neutral: bool
    restriction: Restriction = UNRESTRICTED


@dataclass(frozen=True, slots=True)
class TakenPhoto:
    """A photo as it lies in a case: its bytes, the face in question, and where it comes from.

    ``touched`` is what the ledger says that it was taken from.
    """

    data: bytes
    name: str
    face: int | None
    source: ImageSource
    touched: tuple[Touched, ...]


def look_at_probe(node: Node, actor: Actor, probe: ProbeId) -> PhotoBytes:
    """Return the photo of a probe to an officer who may make a record from it; raises NotFound."""
    stored, _, _ = ask_for_probe(node, actor, probe, Action.UNKNOWN_MAKE)
    return PhotoBytes(stored.name, stored.facts.media_type, read_bytes(node, probe), stored.facts.turned)


def take_from_probe(node: Node, actor: Actor, probe: ProbeId, *, face: int | None, obtained: str) -> TakenPhoto:
    """Return the photo of a probe of the actor's authority; raises NotFound, IntakeError for a photo of a record."""
    stored, case, _ = ask_for_probe(node, actor, probe, Action.UNKNOWN_MAKE)
    if stored.origin is not None:
        raise IntakeError(
            "unknown.has-record", "This photo was handed in from a record; who is in it has one, and needs no other."
        )
    source = ImageSource(case.authority, obtained, stored.submitted_at.date())
    return TakenPhoto(
        read_bytes(node, probe), stored.name, face, source, (Touched("probe", probe), Touched("case", case.id))
    )


def make_unknown(node: Node, actor: Actor, taken: TakenPhoto, terms: UnknownTerms, *, reason: str) -> Record:
    """Make a record of the person in the photo, which the actor's authority owns; it is called by a new pseudonym.

    Raises RecordInvalid with every fault, IntakeError where the photo is not fit for a record: then there is none.
    """
    require_reason(reason, Message("reason.no-record-made", "Say why the record is made."))
    draft = RecordDraft(
        RecordKind.UNIDENTIFIED,
        "new",
        terms.legal_basis,
        terms.retain_until,
        terms.restriction,
        circumstances=terms.circumstances,
    )
    require_no_faults(find_draft_faults(draft, today=node.clock().date()))
    given = RecordTerms(
        draft.kind, draft.legal_basis, draft.retain_until, taken.source, draft.restriction, neutral=terms.neutral
    )
    run = begin_run(node, actor, given, keep_unsuitable=False)
    permit = replace(run.permit, rule=f"actions.{Action.UNKNOWN_MAKE.value}", action=Action.UNKNOWN_MAKE)
    item = IntakeItem("new", taken.name, lambda: taken.data, face=taken.face)
    extracted = extract_item(node, item, owner=actor.authority, keep_unsuitable=False)
    _require_fit(node, extracted)
    now = node.clock()
    with node.store.writing() as tx:
        pseudonym = records.take_pseudonym(tx, actor.authority, now.year)
        subject = subjects.add_subject(tx, actor.authority, pseudonym, at=now, person=actor.name).id
        begun = begin_record(subject, actor, replace(draft, number=pseudonym), now=now)
        made = answer_question(
            replace(begun, pseudonym=pseudonym), actor, neutral=terms.neutral, policy=run.policy, now=now
        )
        records.add_record(tx, RecordVersion(made, actor.name, actor.authority, now, reason))
        log_act(tx, permit, Verb.COLLECTION, Touched("subject", subject), *taken.touched, at=now, reason=reason)
        named = replace(extracted, item=replace(item, subject_key=pseudonym), subject_key=pseudonym)
        row = commit_item(tx, node, named, run, now=now)
        assert row.status is IntakeStatus.ENROLLED
    return made


def _require_fit(node: Node, extracted: ExtractedItem) -> None:
    if not isinstance(extracted.result, Extraction):
        raise IntakeError(extracted.result if isinstance(extracted.result, Message) else _UNREAD)
    judged = judge_extraction(
        extracted.result, node.suitability, keep_unsuitable=False, choice_fault=extracted.choice_fault
    )
    if judged.status is not IntakeStatus.ENROLLED:
        raise IntakeError(
            "unknown.photo-unfit",
            "{name} is not fit for a record: {reasons:;}. No record was made.",
            name=extracted.item.name,
            reasons=judged.reasons,
        )


_UNREAD = Message("unknown.photo-unread", "The photo could not be read; try again.")
