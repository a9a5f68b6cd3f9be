"""``semblance bench-standing`` on a few people: every search is compared with everybody who is new, and nobody else."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest


def test_a_small_night_is_measured(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = json.loads(run("bench-standing", "--held", "60", "--new", "7", "--searches", "3", "--json").stdout)
    assert (found["gallery"], found["new"], found["searches"]) == (60, 7, 3)
    assert found["night"]["processor"] > 0
    parts = [found[part]["processor"] for part in ("planning", "reading", "comparing", "writing")]
    assert min(parts) > 0
    assert found["writing"]["seconds"] < found["night"]["seconds"] * 1.5
    # nothing is left behind
    assert not list(tmp_path.glob("semblance-bench-*"))
