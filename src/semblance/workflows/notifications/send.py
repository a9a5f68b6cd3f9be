"""Send the notices that are due: at least once each, with pauses that grow, and never within a transaction.

A try is noted before it is made, so that a program that dies in the middle neither tries without end nor forgets; what
was sent and could not be noted is sent once more, under the same id.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from semblance.audit.act import Act, Touched, Verb
from semblance.node.node import Node
from semblance.store import authorities, ledger, notifications
from semblance.store.engine import Transaction
from semblance.store.notifications import OutgoingNotice
from semblance.terms.notification import Channel
from semblance.workflows.notifications.deliver import NOT_SET_UP, deliver_notice, is_set_up
from semblance.workflows.worker_acts import describe_due

TRIES_CAP: Final = 20
"""So many tries take about three days."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)

NOT_SET_UP_LIMIT: Final = timedelta(days=7)
"""How long a notice waits for a way out that the settings do not open."""

_BATCH: Final = 500
_UNREACHABLE_CAP: Final = 5
_RULE: Final = "examination.owner-days"


def find_pause(tries: int) -> timedelta:
    """Return how long after so many tries the next one is due: a minute after the first, then twice as long."""
    doubled: int = 1 << min(tries - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def send_notices(node: Node) -> Iterator[int]:
    """Try every notice that is due, once; give 1 for each that was sent and 0 for each that was not.

    What does not answer is not asked again in the same round, and after several such nothing is: the round's other
    jobs must have their turn.
    """
    with node.store.reading() as tx:
        due = notifications.find_due(tx, now=node.clock(), limit=_BATCH)
    silent: set[tuple[Channel, str]] = set()
    for notice in due:
        # all mail goes through one server; each authority has a webhook of its own
        side = (notice.channel, "" if notice.channel is Channel.MAIL else notice.authority)
        if side in silent:
            continue
        sent, reached = _try_notice(node, notice)
        if not reached:
            silent.add(side)
        yield int(sent)
        if len(silent) >= _UNREACHABLE_CAP:
            return


def _try_notice(node: Node, notice: OutgoingNotice) -> tuple[bool, bool]:
    """Try one notice; return whether it was sent, and whether the other side answered."""
    now = node.clock()
    ready = is_set_up(node, notice.channel)
    tries = notice.tries + int(ready)
    with node.store.writing() as tx:
        next_at = now + (find_pause(tries) if ready else LONGEST_PAUSE)
        if not notifications.claim_notice(tx, notice, next_at=next_at, tries=tries):
            return False, True
        told = authorities.find_authority(tx, notice.authority)
        failure, last = None, False
        if told is None or not told.admitted:
            failure, last = "The authority is no longer admitted here; it is told nothing.", True
        elif not ready:
            failure, last = NOT_SET_UP[notice.channel], now - notice.made_at >= NOT_SET_UP_LIMIT
        if failure is not None:
            _note_failure(node, tx, notice, failure, now, last=last)
            return False, True
    assert told is not None
    failed = deliver_notice(
        node,
        told,
        notice.channel,
        kind=notice.kind,
        about=notice.about,
        notice=notice.id,
        made_at=notice.made_at,
        deadline=notice.deadline,
    )
    now = node.clock()
    with node.store.writing() as tx:
        if failed is not None:
            _note_failure(node, tx, notice, failed.reason, now, last=tries >= TRIES_CAP)
            return False, not failed.unreachable
        notifications.note_sent(tx, notice.id, at=now)
        ledger.append(tx, _describe(node, notice, Verb.DISCLOSURE, "notice.send", "sent"), at=now)
    return True, True


def _note_failure(
    node: Node, tx: Transaction, notice: OutgoingNotice, failure: str, now: datetime, *, last: bool
) -> None:
    notifications.note_failure(tx, notice.id, failure, given_up_at=now if last else None)
    if last:
        ledger.append(tx, _describe(node, notice, Verb.ALTERATION, "notice.give-up", "given up"), at=now)


def _describe(node: Node, notice: OutgoingNotice, verb: Verb, action: str, done: str) -> Act:
    touched = (Touched("notice", notice.id), Touched("lead", notice.about), Touched("authority", notice.authority))
    reason = f"{notice.kind} to {notice.authority} by {notice.channel}: {done}"
    return describe_due(node, verb, action, rule=_RULE, reason=reason, touched=touched)
