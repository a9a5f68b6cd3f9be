"""A covered still on the command line: looked at, then handed out as it was seen."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from PIL import Image
from tests.cli.conftest import REASON

Run = Callable[..., Result]


@pytest.fixture
def probe(run: Run, home: Path, case: str, tmp_path: Path, astronaut_path: Path, hopper_path: Path) -> str:
    """Return a probe of two people, which a search asked to choose from."""
    canvas = Image.new("RGB", (1024, 600), "grey")
    canvas.paste(Image.open(astronaut_path).convert("RGB"), (0, 0))
    canvas.paste(Image.open(hopper_path).convert("RGB"), (512, 0))
    canvas.save(tmp_path / "two.png")
    asked = run("search", tmp_path / "two.png", "--case", case, "--reason", REASON, "--json", by="alice")
    values: dict[str, str] = json.loads(asked.stderr)["error"]["values"]
    return values["probe"]


def test_a_still_is_looked_at_and_then_leaves(run: Run, probe: str, tmp_path: Path) -> None:
    asked = (probe, "--face", "0", "--box", "5,5,25,30")
    looked = run("redact", "preview", *asked, "--out", tmp_path / "look.png", "--json")
    assert looked.exit_code == 0, looked.output
    seen = json.loads(looked.stdout)
    assert "picture" not in seen
    confirmed = ("--serial", seen["serial"], "--seen", seen["sha256"], "--reason", REASON)
    again = run("redact", "confirm", *asked, *confirmed, "--out", tmp_path / "look.png")
    assert (again.exit_code, "exists already" in again.stderr) == (20, True)
    other = run("redact", "confirm", probe, "--face", "1", *confirmed, "--out", tmp_path / "other.png")
    assert (other.exit_code, "not the picture that was confirmed" in other.stderr) == (49, True)
    assert not (tmp_path / "other.png").exists()
    left = run("redact", "confirm", *asked, *confirmed, "--out", tmp_path / "left.png")
    assert (left.exit_code, seen["reference"] in left.stdout) == (0, True), left.output
    assert (tmp_path / "left.png").read_bytes() == (tmp_path / "look.png").read_bytes()


def test_a_box_that_is_none_is_said(run: Run, probe: str, tmp_path: Path) -> None:
    wrong = run("redact", "preview", probe, "--face", "0", "--box", "1,2,3", "--out", tmp_path / "look.png")
    assert (wrong.exit_code, "120,40,180,110" in wrong.stderr) == (2, True)
