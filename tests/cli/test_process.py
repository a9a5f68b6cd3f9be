"""The command line as a process: start-up, signals, the server, the demonstration."""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.cli.conftest import TERMS

COMMAND = [sys.executable, "-m", "semblance.cli.main"]


def _run(*arguments: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False, env=os.environ
    )


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom semblance.cli.main import cli\n"
        "try:\n    cli(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = ('numpy', 'fastapi', 'sqlalchemy', 'onnxruntime', 'pydantic', 'rich')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    seconds = time.perf_counter() - started
    assert done.stdout.endswith("[]\n")
    for name in ("init", "enrol", "search", "show", "record", "serve", "demo"):
        assert name in done.stdout
    # the promise is half a second; a busy test machine is given more
    assert seconds < 3


def test_errors_are_a_sentence_and_never_a_traceback(tmp_path: Path) -> None:
    done = _run("show", "node", "--home", tmp_path / "nowhere")
    assert done.returncode == 11
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_a_terminal_that_knows_no_umlauts_gets_an_answer_all_the_same(home: Path, hopper_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    assert _run("enrol", hopper_path, "--subject", "Höpper", *TERMS).returncode == 0
    done = subprocess.run(
        [*COMMAND, "record", "list"], check=True, env=environment, capture_output=True, text=True, timeout=120
    )
    assert "pper" in done.stdout


def test_an_enrolment_that_is_stopped_goes_on_where_it_stopped(home: Path, hopper_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    for number in range(60):
        (folder / f"S{number:03}").mkdir(parents=True)
        shutil.copy(hopper_path, folder / f"S{number:03}" / "photo.jpg")
    process = subprocess.Popen(
        [*COMMAND, "enrol", str(folder), *TERMS, "--workers", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    store = home / "semblance.sqlite"
    deadline = time.monotonic() + 120
    # asking the command takes so long that a fast machine is done meanwhile
    while _count_in(store) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "the same command again goes on from there" in output
    kept = _count_references()
    assert 3 <= kept < 60
    assert store.exists()
    again = json.loads(_run("enrol", folder, *TERMS, "--json").stdout)
    assert again["resumed"] == kept
    assert again["counts"]["enrolled"] == 60
    assert _count_references() == 60


def _count_in(store: Path) -> int:
    with contextlib.closing(sqlite3.connect(store, timeout=30)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM reference").fetchone()[0])


def _count_references() -> int:
    done = _run("show", "node", "--json")
    return int(json.loads(done.stdout)["references"])


def test_serve_serves_until_stopped(home: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        with httpx2.Client(base_url=address, trust_env=False, timeout=30) as client:
            assert client.get("/api/v1/health").json()["status"] == "ok"
            asked = client.get("/")
            assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in")
            assert "Sign in" in client.get("/sign-in").text
        second = _run("serve", "--port", address.rstrip("/").rpartition(":")[2])
        assert second.returncode == 10
        assert "--port" in second.stderr
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode in {0, 130}
    assert "Traceback" not in errors


def test_the_demonstration_puts_the_right_person_first_every_time(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        done = _run("demo", "--once", "--home", tmp_path / "demo")
        assert done.returncode == 0, done.stderr
        assert "The right person stands first: Sample: Eileen Collins." in done.stdout
        assert "Every match is a lead, not an identity." in done.stdout
    document = json.loads(_run("demo", "--once", "--home", tmp_path / "demo", "--photos", photos, "--json").stdout)
    assert document["right_first"]
    assert document["enrolments"][0]["resumed"] == len(document["enrolments"][0]["photos"])
    passwords = dict(line.split()[:2] for line in (tmp_path / "demo" / "accounts.txt").read_text().splitlines())
    monkeypatch.setenv("SEMBLANCE_PASSWORD", passwords["alice"])
    assert _run("sign-in", "--name", "alice", "--home", tmp_path / "demo").returncode == 0
    node: Any = json.loads(_run("show", "node", "--home", tmp_path / "demo", "--json").stdout)
    assert node["purposes"] == ["demonstration"]
    listed = _run("show", "searches", "--home", tmp_path / "demo", "--json").stdout
    assert "wanted" not in listed
    assert "missing" not in listed


def test_the_demonstration_keeps_away_from_a_node_at_work(home: Path) -> None:
    done = _run("demo", "--once", "--home", home)
    assert done.returncode == 49
    assert "no demonstration" in done.stderr
