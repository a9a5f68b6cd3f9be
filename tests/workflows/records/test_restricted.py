"""Two authorities search a gallery in which some records are not open to one of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.cast import ALICE, DE, EMIL, FR
from tests.workflows.record_acts import TERMS, enrol, find_id
from tests.workflows.searching import conclude, search

from semblance.exchange.intake import IntakeItem
from semblance.gallery.record import Circumstances
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.terms.permission import Actor
from semblance.terms.record import RecordKind, Restriction, RestrictionMode
from semblance.workflows.records.read_record import read_record
from semblance.workflows.records.write_record import edit_record
from semblance.workflows.search.search_answer import read_search

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

NOT_FOR_FRANCE = Restriction(RestrictionMode.EXCEPT, frozenset({FR}))
FRITZ = replace(ALICE, name="fritz", authority=DE)
ASKED = Circumstances(asked="where she lives")
PEOPLE = [f"P{n:02}" for n in range(40)]
HIDDEN = set(PEOPLE[::3])


def ask(node: Node, data: bytes, actor: Actor) -> tuple[list[tuple[int | None, str | None, float | None]], int, int]:
    """Return all that a searcher is shown of an answer and can tell from one search to the next."""
    answer = search(node, data, actor)
    shown = [(one.rank, one.number, one.score) for one in answer.candidates]
    return shown, answer.record.gallery_subjects, answer.record.gallery_references


def test_what_is_not_open_might_as_well_not_be_held(node: Node, tmp_path: Path, draw: Draw, item: MakeItem) -> None:
    items = [item(one, f"{one}/{take}.jpg", draw(one, take=take)) for one in PEOPLE for take in (1, 2)]
    enrol(node, [one for one in items if one.subject_key not in HIDDEN])
    enrol(node, [one for one in items if one.subject_key in HIDDEN], replace(TERMS, restriction=NOT_FOR_FRANCE))
    keyring = Keyring(f"sqlite:///{tmp_path / 'open.key'}", b"o" * 32)
    store = open_store(f"sqlite:///{tmp_path / 'open.db'}", keyring=keyring)
    without = replace(node, store=store, index=GalleryIndex(store), policy=PolicyShelf(store))
    enrol(without, [one for one in items if one.subject_key not in HIDDEN])
    for one in PEOPLE[:6]:
        data = draw(one, take=9)
        assert ask(node, data, ALICE) == ask(without, data, ALICE)
        shown, subjects, references = ask(node, data, FRITZ)
        assert (subjects, references) == (40, 80)
        assert shown[0][1] == one
    store.close()


def test_a_restriction_holds_from_the_next_search_on_and_for_old_answers(
    node: Node, draw: Draw, item: MakeItem
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))])
    answer = search(node, draw("A", take=9))
    assert answer.candidates[0].number == "A"
    record = read_record(node, EMIL, find_id(node, "A")).record
    hidden = replace(record.draft, restriction=NOT_FOR_FRANCE, kind=RecordKind.BLUE, circumstances=ASKED)
    edit_record(node, EMIL, record.subject, hidden, version=1, reason="not for all any more")
    again = search(node, draw("A", take=9))
    assert [candidate.number for candidate in again.candidates] == ["B"]
    assert again.record.gallery_references == 1
    conclude(node, answer.search)
    first = read_search(node, ALICE, answer.search).candidates[0]
    assert (first.number, first.owner, first.photo, first.erased) == (None, None, None, True)
