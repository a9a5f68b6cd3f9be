"""``semblance bench-video`` on a set of two people: every figure is there, and none is better than it can be."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any


def test_a_video_of_two_people_is_measured(run: Any, tmp_path: Path, astronaut_path: Path, hopper_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    rows = [("subject", "path", "role")]
    for subject, path in (("collins", astronaut_path), ("hopper", hopper_path)):
        for role in ("reference", "probe"):
            name = f"{subject}-{role}{path.suffix}"
            shutil.copy(path, photos / name)
            rows.append((subject, name, role))
    with (photos / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    # the same bytes twice would be one row said twice
    (photos / "collins-probe.png").write_bytes(astronaut_path.read_bytes() + b" ")
    (photos / "hopper-probe.jpg").write_bytes(hopper_path.read_bytes() + b" ")
    asked = ("--level", "easy", "--seconds", "0.4", "--people", "4")
    (level,) = json.loads(run("bench-video", photos, *asked, "--json").stdout)["levels"]
    assert (level["people"], level["unseen"], level["purity"]) == (2, 0, 1.0)
    assert (level["single"]["of"], level["fused"]["of"]) == (10, 2)
    assert level["fused"]["count"] <= 2
