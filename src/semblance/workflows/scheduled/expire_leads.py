"""Remind owners of leads that wait, and say where an owner never answered."""

from collections.abc import Iterator
from datetime import timedelta

from semblance.audit.entry import Touched, Verb
from semblance.cases.lead_check import LeadState
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import leads, ledger
from semblance.terms.notification import LeadNotification
from semblance.workflows.examination.queue_lead_notification import queue_lead_notification
from semblance.workflows.worker_acts import describe_due

_BATCH = 200


def remind_of_leads(node: Node) -> Iterator[int]:
    """Remind each owner once of a lead whose deadline is near; give how many each time."""
    while True:
        now = node.clock()
        soon = now + timedelta(days=node.policy.read().examination.owner_reminder)
        with node.store.reading() as tx:
            if not leads.list_unreminded(tx, due_before=soon, limit=1):
                return
        with node.store.writing() as tx:
            found = leads.list_unreminded(tx, due_before=soon, limit=_BATCH)
            for lead in found:
                leads.note_reminded(tx, lead.id, now)
                queue_lead_notification(tx, LeadNotification.REMINDER, lead.id, lead.owner, lead.due_at, at=now)
                act = describe_due(
                    node,
                    Verb.CONSULTATION,
                    "lead.remind",
                    rule="examination.owner-reminder",
                    reason=Message(
                        "lead.reminded",
                        "{authority} is reminded of a lead until {day}",
                        authority=lead.owner,
                        day=lead.due_at.date(),
                    ),
                    touched=(Touched("subject", lead.subject), Touched("lead", lead.id)),
                )
                ledger.append(tx, act, at=now)
        yield len(found)


def expire_leads(node: Node) -> Iterator[int]:
    """Note of each lead whose time is over that its owner has not answered; it still may. Give how many each time."""
    while True:
        now = node.clock()
        with node.store.reading() as tx:
            if not leads.list_overdue(tx, now=now, limit=1):
                return
        with node.store.writing() as tx:
            found = leads.list_overdue(tx, now=now, limit=_BATCH)
            for lead in found:
                leads.move_lead(tx, lead.id, LeadState.UNANSWERED)
                for told in sorted({lead.owner, lead.authority}):
                    queue_lead_notification(tx, LeadNotification.UNANSWERED, lead.id, told, lead.due_at, at=now)
                act = describe_due(
                    node,
                    Verb.ALTERATION,
                    "lead.expire",
                    rule="examination.owner-days",
                    reason=Message(
                        "lead.unanswered",
                        "{authority} has not answered until {day}",
                        authority=lead.owner,
                        day=lead.due_at.date(),
                    ),
                    touched=(Touched("subject", lead.subject), Touched("lead", lead.id)),
                )
                ledger.append(tx, act, at=now)
        yield len(found)
