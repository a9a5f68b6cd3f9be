"""The figures of whoever watches over the node: right, complete, and without what is not open to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.cast import ADA, ALICE, BOB, CAROL, DE, DORA, EMIL, FR, MALLORY
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, erase, find_id

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import Act, Verb, read_entry
from semblance.cases.case import CaseDraft, Category
from semblance.errors import RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind
from semblance.node.node import Node
from semblance.store import ledger
from semblance.store.ledger_witness import LedgerSeat
from semblance.terms.permission import Actor, Purpose
from semblance.terms.record import RecordKind, RecordState, Restriction, RestrictionMode
from semblance.workflows.cases.cases import open_case
from semblance.workflows.cases.probes import submit_probe
from semblance.workflows.data_subjects.requests import receive_request
from semblance.workflows.oversight import oversight as overseeing
from semblance.workflows.oversight.oversight import RuleCount, read_oversight
from semblance.workflows.records.write_record import dispute_record
from semblance.workflows.scheduled.worker import run_round
from semblance.workflows.search.search_gallery import search_probe

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

MISSING = CaseDraft("FR-1", Purpose.MISSING_PERSON, Category.MISSING, "to find the child", link="report 4711")
WANTED = CaseDraft("FR-2", Purpose.WANTED_PERSON, Category.SUSPECT, "to arrest him", offence="robbery")


def search(node: Node, draft: CaseDraft, data: bytes, reason: str = "Found at the station without papers") -> None:
    case = open_case(node, ALICE, draft)
    probe = submit_probe(node, ALICE, case.id, data, name="p.jpg")
    search_probe(node, ALICE, probe.id, reason=reason)


def test_an_empty_node_has_empty_figures(node: Node) -> None:
    found = read_oversight(node, DORA)
    assert (found.searches, found.records, found.ending, found.disputed) == ((), (), (), ())
    assert (found.ledger.entries, found.ledger.complete, found.verified) == (0, True, None)
    assert (found.requests_open, found.subjects_erased, found.keys_destroyed) == (0, 0, 0)
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    assert [(entry["verb"], entry["action"]) for entry in entries] == [("consultation", "oversight.read")]


def test_each_figure_says_what_happened(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("A", "a.jpg", draw("A")), item("B", "b.jpg", draw("B")), item("C", "c.jpg", draw("C"))])
    enrol(node, [item("E", "e.jpg", draw("E"))], replace(TERMS, retain_until=date(2026, 3, 20)))
    search(node, MISSING, draw("A", take=5))
    search(node, WANTED, draw("B", take=5))
    with pytest.raises(RefusedByPolicy):
        search(node, replace(MISSING, number="FR-3"), draw("C", take=5), reason="test")
    dispute_record(node, DORA, find_id(node, "A"), reason="It is not him")
    erase(node, "B")
    asked = RequestDraft(RequestKind.ACCESS, "J. Doe, Lyon", date(2026, 2, 20), whom="myself")
    receive_request(node, DORA, asked)
    receive_request(node, DORA, replace(asked, received_on=date(2026, 1, 1)))
    clock.now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    run_round(node)
    found = read_oversight(node, DORA)
    assert [(one.day, one.authority, one.purpose, one.outcome, one.count) for one in found.searches] == [
        (date(2026, 3, 1), FR, "missing-person", "answered", 1),
        (date(2026, 3, 1), FR, "missing-person", "refused", 1),
        (date(2026, 3, 1), FR, "wanted-person", "answered", 1),
    ]
    assert [(one.kind, one.state, one.owner, one.count) for one in found.records] == [
        (RecordKind.BLUE, RecordState.ACTIVE, DE, 2),
        (RecordKind.BLUE, RecordState.BLOCKED, DE, 1),
    ]
    assert [(one.number, one.last_day) for one in found.ending] == [("E", date(2026, 3, 20))]
    assert [one.number for one in found.disputed] == ["A"]
    assert (found.ending_count, found.disputed_count) == (1, 1)
    assert (found.requests_open, found.requests_overdue) == (2, 1)
    # the search for a wanted person was not authorised within 48 hours
    assert [(one.authority, one.state, one.count) for one in found.authorisations] == [(FR, "late", 1)]
    assert found.ledger.refusals == (RuleCount("justification.reason", 1),)
    assert next(verb.count for verb in found.ledger.by_verb if verb.name == "erasure") >= 2
    # a subject's, those of two probes and that of the search that nobody authorised
    assert (found.subjects_erased, found.keys_destroyed) == (1, 4)
    assert found.verified is not None
    assert found.verified.fault is None


def test_what_is_not_open_to_the_reader_is_in_no_figure(node: Node, draw: Draw, item: MakeItem) -> None:
    ends = replace(TERMS, retain_until=date(2026, 3, 20))
    hidden = replace(ends, restriction=Restriction(RestrictionMode.EXCEPT, frozenset({FR})))
    enrol(node, [item("H", "h.jpg", draw("H"))], hidden)
    enrol(node, [item("A", "a.jpg", draw("A"))], ends)
    seen = read_oversight(node, DORA)
    assert [one.count for one in seen.records] == [1]
    assert ([one.number for one in seen.ending], seen.ending_count) == (["A"], 1)
    whole = read_oversight(node, replace(DORA, authority=DE, name="greta"))
    assert [one.count for one in whole.records] == [2]
    assert sorted(one.number for one in whole.ending) == ["A", "H"]


def test_older_days_and_further_ends_are_left_out(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))], replace(TERMS, retain_until=date(2026, 5, 1)))
    search(node, MISSING, draw("A", take=5))
    clock.now += timedelta(days=7)
    assert read_oversight(node, DORA, days=7).searches == ()
    assert read_oversight(node, DORA, days=7).ledger.by_verb == (RuleCount("consultation", 1),)
    assert len(read_oversight(node, DORA, days=8).searches) == 1
    assert read_oversight(node, DORA, within=30).ending == ()
    assert len(read_oversight(node, DORA, within=60).ending) == 1


def test_waivers_are_counted_by_rule(node: Node) -> None:
    with node.store.writing() as tx:
        for _ in range(2):
            ledger.append(tx, Act(Verb.ALTERATION, "x", "carol", "FR", rule="waivers.two-examiners"), at=node.clock())
    assert read_oversight(node, DORA).ledger.waivers == (RuleCount("two-examiners", 2),)


def test_a_ledger_too_long_to_count_says_so(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overseeing, "ENTRIES_CAP", 3)
    with node.store.writing() as tx:
        for _ in range(5):
            ledger.append(tx, Act(Verb.ALTERATION, "x", "carol", "FR"), at=node.clock())
    found = read_oversight(node, DORA).ledger
    assert (found.entries, found.complete) == (3, False)


@pytest.mark.parametrize("actor", [ALICE, BOB, CAROL, EMIL, ADA, MALLORY])
def test_nobody_else_looks(node: Node, actor: Actor) -> None:
    with pytest.raises(RefusedByPolicy):
        read_oversight(node, actor)
