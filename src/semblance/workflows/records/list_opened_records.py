"""List records by what is sealed in them, their number and name: every heading is opened, so it takes a while."""

import unicodedata
from dataclasses import astuple

from semblance.gallery.subject import KEY_LENGTH_CAP
from semblance.node.node import Node
from semblance.store import record_list
from semblance.store.record_list import Listed
from semblance.terms.action import Action
from semblance.terms.actor import Actor
from semblance.terms.ids import SubjectId
from semblance.workflows.permission import ask
from semblance.workflows.records.list_records import (
    EVERYTHING,
    PAGE_CAP,
    RecordFilter,
    RecordPage,
    describe_rows,
    missing_place,
    note_list_read,
    select_readable,
)


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
        found: list[Listed] = []
        # nothing is called by a longer name
        if len(text) <= KEY_LENGTH_CAP:
            found = record_list.find_all(tx, select_readable(tx, node, actor, narrowed))
        names = record_list.open_names(tx, found)
        if wanted:
            found = [record for record in found if wanted in _fold("\n".join(astuple(names[record.subject])))]
        if by_number:
            found.sort(key=lambda record: (names[record.subject].number, record.subject))
        start = _find_start(found, after)
        shown = found[start : start + min(max(limit, 1), PAGE_CAP)]
        rows = describe_rows(tx, shown, names)
    note_list_read(node, actor, permit, rows, narrowed=bool(wanted) or narrowed != EVERYTHING)
    more = start + len(shown) < len(found)
    return RecordPage(rows, len(found), True, shown[-1].subject if shown and more else None)


def _find_start(found: list[Listed], after: SubjectId | None) -> int:
    if after is None:
        return 0
    place = next((place for place, record in enumerate(found) if record.subject == after), None)
    if place is None:
        raise missing_place()
    return place + 1


def _fold(text: str) -> str:
    """Return the text without case, accents and outer white space."""
    if text.isascii():
        return text.strip().casefold()
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()
