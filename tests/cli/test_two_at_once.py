"""Two enrolments of the same folder at once, and a search meanwhile, as processes of their own."""

import json
import shutil
import time
from pathlib import Path

import pytest
from PIL import Image
from tests.cli import processes
from tests.cli.conftest import ASKED, TERMS, Run, sign_in_cast


@pytest.fixture
def many(tmp_path: Path, hopper_path: Path) -> Path:
    folder = tmp_path / "many"
    portrait = Image.open(hopper_path).convert("RGB")
    for number in range(10):
        subject = folder / f"S{number // 2}"
        subject.mkdir(parents=True, exist_ok=True)
        portrait.rotate(number / 4).save(subject / f"{number}.jpg", quality=90)
    # the same photo under two names of one subject, and a photo without a face
    shutil.copy(folder / "S0" / "0.jpg", folder / "S0" / "copy.jpg")
    Image.new("RGB", (300, 300), "grey").save(folder / "S1" / "wall.png")
    return folder


def test_two_enrolments_at_once_end_as_one(
    run: Run, home: Path, case: str, many: Path, tmp_path: Path, hopper_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state" / "emil"))
    alone = tmp_path / "alone"
    assert run("init", "--home", alone, "--authority", "FR").exit_code == 0
    shutil.copy(home / "node.toml", alone)
    sign_in_cast(alone, tmp_path / "state")
    arguments = ("enrol", many, *TERMS, "--workers", "1", "--json")
    both = [processes.start_process(*arguments) for _ in range(2)]
    while not processes.read_templates(home) and all(process.poll() is None for process in both):
        time.sleep(0.05)
    alice = ("env", f"XDG_STATE_HOME={tmp_path / 'state' / 'alice'}")
    searched = processes.run_process("search", hopper_path, *ASKED, "--json", before=alice)
    ended = [(*process.communicate(timeout=300), process.returncode) for process in both]
    for output, errors, code in ended:
        assert code == 4, errors
        assert errors == ""
        counts = json.loads(output)["counts"]
        assert (counts["enrolled"], counts["duplicate"], counts["no_face"]) == (10, 1, 1)
    assert searched.returncode == 0, searched.stderr
    answer = json.loads(searched.stdout)
    assert answer["candidates"]
    assert 1 <= answer["gallery_references"] <= 10
    assert processes.run_process(*arguments, "--home", alone).returncode == 4
    assert processes.read_templates(home) == processes.read_templates(alone)
    assert len(processes.read_templates(home)) == 10
