"""The owner's check of a lead: what waits, both photos, the answer, and what is released of the record to whom."""

from collections.abc import Mapping
from dataclasses import dataclass

from semblance.audit.entry import Touched, Verb
from semblance.cases.case import Case
from semblance.cases.check import is_open
from semblance.cases.examination import Examination
from semblance.cases.lead_check import Field, HeldLead, LeadState, OwnerAnswer, check_answer
from semblance.errors import Conflict, NotFound
from semblance.gallery.kinds import KINDS
from semblance.gallery.record import Record, name_codes
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import cases, examinations, leads, records, searches
from semblance.store.engine import Transaction
from semblance.store.notifications import queue_notification
from semblance.terms.ids import LeadId
from semblance.terms.notification import LeadNotification
from semblance.terms.permission import Action, Actor
from semblance.workflows.examination.comparison import ComparedPhoto, load_probe, load_reference
from semblance.workflows.examination.remember_answers import remember_refuted
from semblance.workflows.examination.require_examination import search_erased
from semblance.workflows.permission import Permitted, ask, log_act, name_touched, record_refusal, refuse_missing

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
    probe: ComparedPhoto | None
    reference: ComparedPhoto | None
    fields: Mapping[Field, str]
    released: Mapping[Field, str]


def list_leads(node: Node, actor: Actor, *, waiting: bool = True) -> tuple[ListedLead, ...]:
    """Return the leads on records of the actor's authority, nearest deadline first; the list is a consultation."""
    permit = ask(node, actor, Action.LEAD_VERIFY, owner=actor.authority)
    with node.store.writing() as tx:
        found = leads.list_of_owner(tx, actor.authority, states=OPEN if waiting else _ENDED, limit=_SHOWN)
        headings = records.read_headings(tx, [lead.subject for lead in found if lead.subject])
        touched = (Touched("subject", lead.subject) for lead in found if lead.subject in headings)
        reason = Message("lead.list-read", "a list of leads")
        log_act(tx, permit, Verb.CONSULTATION, *touched, at=node.clock(), reason=reason)
    numbers = {subject: heading.number for subject, heading in headings.items()}
    return tuple(ListedLead(lead, numbers.get(lead.subject)) for lead in found)


def read_lead(node: Node, actor: Actor, which: LeadId) -> LeadDetail:
    """Return a lead on a record of the actor's authority, and note that it was read; raises NotFound."""
    lead, permit = _ask(node, actor, which)
    with node.store.writing() as tx:
        examination, case = _require_context(tx, lead)
        record = records.find_record(tx, lead.subject)
        probe, reference = _find_sides(tx, node, lead, examination)
        released = leads.read_released(tx, lead.id, lead.authority)
        log_act(tx, permit, Verb.CONSULTATION, *_touch(lead), at=node.clock(), reason=Message("lead.read", "a lead"))
    return LeadDetail(
        lead=lead,
        purpose=case.draft.purpose.value,
        category=case.draft.category.value,
        number=None if record is None else record.number,
        probe=probe,
        reference=reference,
        fields={} if record is None else write_fields(record),
        released={Field(name): value for name, value in (released or {}).items()},
    )


def read_lead_side(node: Node, actor: Actor, which: LeadId, *, probe: bool) -> ComparedPhoto:
    """Return the photo in question, or the owner's own; raises NotFound where it is not held any more."""
    lead, _ = _ask(node, actor, which)
    with node.store.reading() as tx:
        examination, _ = _require_context(tx, lead)
        side = _find_sides(tx, node, lead, examination)[0 if probe else 1]
    if side is None:
        raise NotFound(
            "lead.photo-gone", "This photo is not held any more: its time was over, or its record was erased."
        )
    return side


def answer_lead(node: Node, actor: Actor, which: LeadId, answer: OwnerAnswer) -> HeldLead:
    """Confirm or refute a lead for the record's owner, and release what is released; whoever searched is told.

    Refused by ``check_answer``'s rules. Raises NotFound, and Conflict where somebody answered meanwhile.
    """
    lead, permit = _ask(node, actor, which)
    with node.store.reading() as tx:
        examination, _ = _require_context(tx, lead)
        examiners = {review.person for review in examinations.list_reviews(tx, examination.id)}
        if (search := searches.find_search(tx, examination.search)) is not None:
            examiners.add(search.person)
    _require_undecided(lead)
    if refusal := check_answer(answer, examiners, actor.name):
        raise record_refusal(node, actor, Action.LEAD_VERIFY, refusal, touched=(Touched("subject", lead.subject),))
    state = LeadState.CONFIRMED if answer.confirmed else LeadState.REFUTED
    now, reason = node.clock(), answer.reason.strip()
    with node.store.writing() as tx:
        current = leads.find_lead(tx, which, lead.owner)
        record = None if current is None else records.find_record(tx, current.subject)
        if current is None or record is None:
            raise Conflict(
                "lead.record-gone", "The record was erased meanwhile, so that there is nothing left to check."
            )
        _require_undecided(current)
        key = searches.find_search_key(tx, examination.search)
        if key is None:
            raise search_erased()
        known = write_fields(record)
        released = {field.value: known[field] for field in Field if field in answer.fields and field in known}
        leads.answer_lead(
            tx,
            current,
            state,
            reason=reason,
            person=actor.name,
            at=now,
            key=key,
            released=released or None,
            recipients=answer.recipients,
        )
        if not answer.confirmed:
            remember_refuted(tx, current, examination, now)
        verb = Verb.DISCLOSURE if released else Verb.ALTERATION
        message = Message("lead.answered", "{state}: {reason}", state=state, reason=reason)
        if released:
            message = Message(
                "lead.answered-and-released",
                "{state}: {reason}; released to {recipients}: {released}",
                state=state,
                reason=reason,
                recipients=sorted(answer.recipients),
                released=released,
            )
        log_act(tx, permit, verb, *_touch(current), at=now, action="lead.answer", reason=message)
        told = LeadNotification.DECIDED.value
        queue_notification(tx, told, current.id, current.authority, at=now, deadline=current.due_at)
        moved = leads.find_lead(tx, which, lead.owner)
        assert moved is not None
    return moved


def write_fields(record: Record) -> dict[Field, str]:
    """Return what could be released of the record, in words; fields that say nothing are missing."""
    draft = name_codes(record.draft)
    personal, circumstances = draft.personal, draft.circumstances
    documents = [(document.kind, document.number, document.country) for document in personal.documents]
    fields = {
        Field.NUMBER: f"{record.owner}:{record.number}",
        Field.KIND: KINDS[record.draft.kind].title,
        Field.NAMES: _join(personal.family_name, personal.given_names, personal.original_script, *personal.aliases),
        Field.BIRTH: _join(*personal.birth_dates, personal.birth_place, personal.birth_country),
        Field.SEX: personal.sex,
        Field.NATIONALITIES: _join(*personal.nationalities),
        Field.DOCUMENTS: "; ".join(" ".join(filter(None, parts)) for parts in documents),
        Field.CIRCUMSTANCES: _join(
            circumstances.summary,
            circumstances.asked,
            circumstances.event_date,
            circumstances.event_place,
            circumstances.event_country,
        ),
        Field.WARNING: circumstances.warning,
        Field.LEGAL_BASIS: record.draft.legal_basis,
    }
    return {field: str(text) for field, text in fields.items() if text}


def _join(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _require_undecided(lead: HeldLead) -> None:
    if lead.state not in OPEN:
        raise Conflict("lead.decided", "The lead was {state} already; nothing was changed.", state=lead.state)


def _ask(node: Node, actor: Actor, which: LeadId) -> tuple[HeldLead, Permitted]:
    named = name_touched("lead", which)
    # who may check no lead at all is told so, whether or not there is this one
    permit = ask(node, actor, Action.LEAD_VERIFY, owner=actor.authority, touched=named)
    with node.store.reading() as tx:
        lead = leads.find_lead(tx, which, actor.authority)
    if lead is None:
        refuse_missing(node, actor, Action.LEAD_VERIFY, named)
        raise NotFound("lead.unknown", "There is no lead {lead} on a record of your authority.", lead=which)
    return lead, permit


def _require_context(tx: Transaction, lead: HeldLead) -> tuple[Examination, Case]:
    examination = examinations.find_examination(tx, lead.examination)
    case = None if examination is None else cases.find_case(tx, examination.case)
    assert examination is not None
    assert case is not None
    return examination, case


def _find_sides(
    tx: Transaction, node: Node, lead: HeldLead, examination: Examination
) -> tuple[ComparedPhoto | None, ComparedPhoto | None]:
    record, now = searches.find_search(tx, examination.search), node.clock()
    origin = None if record is None or record.origin is None else records.find_facts(tx, record.origin)
    # the record that the probe comes from may have been closed to this owner since
    closed = origin is not None and not is_open(origin, lead.owner, now.date())
    probe = None if closed else load_probe(tx, record, now)
    if not lead.subject:
        return probe, None
    dealt = {candidate.pseudonym: candidate for candidate in examinations.list_candidates(tx, examination.id)}
    return probe, load_reference(tx, lead.owner, dealt[lead.pseudonym].reference)


def _touch(lead: HeldLead) -> tuple[Touched, ...]:
    subject = (Touched("subject", lead.subject),) if lead.subject else ()
    return (*subject, Touched("lead", lead.id))
