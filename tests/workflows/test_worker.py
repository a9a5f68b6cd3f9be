"""What a node does by itself: every job has its turn, and none keeps another from it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from semblance.errors import StoreFull
from semblance.store import probes
from semblance.workflows.identify import UNSEARCHED_LIFE, submit_probe
from semblance.workflows.node import Node
from semblance.workflows.worker import Job, RoundReport, run_round, run_until_stopped


def test_an_expired_probe_goes_and_one_that_lives_stays(node: Node, draw: Callable[..., bytes]) -> None:
    submit_probe(node, draw("alice-1"), name="old.png", person="Alice")
    later = replace(node, clock=lambda: node.clock() + UNSEARCHED_LIFE - timedelta(minutes=1))
    assert [outcome.count for outcome in run_round(later).outcomes] == [0]
    late = replace(node, clock=lambda: node.clock() + UNSEARCHED_LIFE + timedelta(minutes=1))
    report = run_round(late)
    assert report.complete
    assert [(outcome.job, outcome.count) for outcome in report.outcomes] == [("forget-probes", 1)]
    with node.store.reading() as tx:
        assert probes.count_probes(tx, now=node.clock()) == 0


def test_a_job_that_fails_is_reported_and_the_next_has_its_turn(node: Node) -> None:
    def fail(_node: Node) -> int:
        raise StoreFull("There is no room left; make room.")

    report = run_round(node, (Job("first", fail), Job("second", lambda _node: 3)))
    first, second = report.outcomes
    assert not report.complete
    assert (first.error, first.message) == ("store.full", "There is no room left; make room.")
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
