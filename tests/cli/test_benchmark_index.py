"""``semblance bench-index`` on a small gallery: every answer is brute force's, and every figure is there."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

WAYS = (
    "one search",
    "one search, a third of the records open",
    "a search that shares its pass with 3 others",
    "adding one template",
    "overwriting one while searches run",
    "removing one",
    "8 searches in one batch",
    "the bare matrix product of that shape",
    "NumPy float32, product and selection",
)


def test_answers_are_those_of_brute_force(
    run: Any, tmp_path: Path, astronaut_path: Path, hopper_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in (astronaut_path, hopper_path):
        shutil.copy(path, photos)
    monkeypatch.chdir(tmp_path)
    few = ("--rows", "3000", "--searches", "6", "--checks", "6", "--batch", "8")
    found = json.loads(run("bench-index", photos, *few, "--json").stdout)
    assert (found["rows"], found["checked"], found["equal"]) == (3000, 6, 6)
    assert tuple(timing["name"] for timing in found["timings"]) == WAYS
    assert all(timing["median"] > 0 for timing in found["timings"])
    assert [path.name for path in tmp_path.glob("*.npy")] == []
    assert "equal to it" in run("bench-index", photos, *few).output


def test_ways_are_compared_on_the_same_templates_by_turns(
    run: Any, tmp_path: Path, astronaut_path: Path, hopper_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("faiss", reason="FAISS is not installed: pip install 'semblance-faces[bench]'")
    pytest.importorskip("usearch", reason="USearch is not installed: pip install 'semblance-faces[bench]'")
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in (astronaut_path, hopper_path):
        shutil.copy(path, photos)
    monkeypatch.chdir(tmp_path)
    few = ("--rows", "3000", "--searches", "6", "--checks", "4", "--batch", "0", "--photos-each", "3")
    ways = ("faiss-fp32", "faiss-fp16", "hnsw")
    against = [word for way in ways for word in ("--against", way)]
    found = json.loads(run("bench-index", photos, *few, *against, "--json").stdout)
    assert (found["equal"], found["checked"]) == (4, 4)
    names = [timing["name"] for timing in found["timings"]]
    assert {"faiss-fp32, every row", "faiss-fp16, every row", "HNSW (USearch), approximate"} <= set(names)
    assert {"HNSW, until an added template is found", "HNSW, until a removed one is found no more"} <= set(names)


def test_too_few_photos_to_learn_from(run: Any, tmp_path: Path, astronaut_path: Path) -> None:
    refused = run("bench-index", astronaut_path)
    assert refused.exit_code != 0
    assert "too few photos" in refused.stderr
