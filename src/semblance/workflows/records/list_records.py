"""List the records that an actor may read: filtered, in a stable order, page by page."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from semblance.audit.act import Touched, Verb
from semblance.cases.check import check_action
from semblance.errors import NotFound
from semblance.gallery.subject import KEY_LENGTH_CAP
from semblance.node.node import Node
from semblance.store import ledger, record_list, subjects
from semblance.store.engine import Transaction
from semblance.store.record_list import Listed, Named
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import SubjectId
from semblance.terms.permission import Permit
from semblance.terms.record import RecordFacts, RecordKind, RecordState
from semblance.workflows.permission import ask, describe_act

PAGE_CAP: Final = 1000


class RecordOrder(StrEnum):
    """In which order a list comes: the newest record first, or by number."""

    NEWEST = "newest"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a list is narrowed to; the default narrows nothing.

    ``text`` must occur in the number or the name, whatever the case and the accents. ``ending_before``: the last day of
    the record lies before that day.
    """

    kinds: frozenset[RecordKind] = frozenset()
    states: frozenset[RecordState] = frozenset()
    owner: AuthorityCode | None = None
    text: str | None = None
    ending_before: date | None = None
    order: RecordOrder = RecordOrder.NEWEST


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
    """A page of records; ``total`` counts all pages, ``next_after`` asks for the page after it, None at the end."""

    rows: tuple[RecordRow, ...]
    total: int
    next_after: SubjectId | None


_EVERYTHING: Final = RecordFilter()


def list_records(
    node: Node,
    actor: Actor,
    narrowed: RecordFilter = _EVERYTHING,
    *,
    after: SubjectId | None = None,
    limit: int = 50,
) -> RecordPage:
    """Return the records that the actor may read, from the one after ``after``; the page is logged as a consultation.

    What the actor may not read is in no figure. Raises NotFound where ``after`` is not in the list (any more).
    """
    permit = ask(node, actor, Action.RECORD_READ)
    policy = node.policy.read()

    def lets(facts: RecordFacts) -> bool:
        return isinstance(check_action(policy, actor, Action.RECORD_READ, record=facts), Permit)

    with node.store.reading() as tx:
        found, names = _find(tx, narrowed, lets)
        start = _find_start(found, after)
        shown = found[start : start + min(max(limit, 1), PAGE_CAP)]
        names |= record_list.open_names(tx, [one for one in shown if one.subject not in names])
        held = subjects.count_held(tx, [one.subject for one in shown])
    touched = tuple(Touched("subject", one.subject) for one in shown)
    said = "a list of records" if narrowed == _EVERYTHING else "a list of records, narrowed"
    act = describe_act(actor, permit, Verb.CONSULTATION, Action.RECORD_READ, reason=said, touched=touched)
    with node.store.writing() as tx:
        ledger.append(tx, act, at=node.clock())
    rows = tuple(_describe(one, names[one.subject], held[one.subject]) for one in shown)
    more = start + len(shown) < len(found)
    return RecordPage(rows, len(found), shown[-1].subject if shown and more else None)


def _find(
    tx: Transaction, narrowed: RecordFilter, lets: Callable[[RecordFacts], bool]
) -> tuple[list[Listed], dict[SubjectId, Named]]:
    """Return all records of the list in its order, and the names that had to be opened for that."""
    if narrowed.text is not None and len(narrowed.text) > KEY_LENGTH_CAP:
        return [], {}
    found = record_list.find_listed(
        tx,
        lets,
        kinds=narrowed.kinds,
        states=narrowed.states,
        owner=narrowed.owner,
        ending_before=narrowed.ending_before,
    )
    wanted = _fold(narrowed.text or "")
    if not wanted and narrowed.order is RecordOrder.NEWEST:
        return found, {}
    names = record_list.open_names(tx, found)
    if wanted:
        found = [one for one in found if wanted in _fold(f"{names[one.subject].number}\n{names[one.subject].name}")]
    if narrowed.order is RecordOrder.NUMBER:
        found.sort(key=lambda one: (names[one.subject].number, one.subject))
    return found, names


def _find_start(found: list[Listed], after: SubjectId | None) -> int:
    if after is None:
        return 0
    place = next((place for place, one in enumerate(found) if one.subject == after), None)
    if place is None:
        raise NotFound(
            "records.record-after-page-begins-not",
            "The record after which this page begins is not in the list any more; begin at its first page.",
        )
    return place + 1


def _fold(text: str) -> str:
    """Return the text without case, accents and outer white space."""
    if text.isascii():
        return text.strip().casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if not unicodedata.combining(one)).strip()


def _describe(one: Listed, named: Named, held: tuple[int, int]) -> RecordRow:
    return RecordRow(
        subject=one.subject,
        number=named.number,
        name=named.name,
        facts=one.facts,
        version=one.version,
        created_at=one.created_at,
        changed_at=one.changed_at,
        photos=held[0],
        references=held[1],
    )
