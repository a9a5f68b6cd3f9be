"""The owner's check of a lead: what waits, both photos, the answer, and what is released of the record to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from semblance.audit.act import Act, Touched, Verb
from semblance.cases.case import Case
from semblance.cases.examination import Examination
from semblance.cases.lead_check import Field, HeldLead, LeadState, OwnerAnswer, check_answer
from semblance.errors import Conflict, NotFound
from semblance.gallery.kinds import KINDS
from semblance.gallery.record import Record
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, examinations, leads, ledger, photos, probes, records, searches
from semblance.store.engine import Transaction
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import LeadId
from semblance.terms.notification import LeadNotice
from semblance.terms.permission import Permit, Refusal
from semblance.workflows.examination.comparison import (
    ComparedBytes,
    ComparedFace,
    find_compared_face,
    find_compared_reference,
)
from semblance.workflows.examination.queue_lead_notice import queue_lead_notice
from semblance.workflows.permission import ask, describe_act, record_refusal

OPEN = (LeadState.WAITING, LeadState.UNANSWERED)
_ENDED = (LeadState.CONFIRMED, LeadState.REFUTED, LeadState.ERASED)
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ListedLead:
    """A lead on one of the reader's records; ``number`` is None where the record was erased."""

    lead: HeldLead
    number: str | None


@dataclass(frozen=True, slots=True)
class LeadDetail:
    """A lead before its owner: the photo in question beside the owner's own, and what could be released.

    Of the case the owner learns the purpose and the part of the person in question, not its number or reason. Neither
    side is there after the probe's time, or after the record was erased. ``fields`` are what could be released,
    ``released`` what was, to the authority that searched.
    """

    lead: HeldLead
    purpose: str
    category: str
    number: str | None
    probe: ComparedFace | None
    reference: ComparedFace | None
    fields: Mapping[Field, str]
    released: Mapping[Field, str]


def list_leads(node: Node, actor: Actor, *, waiting: bool = True) -> tuple[ListedLead, ...]:
    """Return the leads on records of the actor's authority, nearest deadline first; the list is a consultation."""
    permit = ask(node, actor, Action.LEAD_VERIFY, owner=actor.authority)
    with node.store.writing() as tx:
        found = leads.list_of_owner(tx, actor.authority, states=OPEN if waiting else _ENDED, limit=_SHOWN)
        names = records.read_headings(tx, [one.subject for one in found if one.subject])
        touched = tuple(Touched("subject", one.subject) for one in found if one.subject in names)
        act = describe_act(
            actor, permit, Verb.CONSULTATION, Action.LEAD_VERIFY, reason="a list of leads", touched=touched
        )
        ledger.append(tx, act, at=node.clock())
    return tuple(ListedLead(one, names[one.subject].number if one.subject in names else None) for one in found)


def read_lead(node: Node, actor: Actor, which: LeadId) -> LeadDetail:
    """Return a lead on a record of the actor's authority, and note that it was read; raises NotFound."""
    found = _ask(node, actor, which)
    held, permit = found
    with node.store.writing() as tx:
        examination, case = _require_context(tx, held)
        record = records.find_record(tx, held.subject)
        probe, reference = _find_sides(tx, node, held, examination)
        released = leads.read_released(tx, held.id, held.authority)
        act = _describe(actor, permit, Verb.CONSULTATION, held, "a lead")
        ledger.append(tx, act, at=node.clock())
    return LeadDetail(
        lead=held,
        purpose=case.draft.purpose.value,
        category=case.draft.category.value,
        number=None if record is None else record.number,
        probe=None if probe is None else ComparedFace(probe.facts, probe.face),
        reference=None if reference is None else ComparedFace(reference.facts, reference.face),
        fields={} if record is None else write_fields(record),
        released={Field(name): value for name, value in (released or {}).items()},
    )


def read_lead_side(node: Node, actor: Actor, which: LeadId, *, probe: bool) -> ComparedBytes:
    """Return the photo in question, or the owner's own; raises NotFound where it is not held any more."""
    found = _ask(node, actor, which)
    with node.store.reading() as tx:
        examination, _ = _require_context(tx, found[0])
        side = _find_sides(tx, node, found[0], examination)[0 if probe else 1]
    if side is None:
        raise NotFound(
            "examination.photo-not-held-any-more-2",
            "This photo is not held any more: its time was over, or its record was erased.",
        )
    return side


def answer_lead(node: Node, actor: Actor, which: LeadId, answer: OwnerAnswer) -> HeldLead:
    """Confirm or refute a lead for the record's owner, and release what is released; whoever searched is told.

    Refused by ``check_answer``'s rules. Raises NotFound, and Conflict where somebody answered meanwhile.
    """
    found = _ask(node, actor, which)
    _, permit = found
    now = node.clock()
    with node.store.writing() as tx:
        held = leads.find_lead(tx, which)
        record = None if held is None else records.find_record(tx, held.subject)
        if held is None or record is None:
            raise Conflict(
                "examination.record-erased-meanwhile-nothing-left",
                "The record was erased meanwhile, so that there is nothing left to check.",
            )
        examination, _ = _require_context(tx, held)
        examiners = {one.person for one in examinations.list_reviews(tx, examination.id)}
        search = searches.find_search(tx, examination.search)
        if search is not None:
            examiners.add(search.person)
        checked = check_answer(held, answer, frozenset(examiners), actor.name)
        key = searches.find_search_key(tx, examination.search)
        if key is None:
            raise NotFound(
                "examination.search-found-erased-when-time-4",
                "What this search found was erased when its time was over.",
            )
        if isinstance(checked, Permit):
            known = write_fields(record)
            released = {field.value: known[field] for field in Field if field in answer.fields and field in known}
            state = LeadState.CONFIRMED if answer.confirmed else LeadState.REFUTED
            leads.answer_lead(
                tx,
                held,
                state,
                reason=answer.reason.strip(),
                person=actor.name,
                at=now,
                key=key,
                released=released or None,
                recipients=answer.recipients,
            )
            said = f"{state.value}: {answer.reason.strip()}"
            if released:
                said += f"; released to {', '.join(sorted(answer.recipients))}: {', '.join(released)}"
            verb = Verb.DISCLOSURE if released else Verb.ALTERATION
            act = _describe(actor, permit, verb, held, said, action="lead.answer")
            ledger.append(tx, act, at=now)
            queue_lead_notice(tx, LeadNotice.DECIDED, held.id, held.authority, held.due_at, at=now)
            moved = leads.find_lead(tx, which)
            assert moved is not None
            return moved
    if checked.rule == "lead.decided":
        raise Conflict(
            "examination.text", "{reason}{reason_2}.", reason=checked.reason[:1].upper(), reason_2=checked.reason[1:]
        )
    record_refusal(node, actor, Action.LEAD_VERIFY, checked, touched=(Touched("subject", held.subject),))
    return checked


def write_fields(record: Record) -> dict[Field, str]:
    """Return what could be released of the record, in words; fields that say nothing are missing."""
    personal, said = record.draft.personal, record.draft.circumstances
    birth = [*personal.birth_dates, personal.birth_place, personal.birth_country]
    names = [personal.family_name, personal.given_names, personal.original_script, *personal.aliases]
    told = {
        Field.NUMBER: f"{record.owner}:{record.number}",
        Field.KIND: str(KINDS[record.draft.kind].title),
        Field.NAMES: _join(names),
        Field.BIRTH: _join(birth),
        Field.SEX: personal.sex.value if personal.sex else "",
        Field.NATIONALITIES: _join(personal.nationalities),
        Field.DOCUMENTS: "; ".join(
            f"{one.kind} {one.number} {one.country or ''}".strip() for one in personal.documents
        ),
        Field.CIRCUMSTANCES: _join([said.summary, said.asked, said.event_date, said.event_place, said.event_country]),
        Field.WARNING: said.warning or "",
        Field.LEGAL_BASIS: record.draft.legal_basis,
    }
    return {field: text for field, text in told.items() if text}


def _join(parts: object) -> str:
    assert isinstance(parts, list | tuple)
    return ", ".join(part for part in parts if part)


def _ask(node: Node, actor: Actor, which: LeadId) -> tuple[HeldLead, Permit]:
    missing = NotFound(
        "examination.no-lead-record-your-authority",
        "There is no lead {lead} on a record of your authority.",
        lead=which,
    )
    with node.store.reading() as tx:
        held = leads.find_lead(tx, which)
    # who may check no lead at all is told so, whether or not there is this one
    permit = ask(node, actor, Action.LEAD_VERIFY, owner=actor.authority)
    if held is None:
        raise missing
    if held.owner != actor.authority:
        foreign = Refusal(
            "policy.owner",
            Message(
                "policy.owner.lead-checked-authority-owns-record",
                "a lead is checked by the authority that owns the record",
            ),
        )
        record_refusal(node, actor, Action.LEAD_VERIFY, foreign, touched=(Touched("subject", held.subject),))
        raise missing
    return held, permit


def _require_context(tx: Transaction, held: HeldLead) -> tuple[Examination, Case]:
    examination = examinations.find_examination(tx, held.examination)
    case = None if examination is None else cases.find_case(tx, examination.case)
    assert examination is not None
    assert case is not None
    return examination, case


def _find_sides(
    tx: Transaction, node: Node, held: HeldLead, examination: Examination
) -> tuple[ComparedBytes | None, ComparedBytes | None]:
    record = searches.find_search(tx, examination.search)
    stored = None if record is None else probes.find_probe(tx, record.probe, now=node.clock())
    data = None if stored is None else probes.read_probe_bytes(tx, stored.id)
    probe = None
    if record is not None and stored is not None and data is not None:
        face = find_compared_face(stored, record)
        probe = None if face is None else ComparedBytes(data, stored.facts, face)
    dealt = {one.pseudonym: one for one in examinations.list_candidates(tx, examination.id)}
    found = find_compared_reference(tx, held.owner, dealt[held.pseudonym].reference) if held.subject else None
    own = None if found is None else photos.read_photo_bytes(tx, found[0])
    reference = None if found is None or own is None else ComparedBytes(own, found[1], found[2])
    return probe, reference


def _describe(
    actor: Actor, permit: Permit, verb: Verb, held: HeldLead, reason: str, action: Action | str = Action.LEAD_VERIFY
) -> Act:
    touched = (
        (Touched("subject", held.subject), Touched("lead", held.id)) if held.subject else (Touched("lead", held.id),)
    )
    return describe_act(actor, permit, verb, action, reason=reason, touched=touched)
