"""Every act leaves its entry in the transaction of the act itself: no act without it, no entry without the act."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from semblance.audit.entry import opens, read_entry
from semblance.cases.justification import Justification
from semblance.errors import StoreFull
from semblance.exchange.intake import IntakeItem
from semblance.store import ledger, probes, searches
from semblance.workflows.choose_face import choose_face
from semblance.workflows.delete import delete_subject
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.expire import purge_expired
from semblance.workflows.identify import SEARCHED_LIFE, SearchAnswer, search_probe, submit_probe
from semblance.workflows.node import Node

MakeItem = Callable[..., IntakeItem]
Draw = Callable[..., bytes]


def read_acts(node: Node) -> list[tuple[str, str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["person"], entry["authority"]) for entry in entries]


def test_each_act_from_intake_to_erasure(node: Node, draw: Draw, item: MakeItem, justified: Justification) -> None:
    node = replace(node, authority="FR")
    items = [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B", "C")), item("D", "no.jpg", draw())]
    report = enrol_photos(node, items, person="Emil", workers=1)
    waiting = report.rows[1].photo
    assert waiting is not None
    choose_face(node, waiting, 0, person="Emil")
    probe = submit_probe(node, draw("A", take=2), name="p.jpg", person="Alice").probe
    answer = search_probe(node, probe, justification=justified)
    assert isinstance(answer, SearchAnswer)
    search_probe(node, probe, justification=replace(justified, reason=""))
    receipt = delete_subject(node, "A", person="Emil", reason="The order was lifted")
    purge_expired(replace(node, clock=lambda: node.clock() + 2 * SEARCHED_LIFE))
    assert read_acts(node) == [
        ("collection", "photo.enrol", "Emil", "FR"),
        ("collection", "photo.enrol", "Emil", "FR"),
        ("alteration", "photo.choose-face", "Emil", "FR"),
        ("collection", "probe.submit", "Alice", "FR"),
        ("consultation", "gallery.search", "Alice", "FR"),
        ("refusal", "gallery.search", "Alice", "FR"),
        ("erasure", "subject.delete", "Emil", "FR"),
        ("erasure", "probe.expire", "semblance-worker", "FR"),
    ]
    assert receipt.ledger_entry == 6
    with node.store.reading() as tx:
        data = ledger.read_data(tx, receipt.ledger_entry)
        assert data is not None
        openings = ledger.read_openings(tx, receipt.ledger_entry)
        searched = ledger.read_openings(tx, 4)
    assert all(opens(read_entry(data), opening) for opening in openings)
    assert receipt.subject in {opening.text for opening in openings}
    # the candidate that was shown is the subject that was erased
    assert receipt.subject in {opening.text for opening in searched}


def test_doing_it_again_logs_nothing_again(node: Node, draw: Draw, item: MakeItem) -> None:
    items = [item("A", "a.jpg", draw("A"))]
    enrol_photos(node, items, person="Emil")
    enrol_photos(node, items, person="Emil")
    assert len(read_acts(node)) == 1


def test_an_act_that_cannot_be_logged_is_not_done(
    node: Node, draw: Draw, item: MakeItem, justified: Justification, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol_photos(node, [item("A", "a.jpg", draw("A"))], person="Emil")
    probe = submit_probe(node, draw("A", take=2), name="p.jpg", person="Alice").probe

    def fail(*_: Any, **__: Any) -> int:
        raise StoreFull("There is no room left for the ledger; make room.")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", fail)
        for act in (
            lambda: search_probe(node, probe, justification=justified),
            lambda: delete_subject(node, "A", person="Emil", reason="The order was lifted"),
            lambda: submit_probe(node, draw("A", take=3), name="q.jpg", person="Alice"),
            lambda: enrol_photos(node, [item("B", "b.jpg", draw("B"))], person="Emil"),
        ):
            with pytest.raises(StoreFull):
                act()
    with node.store.reading() as tx:
        assert searches.count_searches(tx) == 0
        assert probes.count_probes(tx, now=node.clock()) == 1
    answer = search_probe(node, probe, justification=justified)
    assert isinstance(answer, SearchAnswer)
    assert [candidate.subject_key for candidate in answer.candidates] == ["A"]
    assert len(read_acts(node)) == 3
