"""A clock that may be wrong ends and erases nothing, says why, and is believed when two people say so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.accounts import add_cast
from tests.cast import ADA, ALICE, DORA
from tests.workflows.conftest import Clock
from tests.workflows.record_acts import TERMS, enrol, list_numbers
from tests.workflows.searching import count_probes

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import read_entry
from semblance.cases.case import CaseDraft, Category
from semblance.errors import ClockDoubted, Conflict, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.node.clock_watch import ClockWatch
from semblance.node.node import Node
from semblance.store import clock_doubts, ledger
from semblance.store.ledger_witness import LedgerSeat
from semblance.terms.permission import Purpose
from semblance.workflows import clock_check
from semblance.workflows.cases.cases import open_case
from semblance.workflows.cases.probes import purge_expired, submit_probe
from semblance.workflows.clock_check import list_doubts
from semblance.workflows.oversight.believe_clock import BelieveClock
from semblance.workflows.oversight.proposals import confirm_proposal
from semblance.workflows.scheduled.worker import RoundReport, run_round
from semblance.workflows.two_people import propose

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]
CASE = CaseDraft("FR-2026-17", Purpose.MISSING_PERSON, Category.MISSING, "to find the child", link="report 4711")
ENDING = {
    "forget-probes",
    "expire-authorisations",
    "expire-records",
    "erase-expired-records",
    "end-standing-searches",
    "expire-cases",
    "erase-justifications",
    "erase-requests",
    "expire-leads",
    "expire-submissions",
    "forget-unfinished",
    "forget-clips",
    "forget-jobs",
    "sweep-keys",
}
SIX_YEARS = timedelta(days=6 * 365)


@pytest.fixture
def held(node: Node, draw: Draw, item: MakeItem) -> Node:
    """Return a node that signs its ledger, with a record and a probe."""
    node.store.ledger = LedgerSeat(SigningKey("semblance.invalid/test", bytes(range(32))))
    add_cast(node)
    enrol(node, [item("A", "a.jpg", draw("A"))])
    submit_probe(node, ALICE, open_case(node, ALICE, CASE).id, draw("probe"), name="p.png")
    assert list_stopped(run_round(node)) == set()
    return node


def list_stopped(report: RoundReport) -> set[str]:
    return {done.job for done in report.outcomes if done.error == ClockDoubted.code}


def count_keys(node: Node) -> int:
    assert node.store.keyring is not None
    return node.store.keyring.describe().keys


def believe(node: Node) -> None:
    proposed = propose(node, DORA, BelieveClock(), reason="The node rested over the summer")
    with pytest.raises(RefusedByPolicy):
        confirm_proposal(node, DORA, proposed.proposal.number)
    confirm_proposal(node, ADA, proposed.proposal.number)


def test_one_round_six_years_ahead_destroys_nothing(held: Node, clock: Clock) -> None:
    keys = count_keys(held)
    clock.now += SIX_YEARS
    for _ in range(3):
        report = run_round(held)
        assert list_stopped(report) == ENDING
        assert not report.complete
    assert (count_keys(held), count_probes(held), list_numbers(held)) == (keys, 1, ["A"])
    (doubt,) = list_doubts(held)
    assert str(doubt).startswith("The clock says 2032-")
    with pytest.raises(ClockDoubted, match="believe-clock"):
        purge_expired(held)


def test_what_people_do_by_a_wrong_clock_does_not_make_it_a_right_one(held: Node, draw: Draw, clock: Clock) -> None:
    keys = count_keys(held)
    clock.now += SIX_YEARS
    # the newest entry is of the wrong moment from now on
    case = open_case(held, ALICE, replace(CASE, number="FR-2026-18"))
    clock.now += timedelta(hours=3)
    submit_probe(held, ALICE, case.id, draw("other"), name="p.png")
    assert list_stopped(run_round(held)) == ENDING
    assert (count_keys(held), count_probes(held)) == (keys + 2, 2)


def test_a_clock_that_was_put_right_is_believed_again(held: Node, clock: Clock) -> None:
    clock.now += SIX_YEARS
    run_round(held)
    clock.now -= SIX_YEARS - timedelta(hours=2)
    report = run_round(held)
    assert (list_stopped(report), report.complete, count_probes(held)) == (set(), True, 0)
    assert list_doubts(held) == ()
    clock.now += timedelta(days=6)
    assert list_stopped(run_round(held)) == set()
    clock.now += timedelta(days=6)
    assert list_stopped(run_round(held)) == set()


def test_two_people_let_a_node_go_on_that_rested_for_long(held: Node, clock: Clock) -> None:
    with pytest.raises(Conflict, match="Nobody doubts"):
        propose(held, DORA, BelieveClock(), reason="To be sure")
    clock.now += timedelta(days=40)
    assert list_stopped(run_round(held)) == ENDING
    believe(held)
    report = run_round(held)
    assert (list_stopped(report), report.complete, count_probes(held)) == (set(), True, 0)
    with held.store.reading() as tx:
        said = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    assert ("clock.believe", "ada") in {(entry["action"], entry["person"]) for entry in said}


def test_a_clock_put_forward_while_the_program_runs_is_noticed(
    held: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = ClockWatch()
    node, passed = replace(held, watch=watch), [timedelta(0)]
    began = clock.now
    monkeypatch.setattr(watch, "expect", lambda: began + passed[0])
    clock.now += timedelta(hours=20)
    assert list_stopped(run_round(node)) == set()
    clock.now = began + timedelta(days=3)
    assert list_stopped(run_round(node)) == ENDING
    # another program begins, and knows nothing of it
    assert list_stopped(run_round(replace(held, watch=ClockWatch()))) == ENDING
    passed[0] = timedelta(hours=22)
    clock.now = began + passed[0]
    assert list_stopped(run_round(node)) == set()


def test_the_watch_counts_the_time_that_passes() -> None:
    watch = ClockWatch()
    assert abs(watch.expect() - datetime.now(UTC)) < timedelta(minutes=1)


def test_far_more_than_ever_at_once_is_not_ended(
    node: Node, draw: Draw, item: MakeItem, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_check, "FLOOR", 3)
    add_cast(node)
    terms = replace(TERMS, retain_until=date(2026, 3, 20))
    enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in "ABCDE"], terms)
    clock.now = datetime(2026, 3, 21, 9, tzinfo=UTC)
    report = run_round(node)
    assert list_stopped(report) == {"expire-records"}
    outcome = next(done for done in report.outcomes if done.job == "expire-records")
    assert (outcome.count, "expire-records" in str(outcome.message)) == (0, True)
    believe(node)
    done = {outcome.job: outcome.count for outcome in run_round(node).outcomes}
    assert done["expire-records"] == 5
    with node.store.reading() as tx:
        assert clock_doubts.find_busiest(tx, "expire-records", since=date(2026, 3, 1)) == 5


def test_ten_times_what_a_day_saw_is_usual(
    node: Node, draw: Draw, item: MakeItem, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_check, "FLOOR", 1)
    for names, until in (("A", date(2026, 3, 10)), ("BCDEF", date(2026, 3, 20))):
        enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in names], replace(TERMS, retain_until=until))
    for day in (11, 21):
        clock.now = datetime(2026, 3, day, 9, tzinfo=UTC)
        assert list_stopped(run_round(node)) == set()
