"""What a node does by itself: every job has its turn, and none keeps another from it."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from tests.cast import ALICE, DORA
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import enrol
from tests.workflows.searching import count_probes

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import read_entry
from semblance.cases.case import CaseDraft, Category
from semblance.errors import StoreFull
from semblance.exchange.intake import IntakeItem
from semblance.gallery.request import RequestDraft, RequestKind, RequestState
from semblance.node.node import Node
from semblance.store import ledger, vault, worker_notes
from semblance.store.ledger_witness import LedgerSeat
from semblance.store.schema.ledger import ledger_entry
from semblance.terms.permission import Purpose
from semblance.workflows.cases.cases import open_case
from semblance.workflows.cases.probes import UNSEARCHED_LIFE, submit_probe
from semblance.workflows.data_subjects.answer_request import decline_request
from semblance.workflows.data_subjects.requests import list_requests, read_request, receive_request
from semblance.workflows.scheduled.worker import JOBS, Job, RoundReport, run_round, run_until_stopped

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
CASE = CaseDraft("FR-2026-17", Purpose.MISSING_PERSON, Category.MISSING, "to find the child", link="report 4711")


def list_actions(node: Node) -> list[str]:
    with node.store.reading() as tx:
        return [read_entry(data)["action"] for _, data in ledger.iterate_entries(tx)]


def find_count(report: RoundReport, job: str) -> int:
    return next(outcome.count for outcome in report.outcomes if outcome.job == job)


def test_an_expired_probe_goes_and_one_that_lives_stays(node: Node, draw: Draw, clock: Clock) -> None:
    case = open_case(node, ALICE, CASE)
    submit_probe(node, ALICE, case.id, draw("alice-1"), name="old.png")
    clock.now += UNSEARCHED_LIFE - timedelta(minutes=1)
    assert find_count(run_round(node), "forget-probes") == 0
    clock.now += timedelta(minutes=2)
    report = run_round(node)
    assert report.complete
    assert find_count(report, "forget-probes") == 1
    assert count_probes(node) == 0


def test_a_round_of_a_node_with_nothing_due_leaves_no_entry(node: Node) -> None:
    report = run_round(node)
    assert report.complete
    assert [outcome.job for outcome in report.outcomes] == [job.name for job in JOBS]
    assert {outcome.count for outcome in report.outcomes} == {0}
    assert list_actions(node) == []


def test_a_job_that_fails_is_reported_and_the_next_has_its_turn(node: Node) -> None:
    def fail(_node: Node) -> int:
        raise StoreFull("test.error", "There is no room left; make room.")

    def fail_later(_node: Node) -> Iterator[int]:
        yield 2
        raise StoreFull("test.error", "There is no room left; make room.")

    jobs = (Job("first", fail), Job("half", fail_later), Job("second", lambda _node: 3))
    report = run_round(node, jobs)
    first, half, second = report.outcomes
    assert not report.complete
    assert (first.count, first.error, str(first.message)) == (0, "store.full", "There is no room left; make room.")
    assert (half.count, half.error) == (2, "store.full")
    assert (second.count, second.error) == (3, None)


def test_a_programming_error_is_not_swallowed(node: Node) -> None:
    def fail(_node: Node) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_round(node, (Job("wrong", fail),))


def test_rounds_follow_each_other_until_the_stop(node: Node) -> None:
    stop, seen = threading.Event(), list[RoundReport]()

    def count(report: RoundReport) -> None:
        seen.append(report)
        if len(seen) == 3:
            stop.set()

    run_until_stopped(node, stop, seconds=0.001, jobs=(Job("nothing", lambda _node: 0),), on_round=count)
    assert len(seen) == 3


def test_a_stop_ends_a_long_job_between_two_of_its_transactions(node: Node) -> None:
    stop, done = threading.Event(), list[int]()

    def work(_node: Node) -> Iterator[int]:
        for step in range(100):
            done.append(step)
            if step == 4:
                stop.set()
            yield 1

    report = run_round(node, (Job("long", work), Job("never", lambda _node: 1)), stop=stop)
    assert len(done) == 5
    assert [(outcome.job, outcome.count) for outcome in report.outcomes] == [("long", 5)]


def test_what_was_asked_goes_when_its_time_is_over(node: Node, clock: Clock) -> None:
    asked = RequestDraft(RequestKind.ACCESS, "J. Doe, Lyon", date(2026, 3, 1), whom="myself")
    request = receive_request(node, DORA, asked).request
    decline_request(node, DORA, request.id, reason="They do not say who they are")
    clock.now += timedelta(days=1095)
    assert find_count(run_round(node), "erase-requests") == 0
    clock.now += timedelta(days=2)
    assert find_count(run_round(node), "erase-requests") == 1
    held = read_request(node, DORA, request.id).row.request
    assert (held.state, held.draft.asker, held.draft.whom, held.reason) == (RequestState.ERASED, "", "", "")
    assert held.decided_by == "dora"
    assert [row.request.id for row in list_requests(node, DORA, decided=True).rows] == [request.id]
    assert "request.erase" in list_actions(node)


def test_keys_that_a_killed_program_doomed_are_destroyed(node: Node, draw: Draw, item: MakeItem) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    with node.store.writing() as tx:
        key = vault.make_key(tx, "subject")
    with node.store.writing() as tx:
        vault.destroy_key(tx, key)
        # killed just after the commit
        tx.after_commit.clear()
    assert node.store.keyring is not None
    assert key not in node.store.keyring.list_destroyed()
    assert find_count(run_round(node), "destroy-keys") == 1
    assert key in node.store.keyring.list_destroyed()
    assert list_actions(node)[-1] == "key.destroy"
    assert find_count(run_round(node), "destroy-keys") == 0


def test_the_ledger_is_verified_once_a_day(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("A", "a.jpg", draw("A"))])
    assert find_count(run_round(node), "verify-ledger") > 0
    assert find_count(run_round(node), "verify-ledger") == 0
    clock.now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert find_count(run_round(node), "verify-ledger") > 0
    with node.store.reading() as tx:
        last = worker_notes.find_last_verification(tx)
    assert last is not None
    assert last.fault is None


def test_a_ledger_changed_by_hand_is_told_in_every_round(node: Node, draw: Draw, item: MakeItem, clock: Clock) -> None:
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    enrol(node, [item("A", "a.jpg", draw("A"))])
    with node.store.writing() as tx:
        tx.connection.exec_driver_sql(
            "DROP TRIGGER ledger_entry_no_update"
            if node.store.kind == "SQLite"
            else "DROP TRIGGER ledger_entry_append_only ON ledger_entry"
        )
        changed = sa.update(ledger_entry).where(ledger_entry.c.number == 0)
        tx.connection.execute(changed.values(data=b"{}"))
    for _ in range(2):
        report = run_round(node)
        outcome = next(one for one in report.outcomes if one.job == "verify-ledger")
        assert outcome.error == "verification"
        assert all(one.error is None for one in report.outcomes if one is not outcome)
    with node.store.reading() as tx:
        last = worker_notes.find_last_verification(tx)
    assert last is not None
    assert last.fault is not None
    assert "changed by hand" in str(last.fault)
