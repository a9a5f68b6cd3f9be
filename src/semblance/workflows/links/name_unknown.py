"""Assign to somebody whom nobody could name what the owner of a known record released after a verified lead."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from semblance.audit.entry import Touched, Verb
from semblance.cases.lead_check import Field
from semblance.cases.link_check import NOMINAL, LeadPair, check_naming
from semblance.errors import Conflict
from semblance.gallery.record import Assigned, Record, RecordVersion
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import leads, links, records
from semblance.terms.ids import LeadId, SubjectId
from semblance.terms.permission import Action, Actor, Refusal
from semblance.workflows.links.link_records import ask_for_lead_pair, missing_pair
from semblance.workflows.permission import log_act, record_refusal, require_reason
from semblance.workflows.records.read_record import ask_for_record, require_version


def assign_name(
    node: Node,
    actor: Actor,
    subject: SubjectId,
    which: LeadId,
    *,
    version: int,
    reason: str,
    fields: Collection[Field] = (),
) -> Record:
    """Assign released fields of the lead's other record to the record of an unknown person, as a version of it.

    Without ``fields`` all that name somebody and were released to the actor's authority. Refused by
    ``check_naming``'s rules. Raises NotFound, Conflict where the record changed since that version.
    """
    require_reason(reason, Message("naming.reason-missing", "Say why the name is assigned."))
    permit = ask_for_record(node, actor, Action.UNKNOWN_NAME, subject)
    pair, _ = ask_for_lead_pair(node, actor, Action.UNKNOWN_NAME, which)
    now = node.clock()
    with node.store.writing() as tx:
        before = require_version(tx, subject, version)
        current = links.find_lead_pair(tx, which, actor.authority)
        if current is None:
            raise missing_pair(which)
        released = {Field(name): text for name, text in (leads.read_released(tx, which, actor.authority) or {}).items()}
        wanted = frozenset(fields) or frozenset(released) & NOMINAL
        refusal = check_naming(current, subject, frozenset(released), wanted)
        if refusal is None:
            assigned = _assign(current, released, wanted, actor, now)
            after = replace(before, assigned=assigned, version=version + 1, changed_at=now)
            records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, reason))
            touched = Touched("subject", subject), Touched("subject", current.lead.subject), Touched("lead", which)
            log_act(tx, permit, Verb.ALTERATION, *touched, at=now, reason=reason)
            return after
    raise _refuse(node, actor, refusal, subject, pair)


def take_name_back(node: Node, actor: Actor, subject: SubjectId, *, version: int, reason: str) -> Record:
    """Take what was assigned to the record of an unknown person back; its history keeps that it was.

    Raises NotFound, Conflict where the record changed since that version, or where nothing is assigned.
    """
    require_reason(reason, Message("naming.taking-unexplained", "Say why the name is taken back."))
    permit = ask_for_record(node, actor, Action.UNKNOWN_NAME, subject)
    now = node.clock()
    with node.store.writing() as tx:
        before = require_version(tx, subject, version)
        if before.assigned is None:
            raise Conflict("naming.none", "No name is assigned to this record; nothing was changed.")
        after = replace(before, assigned=None, version=version + 1, changed_at=now)
        records.change_record(tx, RecordVersion(after, actor.name, actor.authority, now, reason))
        action = "unknown.take-name-back"
        log_act(tx, permit, Verb.ALTERATION, Touched("subject", subject), at=now, action=action, reason=reason)
    return after


def _assign(
    pair: LeadPair, released: dict[Field, str], wanted: frozenset[Field], actor: Actor, now: datetime
) -> Assigned:
    fields = tuple((field.value, released[field]) for field in Field if field in wanted)
    return Assigned(fields, pair.lead.owner, pair.lead.subject, pair.lead.id, actor.name, now)


def _refuse(node: Node, actor: Actor, refusal: Refusal, subject: SubjectId, pair: LeadPair) -> Exception:
    touched = Touched("subject", subject), Touched("lead", pair.lead.id)
    return record_refusal(node, actor, Action.UNKNOWN_NAME, refusal, touched=touched)
