"""``semblance bench-node`` on a few photos: all are enrolled though it is killed, and no client meets an error."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest


def test_a_small_node_is_measured(
    run: Any, tmp_path: Path, astronaut_path: Path, hopper_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in (astronaut_path, hopper_path):
        shutil.copy(path, photos)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("semblance.cli.benchmark_node._POLL", 0.05)
    few = ("--number", "60", "--kills", "1", "--clients", "3", "--seconds", "3")
    found = json.loads(run("bench-node", photos, *few, "--json").stdout)
    enrolled = found["enrolled"]
    assert (enrolled["photos"], enrolled["references"], enrolled["kills"]) == (60, 60, 1)
    assert found["errors"] == []
    assert found["searches"] >= 3
    assert found["photos_per_second"] > 0
    assert found["first_search_seconds"] > 0
    assert 0 < found["p50_ms"]["search"] <= found["p95_ms"]["search"] < found["p95_ms"]["whole"]
    alone = found["alone_ms"]
    assert alone["whole"] == pytest.approx(alone["extract"] + alone["index"] + alone["rest"])
    # nothing is left behind
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("semblance-bench")]


def test_too_few_photos(run: Any, tmp_path: Path, astronaut_path: Path) -> None:
    assert "too few photos" in run("bench-node", astronaut_path).stderr
