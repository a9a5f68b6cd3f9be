"""How the worker acts: what fell due is worked off, and the ledger says that nobody did it, the time did."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

from semblance.audit.entry import Act, Touched, Verb
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.clock_doubts import count_work
from semblance.store.engine import Transaction
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Actor, Means, PersonId
from semblance.workflows.clock_check import require_believable

Due = TypeVar("Due")

WORKER: Final = "semblance-worker"
"""Who acts when a time limit does: no person, and said so."""

BATCH: Final = 200
"""So many rows are erased in one transaction."""


def work_off(
    node: Node,
    find: Callable[[Transaction, datetime, int], Sequence[Due]],
    settle: Callable[[Transaction, Sequence[Due], datetime], object],
    *,
    at_most: int = BATCH,
    job: str = "",
) -> Iterator[int]:
    """Settle what ``find`` gives, at most so many in a transaction, until it gives nothing; give how many each time.

    It is asked outside the writing transaction, which nothing due needs, and again inside: somebody may have decided
    meanwhile. Its number is how many are wanted. A ``job`` that is named ends or erases something: raises ClockDoubted
    where the clock may be wrong.
    """
    if job:
        require_believable(node, job, lambda tx, now, limit: len(find(tx, now, limit)))
    while True:
        now = node.clock()
        with node.store.reading() as tx:
            if not find(tx, now, 1):
                return
        with node.store.writing() as tx:
            found = find(tx, now, at_most)
            settle(tx, found, now)
            if job and found:
                count_work(tx, job, now, len(found))
        yield len(found)


def make_worker(node: Node) -> Actor:
    """Return who acts when a time limit does: no person, for the authority of the node, with no role."""
    return Actor(PersonId("worker"), WORKER, AuthorityCode(node.authority), frozenset(), means=Means.WORKER)


def describe_due(
    node: Node,
    verb: Verb,
    action: str,
    *,
    reason: Message,
    rule: str | None = None,
    touched: tuple[Touched, ...] = (),
    whose: AuthorityCode | None = None,
) -> Act:
    """Return what the ledger is told of something that fell due; ``rule`` is the part of the policy that says when.

    ``whose`` is the authority whose record, case or request it is: the entry is opened to that one. Where it is of
    several, or of nobody, the node's own stands there.
    """
    return Act(verb, action, WORKER, whose or node.authority, reason=reason, touched=touched, rule=rule)


def log_due(
    tx: Transaction,
    node: Node,
    verb: Verb,
    action: str,
    *,
    rule: str | None = None,
    reason: Message,
    touched: tuple[Touched, ...] = (),
    whose: AuthorityCode | None = None,
    at: datetime,
) -> int:
    """Append to the ledger that something fell due, as ``describe_due`` says; return the entry's number."""
    act = describe_due(node, verb, action, rule=rule, reason=reason, touched=touched, whose=whose)
    return ledger.append(tx, act, at=at)
