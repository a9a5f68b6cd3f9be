"""Telling an authority of a lead: queued with the act itself, sent by the worker when that was committed."""

from datetime import datetime

from semblance.store import notifications
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode
from semblance.terms.notification import LeadNotification


def queue_lead_notification(
    tx: Transaction,
    kind: LeadNotification,
    lead_id: str,
    owner: AuthorityCode,
    due_at: datetime | None,
    *,
    at: datetime,
) -> tuple[str, ...]:
    """Queue a notification of the lead within the transaction in hand, and return the ids of what will be sent.

    ``owner`` is who is told, of LeadNotification.DECIDED the authority that searched; ``due_at`` the end of the owner's
    time or None; ``at`` the moment of the act. Nothing is queued for an authority that no way leads to: the page tells
    it.
    """
    return notifications.queue_notification(tx, kind.value, lead_id, owner, at=at, deadline=due_at)
