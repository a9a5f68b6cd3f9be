"""List the records that an actor may read: by what the law sees, quick with many; or by the number and name in them."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final

from semblance.audit.entry import Touched
from semblance.cases.check import check_action
from semblance.errors import NotFound
from semblance.gallery.subject import KEY_LENGTH_CAP
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import record_list, subjects
from semblance.store.engine import Transaction
from semblance.store.record_list import Listed, Named
from semblance.store.record_selection import EVERYTHING, RecordFilter, select_records
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Action, Actor, Permit
from semblance.terms.record import RecordFacts, RecordStanding
from semblance.workflows.permission import Permitted, ask, note_reading

PAGE_CAP: Final = 1000
TOTAL_CAP: Final = 1000
"""So many records are counted one by one; of more it is only said that they are more."""


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

    ``total`` counts all pages where it is ``exact``; else there are more than that. ``damaged`` would stand here, and
    nobody is shown more of them: something of them was changed in the database by hand.
    """

    rows: tuple[RecordRow, ...]
    total: int
    exact: bool
    next_after: SubjectId | None
    damaged: tuple[SubjectId, ...] = ()


def list_records(
    node: Node, actor: Actor, narrowed: RecordFilter = EVERYTHING, *, after: SubjectId | None = None, limit: int = 50
) -> RecordPage:
    """Return the records that the actor may read, from the one after ``after``; the page is logged as a consultation.

    What the actor may not read is in no figure. Raises NotFound where ``after`` is not in the list (any more).
    """
    permit = ask(node, actor, Action.RECORD_READ)
    limit = min(max(limit, 1), PAGE_CAP)
    with node.store.reading() as tx:
        selection = select_records(tx, may_read(node, actor), narrowed)
        place = None if after is None else record_list.find_place(tx, selection, after)
        if after is not None and place is None:
            raise _missing_place()
        found = record_list.find_page(tx, selection, after=place, limit=limit)
        counted = record_list.count_records(tx, selection, cap=TOTAL_CAP + 1)
        rows = _describe_rows(tx, found.listed, record_list.open_names(tx, found.listed))
    _note_list(node, permit, rows, narrowed=narrowed != EVERYTHING)
    return RecordPage(rows, min(counted, TOTAL_CAP), counted <= TOTAL_CAP, found.next_after, found.damaged)


def may_read(node: Node, actor: Actor) -> Callable[[RecordStanding], bool]:
    """Return the test that a record must pass to be in a list of the actor's."""
    policy = node.policy.read()
    return lambda record: isinstance(check_action(policy, actor, Action.RECORD_READ, record=record), Permit)


def list_opened_records(
    node: Node,
    actor: Actor,
    text: str = "",
    narrowed: RecordFilter = EVERYTHING,
    *,
    by_number: bool = False,
    after: SubjectId | None = None,
    limit: int = 50,
) -> RecordPage:
    """Return the records that the actor may read and in whose number or name the text stands, as ``list_records`` does.

    Case and accents make no difference. It grows with the number of records: what is asked for often is narrowed by
    ``list_records``. Raises NotFound where ``after`` is not in the list (any more).
    """
    permit = ask(node, actor, Action.RECORD_READ)
    wanted = _fold(text)
    with node.store.reading() as tx:
        found, damaged = list[Listed](), tuple[SubjectId, ...]()
        # nothing is called by a longer name
        if len(text) <= KEY_LENGTH_CAP:
            every = record_list.find_all(tx, select_records(tx, may_read(node, actor), narrowed))
            found, damaged = every.listed, every.damaged
        names = record_list.open_names(tx, found)
        if wanted:
            found = [record for record in found if wanted in _fold("\n".join(astuple(names[record.subject])))]
        if by_number:
            found.sort(key=lambda record: (names[record.subject].number, record.subject))
        start = _find_start(found, after)
        shown = found[start : start + min(max(limit, 1), PAGE_CAP)]
        rows = _describe_rows(tx, shown, names)
    _note_list(node, permit, rows, narrowed=bool(wanted) or narrowed != EVERYTHING)
    more = start + len(shown) < len(found)
    return RecordPage(rows, len(found), True, shown[-1].subject if shown and more else None, damaged)


def _find_start(found: list[Listed], after: SubjectId | None) -> int:
    if after is None:
        return 0
    place = next((place for place, record in enumerate(found) if record.subject == after), None)
    if place is None:
        raise _missing_place()
    return place + 1


def _fold(text: str) -> str:
    """Return the text without case, accents and outer white space."""
    if text.isascii():
        return text.strip().casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def _missing_place() -> NotFound:
    return NotFound(
        "records.place-gone",
        "The record after which this page begins is not in the list any more; begin at its first page.",
    )


def _describe_rows(tx: Transaction, listed: list[Listed], names: Mapping[SubjectId, Named]) -> tuple[RecordRow, ...]:
    counts = subjects.count_held(tx, [record.subject for record in listed])
    return tuple(
        RecordRow(
            record.subject,
            names[record.subject].number,
            names[record.subject].name,
            record.facts,
            record.version,
            record.created_at,
            record.changed_at,
            *counts[record.subject],
        )
        for record in listed
    )


def _note_list(node: Node, permit: Permitted, rows: tuple[RecordRow, ...], *, narrowed: bool) -> None:
    # what was looked for may name somebody, and is not told
    reason = Message("records.list", "a list of records")
    if narrowed:
        reason = Message("records.list-narrowed", "a list of records, narrowed")
    note_reading(node, permit, *(Touched("subject", row.subject) for row in rows), reason=reason)
