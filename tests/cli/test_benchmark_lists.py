"""``semblance bench-fill`` and ``bench-lists``: a node filled in pieces, and its lists measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from semblance.benchmarks import fill, lists
from semblance.bootstrap.node import run_node
from semblance.store import record_list
from semblance.terms.record import RecordState, RestrictionMode


def count(home: Path) -> int:
    with run_node(home) as node, node.store.reading() as tx:
        held = record_list.count_held(tx)
    assert len({group.kind for group in held}) == 8
    assert {group.standing.state for group in held} == set(RecordState)
    assert {group.standing.restriction.mode for group in held} == set(RestrictionMode)
    assert len({group.standing.owner for group in held}) > 20
    return sum(group.records for group in held)


def test_an_interrupted_filling_goes_on_and_its_lists_are_measured(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, add = tmp_path / "filled", fill._add_record
    monkeypatch.setattr(fill, "_BATCH", 100)

    def stop(tx: Any, place: int, now: Any) -> bool:
        if place == 250:
            raise KeyboardInterrupt
        return add(tx, place, now)

    monkeypatch.setattr(fill, "_add_record", stop)
    assert "Stopped" in run("bench-fill", home, "--records", 300).stderr
    # the piece in hand is gone as a whole
    assert count(home) == 200
    monkeypatch.setattr(fill, "_add_record", add)
    assert "100 records were added" in run("bench-fill", home, "--records", 300).stdout
    assert count(home) == 300
    assert "0 records were added" in run("bench-fill", home, "--records", 250).stdout
    assert "50 records were added" in run("bench-fill", home, "--records", 350).stdout
    told = json.loads(run("bench-fill", home, "--records", 350, "--json").stdout)
    assert told == {"home": str(home), "added": 0, "records": 350}
    monkeypatch.setattr(lists, "_CURSORS", 4)
    found = json.loads(run("bench-lists", home, "--rounds", 2, "--json").stdout)
    assert (found["store"], found["records"], found["passed"]) == ("SQLite", 350, 200)
    for timing in found["timings"]:
        assert 0 < timing["fastest"] <= timing["median"] <= timing["slowest"]
    assert len(found["timings"]) == 10
    assert "350 records in SQLite" in run("bench-lists", home, "--rounds", 1).stdout


def test_a_node_of_other_people_is_not_filled(run: Any, home: Path) -> None:
    refused = run("bench-fill", home, "--records", 10)
    assert refused.exit_code != 0
    assert "no demonstration" in refused.stderr
    with run_node(home) as node, node.store.reading() as tx:
        assert record_list.count_held(tx) == []
