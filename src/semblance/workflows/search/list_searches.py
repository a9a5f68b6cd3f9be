"""List the recorded searches of one's own authority, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass

from semblance.audit.act import Touched
from semblance.audit.search_record import SearchRecord
from semblance.cases.examination import Examination
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import examinations, searches
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import SearchId
from semblance.workflows.permission import ask, note_list


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of recorded searches, newest first; ``next_after`` asks for the page after it, None at the end.

    ``examinations`` are those of the searches whose candidates people were asked to examine.
    """

    records: tuple[SearchRecord, ...]
    next_after: int | None
    examinations: Mapping[SearchId, Examination]


def list_searches(node: Node, actor: Actor, *, after: int | None = None, limit: int = 50) -> SearchPage:
    """Return recorded searches, newest first, refused ones too; the page is logged as a consultation."""
    permit = ask(node, actor, Action.CASE_READ, owner=actor.authority)
    with node.store.reading() as tx:
        found = searches.list_searches(tx, actor.authority, before=after, limit=limit + 1)
        examined = examinations.find_of_searches(tx, [numbered.record.search for numbered in found[:limit]])
    records = tuple(numbered.record for numbered in found[:limit])
    touched = tuple(Touched("search", record.search) for record in records)
    note_list(node, actor, permit, Message("search.list", "a list of searches"), touched)
    return SearchPage(records, found[limit - 1].number if len(found) > limit else None, examined)
