"""Every act leaves its entry in the transaction of the act itself: no act without it, no entry without the act."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.cast import ALICE, EMIL
from tests.workflows.record_acts import choose_face, enrol, erase, find_id, look
from tests.workflows.records.test_write_record import RED
from tests.workflows.searching import NUMBER, REASON, count_probes, open_case, reveal, search, submit

from semblance.audit.entry import opens, read_entry
from semblance.errors import RefusedByPolicy, StoreFull
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import ledger, searches
from semblance.workflows.cases.probes import purge_expired
from semblance.workflows.records.erase_record import erase_record
from semblance.workflows.records.write_record import create_record, edit_record, publish_record, withdraw_record
from semblance.workflows.search.search_answer import SearchAnswer
from semblance.workflows.search.search_gallery import search_probe

MakeItem = Callable[..., IntakeItem]
Draw = Callable[..., bytes]


def read_acts(node: Node) -> list[tuple[str, str, str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["verb"], entry["action"], entry["person"], entry["authority"]) for entry in entries]


def test_each_act_from_intake_to_erasure(node: Node, clock: Any, draw: Draw, item: MakeItem) -> None:
    items = [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B", "C")), item("D", "no.jpg", draw())]
    report = enrol(node, items, workers=1)
    waiting = report.rows[1].photo
    assert waiting is not None
    choose_face(node, waiting, 0)
    answer = search(node, draw("A", take=2))
    with pytest.raises(RefusedByPolicy):
        search_probe(node, ALICE, answer.record.probe, reason="")
    receipt = erase(node, "A")
    clock.now += timedelta(days=31)
    purge_expired(node)
    assert read_acts(node) == [
        ("collection", "record.create", "emil", "DE"),
        ("alteration", "record.publish", "emil", "DE"),
        ("collection", "photo.enrol", "emil", "DE"),
        ("collection", "record.create", "emil", "DE"),
        ("alteration", "record.publish", "emil", "DE"),
        ("collection", "photo.enrol", "emil", "DE"),
        ("alteration", "photo.choose-face", "emil", "DE"),
        ("collection", "case.open", "alice", "FR"),
        ("collection", "probe.submit", "alice", "FR"),
        ("consultation", "gallery.search", "alice", "FR"),
        ("refusal", "gallery.search", "alice", "FR"),
        ("erasure", "record.erase", "emil", "DE"),
        ("erasure", "probe.expire", "semblance-worker", node.authority),
        # nobody had examined what the search found, and now nobody can
        ("alteration", "examination.lapse", "semblance-worker", node.authority),
    ]
    assert receipt.ledger_entry == 11
    with node.store.reading() as tx:
        data = ledger.read_data(tx, receipt.ledger_entry)
        assert data is not None
        openings = ledger.read_openings(tx, receipt.ledger_entry)
        rules = [read_entry(entry)["rule"] for _, entry in ledger.iterate_entries(tx)]
    assert all(opens(read_entry(data), opening) for opening in openings)
    assert receipt.subject in {opening.text for opening in openings}
    # the rule that allowed each act stands with it
    assert rules[:3] == ["actions.record.create", "actions.record.publish", "actions.photo.enrol"]
    assert rules[8:11] == ["actions.probe.submit", "purposes.missing-person", "justification.reason"]


def test_doing_it_again_logs_nothing_again(node: Node, draw: Draw, item: MakeItem) -> None:
    items = [item("A", "a.jpg", draw("A"))]
    enrol(node, items)
    enrol(node, items)
    assert len(read_acts(node)) == 3


def test_an_act_that_cannot_be_logged_is_not_done(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    made = create_record(node, EMIL, RED, reason="the warrant came in")
    probe, subject, before = submit(node, draw("A", take=2)), find_id(node, "A"), len(read_acts(node))

    def fail(*_: Any, **__: Any) -> int:
        raise StoreFull("test.error", "There is no room left for the ledger; make room.")

    longer = replace(RED, personal=replace(RED.personal, height=171))
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", fail)
        acts: tuple[Callable[[], object], ...] = (
            lambda: search_probe(node, ALICE, probe, reason=REASON),
            lambda: erase_record(node, EMIL, subject, reason="The order was lifted"),
            lambda: submit(node, draw("A", take=3)),
            lambda: enrol(node, [item("B", "b.jpg", draw("B"))]),
            lambda: create_record(node, EMIL, replace(RED, number="2"), reason="the warrant came in"),
            lambda: edit_record(node, EMIL, made.subject, longer, version=1, reason="she was measured"),
            lambda: publish_record(node, EMIL, made.subject, neutral=True, reason="checked"),
            lambda: withdraw_record(node, EMIL, subject, reason="she was found"),
            lambda: open_case(node, number="another"),
        )
        for act in acts:
            with pytest.raises(StoreFull):
                act()
    with node.store.reading() as tx:
        assert searches.count_searches(tx) == 0
    assert count_probes(node) == 1
    assert (look(node).records, look(node).active) == (2, 1)
    answer = search_probe(node, ALICE, probe, reason=REASON)
    assert isinstance(answer, SearchAnswer)
    assert ([one.number for one in reveal(node, answer).candidates], answer.record.case) == (["A"], NUMBER)
    assert len(read_acts(node)) == before + 1
