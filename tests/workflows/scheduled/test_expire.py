"""Probes, cases and justifications end when their time is over, and the ledger says so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.cast import ALICE
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import enrol
from tests.workflows.searching import open_case, search, submit

from semblance.audit.entry import read_entry
from semblance.cases.case import CaseState
from semblance.errors import KeyDestroyed, NotFound
from semblance.exchange.intake import IntakeItem
from semblance.node.node import Node
from semblance.store import cases, ledger, probes, searches
from semblance.store.rows import change_rows
from semblance.store.schema.case import case_file
from semblance.workflows.cases import probes as probe_acts
from semblance.workflows.cases.cases import close_case, find_case_id, list_cases, read_case
from semblance.workflows.cases.probes import UNSEARCHED_LIFE, purge_expired
from semblance.workflows.scheduled.expire import erase_justifications, expire_cases
from semblance.workflows.search.search_answer import read_search

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def list_worker_acts(node: Node) -> list[tuple[str, str, str | None]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(one["verb"], one["action"], one["case"]) for one in entries if one["person"] == "semblance-worker"]


def test_probes_live_as_long_as_the_policy_says(node: Node, draw: Draw, clock: Clock) -> None:
    submit(node, draw("A"))
    searched = search(node, draw("B")).record
    clock.now += UNSEARCHED_LIFE
    assert purge_expired(node) == 1
    clock.now = searched.when + timedelta(days=30) - timedelta(seconds=1)
    assert purge_expired(node) == 0
    clock.now += timedelta(seconds=2)
    assert purge_expired(node) == 1
    assert [act[:2] for act in list_worker_acts(node)] == [("erasure", "probe.expire")] * 2
    # the search is still recorded, and still says why
    assert not read_search(node, ALICE, searched.search).record.erased


def test_many_probes_go_in_bounded_transactions(
    node: Node, draw: Draw, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_acts, "BATCH", 2)
    for number in range(5):
        submit(node, draw(f"P{number}"))
    clock.now += 2 * UNSEARCHED_LIFE
    assert purge_expired(node) == 5
    assert len(list_worker_acts(node)) == 3


def test_a_case_in_which_nothing_was_done_ends(node: Node, draw: Draw, clock: Clock) -> None:
    probe = search(node, draw("A")).record.probe
    quiet = open_case(node)
    clock.now += timedelta(days=29)
    open_case(node, number="FR-9")
    clock.now = quiet.last_act_at + timedelta(days=364)
    assert expire_cases(node) == 0
    clock.now += timedelta(days=2)
    assert expire_cases(node) == 1
    assert read_case(node, ALICE, quiet.id).case.state is CaseState.EXPIRED
    assert [case.number for case in list_cases(node, ALICE, state=CaseState.OPEN).cases] == ["FR-9"]
    with node.store.reading() as tx:
        assert probes.find_of_case(tx, quiet.id) == ()
        assert probes.read_probe_bytes(tx, probe) is None
    assert list_worker_acts(node) == [("erasure", "case.expire", "FR-2026-17")]
    assert expire_cases(node) == 0


def test_justifications_and_candidates_go_after_three_years(
    node: Node, draw: Draw, item: MakeItem, clock: Clock
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    answer = search(node, draw("A", take=5))
    case = open_case(node)
    close_case(node, ALICE, case.id, reason="The child is home again")
    clock.now = answer.record.when + timedelta(days=1095)
    assert erase_justifications(node) == 0
    clock.now += timedelta(days=2)
    assert erase_justifications(node) == 2
    shown = read_search(node, ALICE, answer.search)
    assert (shown.record.erased, shown.record.reason, shown.record.case, shown.candidates) == (True, "", "", ())
    # that a search was made, by whom and for what purpose, stays
    assert (shown.record.person, shown.record.purpose) == ("alice", "missing-person")
    erased = read_case(node, ALICE, case.id).case
    assert (erased.state, erased.number, erased.draft.aim, erased.draft.link) == (CaseState.ERASED, "", "", "")
    with pytest.raises(NotFound):
        find_case_id(node, ALICE, "FR-2026-17")
    assert [act[:2] for act in list_worker_acts(node)] == [("erasure", "search.expire"), ("erasure", "case.erase")]
    assert erase_justifications(node) == 0


def test_the_key_of_an_erased_case_is_gone_for_every_copy(node: Node, draw: Draw, clock: Clock) -> None:
    search(node, draw("A"))
    case = open_case(node)
    with node.store.reading() as tx:
        copy = tx.connection.execute(sa.select(case_file.c.sealed).where(case_file.c.id == case.id)).scalar_one()
    clock.now += timedelta(days=366)
    expire_cases(node)
    clock.now += timedelta(days=1000)
    erase_justifications(node)
    with node.store.writing() as tx:
        change_rows(tx, case_file, case_file.c.id == case.id, sealed=copy)
    with node.store.reading() as tx, pytest.raises(KeyDestroyed):
        cases.find_case(tx, case.id)


def test_a_case_in_which_something_is_done_keeps_its_words(node: Node, draw: Draw, clock: Clock) -> None:
    first = search(node, draw("A")).record
    for _ in range(4):
        clock.now += timedelta(days=300)
        submit(node, draw("A"))
        assert expire_cases(node) == 0
    assert erase_justifications(node) == 1
    case = read_case(node, ALICE, first.case_id).case
    assert (case.state, case.number) == (CaseState.OPEN, "FR-2026-17")
    with node.store.reading() as tx:
        (only,) = searches.list_searches(tx, ALICE.authority, before=None, limit=10)
    assert only.record.erased
