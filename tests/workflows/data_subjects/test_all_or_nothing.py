"""A request is taken in, linked, answered or declined as a whole: what stops in the middle left nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from tests.cast import DE, DORA, FR
from tests.workflows.data_subjects.test_requests import FOUND
from tests.workflows.record_acts import enrol, find_id, list_numbers

from semblance.errors import Conflict, NotFound, StoreFull
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind, RequestState
from semblance.node.node import Node
from semblance.store import ledger, vault
from semblance.store.schema.gallery import PERSONAL_TABLES
from semblance.terms.record import Restriction, RestrictionMode
from semblance.workflows.data_subjects.answer_request import answer_request, decline_request
from semblance.workflows.data_subjects.requests import link_records, list_requests, receive_request

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

GRETA = replace(DORA, authority=DE, name="greta")
WHY = "It is another person"


def read_everything(node: Node) -> dict[str, list[Any]]:
    """Return every row of what is held of people, and how long the ledger is."""
    with node.store.reading() as tx:
        rows = {
            table.name: sorted(map(repr, tx.connection.execute(sa.select(table)).all())) for table in PERSONAL_TABLES
        }
        return {**rows, "ledger": [ledger.read_size(tx)]}


def ask(node: Node, kind: RequestKind, *numbers: str) -> RequestDraft:
    records = tuple(find_id(node, number) for number in numbers)
    return RequestDraft(kind, "J. Doe, Lyon", date(2026, 2, 27), "myself", "it is not me", records)


def receive_dispute(node: Node) -> Callable[[], object]:
    draft = ask(node, RequestKind.DISPUTE, "A", "B")
    return lambda: receive_request(node, GRETA, draft)


def link_dispute(node: Node) -> Callable[[], object]:
    made = receive_request(node, GRETA, ask(node, RequestKind.DISPUTE)).request
    records = [find_id(node, "A"), find_id(node, "B")]
    return lambda: link_records(node, GRETA, made.id, add=records)


def answer(kind: RequestKind, decide: Callable[..., object]) -> Callable[[Node], Callable[[], object]]:
    def prepare(node: Node) -> Callable[[], object]:
        made = receive_request(node, GRETA, ask(node, kind, "A", "B")).request
        return lambda: decide(node, GRETA, made.id, reason=WHY)

    return prepare


ACTS: dict[str, tuple[Callable[[Node], Callable[[], object]], int]] = {
    "receive": (receive_dispute, 4),
    "link": (link_dispute, 4),
    "erase": (answer(RequestKind.ERASURE, answer_request), 3),
    "uphold": (answer(RequestKind.DISPUTE, answer_request), 3),
    "decline": (answer(RequestKind.DISPUTE, decline_request), 3),
}
"""What is done, and how many entries of the ledger it leaves."""


@pytest.mark.parametrize("name", list(ACTS))
def test_what_stops_in_the_middle_leaves_nothing(
    node: Node, draw: Draw, item: MakeItem, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))], FOUND)
    prepare, entries = ACTS[name]
    act = prepare(node)
    before, append = read_everything(node), ledger.append
    for place in range(entries):
        left = [place]

        def stop(*arguments: Any, left: list[int] = left, **options: Any) -> int:
            if not left[0]:
                raise StoreFull("test.stopped", "Stopped here.")
            left[0] -= 1
            return append(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(ledger, "append", stop)
            with pytest.raises(StoreFull):
                act()
        assert read_everything(node) == before
    act()
    assert read_everything(node)["ledger"] == [before["ledger"][0] + entries]
    with pytest.raises(Conflict) if name in {"erase", "uphold", "decline"} else pytest.MonkeyPatch.context():
        # what was decided is decided once; what was linked stays linked once
        act()
    if name == "erase":
        assert list_numbers(node) == []


def test_a_dispute_answered_with_404_was_not_taken_in(node: Node, draw: Draw, item: MakeItem) -> None:
    hidden = replace(FOUND, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})))
    enrol(node, [item("A", "a.jpg", draw("A"))], FOUND)
    enrol(node, [item("B", "b.jpg", draw("B"))], hidden)
    for _ in range(2):
        with pytest.raises(NotFound):
            receive_request(node, DORA, ask(node, RequestKind.DISPUTE, "A", "B"))
    assert list_requests(node, DORA).rows == ()
    assert list_requests(node, DORA, decided=True).rows == ()


def test_keys_that_could_not_be_destroyed_at_once_leave_an_erasure_whole(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B"))], FOUND)
    made = receive_request(node, GRETA, ask(node, RequestKind.ERASURE, "A", "B")).request

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(vault, "_destroy", die)
        with pytest.raises(KeyboardInterrupt):
            answer_request(node, GRETA, made.id, reason=WHY)
    assert list_numbers(node) == []
    (row,) = list_requests(node, GRETA, decided=True).rows
    assert row.request.state is RequestState.ANSWERED
    assert all(about.erased_in is not None for about in row.request.about)
    with node.store.reading() as tx:
        assert vault.finish_destruction(tx) == 2
