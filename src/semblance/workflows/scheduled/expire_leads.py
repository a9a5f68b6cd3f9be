"""Remind owners of leads that wait, and say where an owner never answered."""

from collections.abc import Iterator
from datetime import timedelta

from semblance.audit.act import Touched, Verb
from semblance.cases.lead_check import LeadState
from semblance.node.node import Node
from semblance.store import leads, ledger
from semblance.terms.notification import LeadNotice
from semblance.workflows.examination.queue_lead_notice import queue_lead_notice
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
            for one in found:
                leads.note_reminded(tx, one.id, now)
                queue_lead_notice(tx, LeadNotice.REMINDER, one.id, one.owner, one.due_at, at=now)
                act = describe_due(
                    node,
                    Verb.CONSULTATION,
                    "lead.remind",
                    rule="examination.owner-reminder",
                    reason=f"{one.owner} is reminded of a lead until {one.due_at:%Y-%m-%d}",
                    touched=(Touched("subject", one.subject), Touched("lead", one.id)),
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
            for one in found:
                leads.move_lead(tx, one.id, LeadState.UNANSWERED)
                for told in sorted({one.owner, one.authority}):
                    queue_lead_notice(tx, LeadNotice.UNANSWERED, one.id, told, one.due_at, at=now)
                act = describe_due(
                    node,
                    Verb.ALTERATION,
                    "lead.expire",
                    rule="examination.owner-days",
                    reason=f"{one.owner} has not answered until {one.due_at:%Y-%m-%d}",
                    touched=(Touched("subject", one.subject), Touched("lead", one.id)),
                )
                ledger.append(tx, act, at=now)
        yield len(found)
