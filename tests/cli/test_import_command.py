"""``semblance import`` on real photos, as people and programs call it."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cli.conftest import read
from tests.cli.processes import COMMAND
from tests.notices import make_notice, write_notices

Run = Callable[..., Result]
TERMS = (
    "--basis=INTERPOL RPD, article 82",
    "--retain-until=2029-01-01",
    "--obtained=published with the notice",
    "--obtained-on=2025-02-14",
    "--neutral=yes",
)


@pytest.fixture
def notices(tmp_path: Path, astronaut_path: Path, hopper_path: Path) -> Path:
    """Return a folder with a red and a yellow notice and their images."""
    folder = tmp_path / "notices"
    (folder / "images").mkdir(parents=True)
    (folder / "1.json").write_text(json.dumps(make_notice(1, "red", ["100"], shoe_size=43)))
    (folder / "2.json").write_text(json.dumps(make_notice(2, "yellow", ["200"])))
    shutil.copy(astronaut_path, folder / "images" / "100.png")
    shutil.copy(hopper_path, folder / "images" / "200.jpg")
    return folder


def test_a_folder_is_imported_and_the_second_time_nothing_is_done(run: Run, home: Path, notices: Path) -> None:
    first = run("import", notices, *TERMS)
    assert first.exit_code == 0, first.output
    assert "Note: shoe_size in 1.json: there is no such field: it was left out." in first.output
    assert re.search(r"2\s+notices imported", first.output)
    assert re.search(r"2\s+photos enrolled", first.output)
    again = read(run("import", notices, *TERMS, "--json"))
    assert again["notices"] == {"imported": 0, "changed": 0, "held": 2, "faulty": 0}
    assert again["photos"]["enrolled"] == 2
    assert again["interrupted"] is False
    assert [note["text"] for note in again["notes"]] == ["shoe_size in 1.json: there is no such field: it was left out"]


def test_a_zip_is_imported_like_the_folder(run: Run, home: Path, notices: Path, tmp_path: Path) -> None:
    path = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", notices))
    before = {found: found.stat().st_mtime_ns for found in notices.rglob("*")}
    assert read(run("import", path, *TERMS, "--json"))["notices"]["imported"] == 2
    assert {found: found.stat().st_mtime_ns for found in notices.rglob("*")} == before


def test_faults_are_named_all_at_once_and_the_sound_ones_are_imported(run: Run, home: Path, notices: Path) -> None:
    (notices / "3.json").write_text(json.dumps(make_notice(3, sex_id=1, nationalities="DE")))
    (notices / "4.json").write_text("[")
    refused = run("import", notices, *TERMS, "--all-or-nothing")
    assert refused.exit_code == 21
    for problem in ("3.json: sex_id: must be a text", "3.json: nationalities: must be a list", "4.json: it cannot be"):
        assert problem in refused.stderr
    document = json.loads(run("import", notices, *TERMS, "--all-or-nothing", "--json").stderr)
    assert document["error"]["code"] == "intake.notices"
    assert len(document["error"]["problems"]) == 3
    checked = run("import", notices, *TERMS, "--check", "--json")
    assert checked.exit_code == 4
    assert read(checked)["sound"] == 2
    assert {row["place"] for row in read(checked)["faulty"]} == {"3.json", "4.json"}
    assert "2 notices of 4 can be imported" in run("import", notices, *TERMS, "--check").output
    done = run("import", notices, *TERMS, "--json")
    assert done.exit_code == 4
    assert read(done)["notices"] == {"imported": 2, "changed": 0, "held": 0, "faulty": 2}


def test_a_bomb_is_refused(run: Run, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("../../1.json", json.dumps(make_notice(1)))
        made.writestr("2.json", bytes(20_000_000))
    refused = run("import", path, *TERMS)
    assert refused.exit_code == 21
    assert "../../1.json leads out of the folder" in refused.stderr
    assert "2.json unpacks to more than 200 times its size" in refused.stderr


def test_an_absent_image_is_reported_and_the_report_says_which(
    run: Run, home: Path, notices: Path, tmp_path: Path
) -> None:
    (notices / "images" / "100.png").unlink()
    done = run("import", notices, *TERMS, "--report", tmp_path / "report.jsonl")
    assert done.exit_code == 4
    assert "the image '100' is not there" in done.output
    rows = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert [(row["place"], row["number"], row["status"]) for row in rows] == [
        ("1.json", "2005/1", "faulty"),
        ("2.json", "2006/2", "imported"),
    ]
    assert rows[1]["photos"][0]["status"] == "enrolled"


def test_who_may_not_import_is_refused(run: Run, home: Path, notices: Path) -> None:
    refused = run("import", notices, *TERMS, by="alice")
    assert refused.exit_code == 3
    assert read(run("import", notices, *TERMS, "--json", by="emil"))["notices"]["imported"] == 2


@pytest.mark.parametrize("missing", range(4))
def test_nothing_is_imported_without_basis_end_or_source(run: Run, home: Path, notices: Path, missing: int) -> None:
    given = [*TERMS[:missing], *TERMS[missing + 1 :]]
    assert run("import", notices, *given).exit_code == 2


def test_a_day_in_the_past_is_refused(run: Run, home: Path, notices: Path) -> None:
    refused = run("import", notices, *TERMS, "--retain-until=2020-01-01")
    assert refused.exit_code == 21
    assert "retain_until: 2020-01-01 is not in the future" in refused.stderr


def test_a_kind_is_said_once_for_those_that_do_not_say_it(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "n.jsonl").write_text(json.dumps(make_notice(1, "blue", _links=...)))
    assert "name it with --kind" in run("import", tmp_path / "n.jsonl", *TERMS).stderr
    assert read(run("import", tmp_path / "n.jsonl", *TERMS, "--kind=blue", "--json"))["notices"]["imported"] == 1


def test_a_bar_is_shown_and_ctrl_c_stops_between_two_notices(
    run: Run, home: Path, notices: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many"
    write_notices(many, 3000, sorted((notices / "images").iterdir()))
    command = [*COMMAND, "import", str(many), *TERMS]
    mine, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(theirs)
        seen, asked, end = b"", False, time.monotonic() + 120
        while time.monotonic() < end:
            if select.select([mine], [], [], 0.5)[0]:
                try:
                    seen += os.read(mine, 65536)
                except OSError:
                    break
            if not asked and re.search(rb"importing.*? [1-9]\d*/3000", seen):
                process.send_signal(signal.SIGINT)
                asked = True
        assert process.wait(timeout=60) == 130
    os.close(mine)
    assert b"checking" in seen
    assert b"a second" in seen
    assert b"Stopped before the end" in seen
    listed: Any = read(run("show", "node", "--json"))
    assert 0 < listed["references"] < 3000


def test_after_a_kill_the_same_command_again_leaves_nothing_half(
    run: Run, home: Path, notices: Path, tmp_path: Path
) -> None:
    many, report = tmp_path / "many", tmp_path / "report.jsonl"
    write_notices(many, 400, sorted((notices / "images").iterdir()))
    for _ in range(3):
        report.unlink(missing_ok=True)
        words = [*COMMAND, "import", str(many), *TERMS, "--report", str(report)]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and not (report.exists() and report.stat().st_size):
                time.sleep(0.01)
            process.kill()
    held = read(run("show", "node", "--json"))
    assert held["references"] == held["records"]
    done = read(run("import", many, *TERMS, "--json"))["notices"]
    assert done["held"] + done["imported"] == 400
    whole = read(run("show", "node", "--json"))
    assert (whole["records"], whole["references"]) == (400, 400)
    assert run("ledger", "verify", by="dora").exit_code == 0
