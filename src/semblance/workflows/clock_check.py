"""Whether the clock is believed: nothing is ended or erased by one that may be wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from semblance.audit.entry import read_entry
from semblance.errors import ClockDoubted
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import clock_doubts, ledger
from semblance.store.clock_doubts import JUMP, ClockDoubt, DoubtKind
from semblance.store.engine import Transaction

CountDue: TypeAlias = Callable[[Transaction, datetime, int], int]
"""Returns how much is due at that moment, counted up to a number."""

STEP: Final = timedelta(days=1)
"""So much further than the time that passed since the program began the clock may be."""

FLOOR: Final = 100
"""So much a job may always end at once."""

_TIMES: Final = 10
_LOOK_BACK: Final = timedelta(days=90)
_BELIEVED_FOR: Final = timedelta(days=1)
_RIGHT_FOR: Final = {DoubtKind.JUMP: JUMP, DoubtKind.STEP: STEP}
"""Where the clock is no further than this beyond what was known, it was put right."""


def require_believable(node: Node, job: str, count_due: CountDue) -> None:
    """Raise ClockDoubted where the clock may be wrong, or the job is about to end far more than it ever did.

    What is doubted stays so until the clock is put right, or two people say that it is right (``believe_clock``).
    """
    now = node.clock()
    with node.store.reading() as tx:
        last, believed, doubts = _find_last(node, tx), clock_doubts.find_believed(tx), clock_doubts.list_doubts(tx)
        usual = clock_doubts.find_busiest(tx, job, since=(now - _LOOK_BACK).date())
        most = max(FLOOR, _TIMES * usual)
        fresh = believed is not None and timedelta(0) <= now - believed < _BELIEVED_FOR
        due = 0 if fresh else count_due(tx, now, most + 1)
    found = [doubt for doubt in doubts if doubt.kind is not DoubtKind.MANY and not _is_right(doubt, now)]
    if last is not None and now - last > JUMP:
        found.append(ClockDoubt(DoubtKind.JUMP, now, last))
    if (stepped := _find_step(node, now, believed)) is not None:
        found.append(stepped)
    if due > most:
        found.append(ClockDoubt(DoubtKind.MANY, now, now, job, due))
    over = [doubt for doubt in doubts if _is_right(doubt, now) or (doubt.job == job and due <= most)]
    if over or found:
        with node.store.writing() as tx:
            for doubt in over:
                clock_doubts.settle_doubt(tx, doubt, now)
            for doubt in found:
                clock_doubts.note_doubt(tx, doubt)
    if found:
        raise ClockDoubted(
            "clock.doubted",
            "{why}. Nothing is ended or erased until the clock is put right, or two people say that it is right: "
            "`semblance proposal believe-clock`.",
            why=describe_doubt(found[0]),
        )


def list_doubts(node: Node) -> tuple[Message, ...]:
    """Return what keeps the worker from ending and erasing what falls due, as it was noticed last."""
    now = node.clock()
    with node.store.reading() as tx:
        return tuple(describe_doubt(doubt) for doubt in clock_doubts.list_doubts(tx) if not _is_right(doubt, now))


def describe_doubt(doubt: ClockDoubt) -> Message:
    """Return what is doubted, in words that begin big and have no end."""
    if doubt.kind is DoubtKind.JUMP:
        return Message(
            "clock.jump",
            "The clock says {now}, and the newest act in the ledger is of {day}: either the node rested for long, or "
            "the clock is wrong",
            now=doubt.noticed_at.date(),
            day=doubt.trusted_at.date(),
        )
    if doubt.kind is DoubtKind.STEP:
        return Message(
            "clock.step",
            "The clock was put forward while the node ran: it says {now}, and it should say {day}",
            now=doubt.noticed_at.date(),
            day=doubt.trusted_at.date(),
        )
    return Message(
        "clock.many",
        "By the clock the job {job} is to end {n} or more at once, far more than on any day before: either the clock "
        "is wrong, or much falls due together",
        job=doubt.job,
        n=doubt.count,
    )


def _is_right(doubt: ClockDoubt, now: datetime) -> bool:
    limit = _RIGHT_FOR.get(doubt.kind)
    return limit is not None and now - doubt.trusted_at <= limit


def _find_last(node: Node, tx: Transaction) -> datetime | None:
    """Return when the ledger's newest entry was written; an unsigned ledger tells nothing."""
    size = ledger.read_size(tx) if node.store.ledger is not None else 0
    data = ledger.read_data(tx, size - 1) if size else None
    return None if data is None else datetime.fromisoformat(read_entry(data)["at"])


def _find_step(node: Node, now: datetime, believed: datetime | None) -> ClockDoubt | None:
    if node.watch is None:
        return None
    expected = node.watch.expect()
    if now - expected <= STEP:
        return None
    if believed is not None and believed > expected:
        node.watch.begin_anew()
        return None
    return ClockDoubt(DoubtKind.STEP, now, expected)
