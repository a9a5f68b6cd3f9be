"""A covered still on the command line: looked at, then handed out as it was seen."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from PIL import Image
from tests.cast import ALICE
from tests.cli.conftest import REASON
from tests.workflows.redaction.street import film_street, follow, work
from tests.workflows.submissions.conftest import DRAFT

from semblance.bootstrap.node import run_node
from semblance.terms.ids import digest_bytes
from semblance.workflows.cases.cases import find_case_id
from semblance.workflows.submissions.complete import submit_whole
from semblance.workflows.submissions.submissions import begin_submission

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


@pytest.fixture
def film(home: Path, case: str) -> tuple[str, str]:
    """Return the ids of a submission of Alice's and of a video in it whose faces were followed."""
    with run_node(home) as node:
        draft = replace(DRAFT, review_on=node.clock().date() + timedelta(days=20))
        held = begin_submission(node, ALICE, find_case_id(node, ALICE, case), draft)
        file = submit_whole(node, ALICE, held.id, film_street(), name="platform 3.mp4").file
        follow(node, file)
    return held.id, file.id


def test_a_clip_is_made_watched_handed_out_and_thrown_away(
    run: Run, film: tuple[str, str], home: Path, tmp_path: Path
) -> None:
    wanted = ("--track", "1", "--to", "0.3", "--box", "240,80,320,160@0..0.2")
    asked = run("redact", "clip", "begin", *film, *wanted, "--json", by="alice")
    assert asked.exit_code == 0, asked.output
    clip = json.loads(asked.stdout)["id"]
    early = run("redact", "clip", "watch", clip, "--out", tmp_path / "look.mp4")
    assert (early.exit_code, "not whole yet" in early.stderr) == (49, True)
    with run_node(home) as node:
        assert work(node)
    assert "whole, 4 frames" in run("redact", "clip", "list", *film).stdout
    looked = run("redact", "clip", "watch", clip, "--out", tmp_path / "look.mp4")
    assert looked.exit_code == 0, looked.output
    digest = digest_bytes((tmp_path / "look.mp4").read_bytes())
    assert f"--seen {digest}" in looked.stdout
    left = run("redact", "clip", "confirm", clip, "--seen", digest, "--reason", REASON, "--out", tmp_path / "left.mp4")
    assert left.exit_code == 0, left.output
    assert digest_bytes((tmp_path / "left.mp4").read_bytes()) == digest
    assert run("redact", "clip", "discard", clip).exit_code == 0
    assert "There are no clips." in run("redact", "clip", "list", *film).stdout
    wrong = run("redact", "clip", "begin", *film, "--track", "1", "--box", "1,2,3")
    assert (wrong.exit_code, "120,40,180,110@3.5..6" in wrong.stderr) == (2, True)
