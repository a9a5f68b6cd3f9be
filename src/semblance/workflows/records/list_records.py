"""List the records that an actor may read: narrowed by what the law sees, page by page, quick with many."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from semblance.audit.act import Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import NotFound
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, record_list, subjects
from semblance.store.engine import Transaction
from semblance.store.record_list import Listed, Named
from semblance.store.record_selection import Selection, select_records
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Permit
from semblance.terms.record import RecordFacts, RecordKind, RecordStanding, RecordState
from semblance.workflows.permission import ask, describe_act

PAGE_CAP: Final = 1000
TOTAL_CAP: Final = 1000
"""So many records are counted one by one; of more it is only said that they are more."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a list is narrowed to; the default narrows nothing, and the newest record comes first.

    ``ending_before``: the last day of the record lies before that day; the one that ends first comes first.
    """

    kinds: frozenset[RecordKind] = frozenset()
    states: frozenset[RecordState] = frozenset()
    owner: AuthorityCode | None = None
    ending_before: date | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One line of a list of records; ``name`` is empty where nobody could name the subject."""

    subject: SubjectId
    number: str
    name: str
    facts: RecordFacts
    version: int
    created_at: datetime
    changed_at: datetime
    photos: int
    references: int


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records; ``next_after`` asks for the page after it, None at the end.

    ``total`` counts all pages where it is ``exact``; else there are more than that.
    """

    rows: tuple[RecordRow, ...]
    total: int
    exact: bool
    next_after: SubjectId | None


EVERYTHING: Final = RecordFilter()


def list_records(
    node: Node, actor: Actor, narrowed: RecordFilter = EVERYTHING, *, after: SubjectId | None = None, limit: int = 50
) -> RecordPage:
    """Return the records that the actor may read, from the one after ``after``; the page is logged as a consultation.

    What the actor may not read is in no figure. Raises NotFound where ``after`` is not in the list (any more).
    """
    permit = ask(node, actor, Action.RECORD_READ)
    limit = min(max(limit, 1), PAGE_CAP)
    with node.store.reading() as tx:
        selection = select_readable(tx, node, actor, narrowed)
        place = None if after is None else record_list.find_place(tx, selection, after)
        if after is not None and place is None:
            raise missing_place()
        found = record_list.find_page(tx, selection, after=place, limit=limit + 1)
        counted = record_list.count_records(tx, selection, cap=TOTAL_CAP + 1)
        rows = describe_rows(tx, found[:limit], record_list.open_names(tx, found[:limit]))
    note_list_read(node, actor, permit, rows, narrowed=narrowed != EVERYTHING)
    return RecordPage(
        rows, min(counted, TOTAL_CAP), counted <= TOTAL_CAP, rows[-1].subject if len(found) > limit else None
    )


def select_readable(tx: Transaction, node: Node, actor: Actor, narrowed: RecordFilter) -> Selection:
    """Return the selection of what the actor may read; the policy is asked once for whatever it can tell apart."""
    return select_records(
        tx,
        may_read(node, actor),
        kinds=narrowed.kinds,
        states=narrowed.states,
        owner=narrowed.owner,
        ending_before=narrowed.ending_before,
    )


def may_read(node: Node, actor: Actor) -> Callable[[RecordStanding], bool]:
    """Return the test that a record must pass to be in a list of the actor's."""
    policy = node.policy.read()
    return lambda record: isinstance(check_action(policy, actor, Action.RECORD_READ, record=record), Permit)


def missing_place() -> NotFound:
    """Return the error for a page that was to begin after a record that is not in the list."""
    return NotFound(
        "records.place-gone",
        "The record after which this page begins is not in the list any more; begin at its first page.",
    )


def describe_rows(tx: Transaction, shown: Iterable[Listed], names: Mapping[SubjectId, Named]) -> tuple[RecordRow, ...]:
    """Return the lines of a page, each with how many photos and references are held."""
    listed = list(shown)
    held = subjects.count_held(tx, [record.subject for record in listed])
    return tuple(
        RecordRow(
            subject=record.subject,
            number=names[record.subject].number,
            name=names[record.subject].name,
            facts=record.facts,
            version=record.version,
            created_at=record.created_at,
            changed_at=record.changed_at,
            photos=held[record.subject][0],
            references=held[record.subject][1],
        )
        for record in listed
    )


def note_list_read(node: Node, actor: Actor, permit: Permit, rows: Iterable[RecordRow], *, narrowed: bool) -> None:
    """Write into the ledger that a page was read; what was looked for may name somebody, and is not told."""
    touched = tuple(Touched("subject", row.subject) for row in rows)
    reason = (
        Message("records.list-narrowed", "a list of records, narrowed")
        if narrowed
        else Message("records.list", "a list of records")
    )
    act = describe_act(actor, permit, Verb.CONSULTATION, Action.RECORD_READ, reason=reason, touched=touched)
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())
