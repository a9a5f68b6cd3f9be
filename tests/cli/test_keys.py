"""``semblance keys``: looking at the keys, and rotating the node key while others work, and after being killed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.cli.conftest import TERMS, Run

from semblance.bootstrap.node import run_node
from semblance.cli.exit_codes import CODES, REFUSED
from semblance.errors import ConfigurationError, Conflict
from semblance.store.keyring.keyring import KeyId

REASON = ("--reason", "The yearly rotation")


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def used(run: Run, home: Path, astronaut_path: Path) -> Path:
    """Return the home of a node with one record; Ada is at the keyboard."""
    assert run("enrol", astronaut_path, "--subject", "Jane Roe", *TERMS, by="emil").exit_code == 0
    assert run("record", "erase", "Nobody", "--reason", "x", "--yes").exit_code == 44
    run("token", "list", by="ada")
    return home


def test_the_keys_are_counted_and_none_is_shown(run: Run, used: Path) -> None:
    found = read(run("keys", "status", "--json"))
    assert found["keys"] > 2
    assert (found["destroyed"], found["source"], found["rotated_at"]) == (0, "file", None)
    assert found["rotation_under_way"] is False
    shown = run("keys", "status").output
    assert found["node_key"] in shown
    assert (used / "node.key").read_text().strip() not in shown
    assert run("record", "erase", "Jane Roe", "--reason", "asked for", "--yes", by="emil").exit_code == 0
    assert read(run("keys", "status", "--json", by="ada"))["destroyed"] == 1


@pytest.mark.parametrize("who", ["alice", "carol", "dora", "emil", "mallory"])
def test_only_administrators_rotate(run: Run, used: Path, who: str) -> None:
    kept = (used / "node.key").read_text()
    assert run("keys", "rotate", *REASON, by=who).exit_code == REFUSED
    assert run("keys", "status").exit_code == REFUSED
    assert (used / "node.key").read_text() == kept
    assert sorted(path.name for path in used.glob("node*")) == ["node.key", "node.toml"]


def test_rotating_is_recorded_and_everything_stays_readable(run: Run, used: Path, astronaut_path: Path) -> None:
    before, old = read(run("keys", "status", "--json")), (used / "node.key").read_bytes()
    with run_node(used) as running:
        # a program that runs goes on
        found = read(run("keys", "rotate", *REASON, "--json"))
        assert found["keys"] == before["keys"]
        assert running.store.keyring is not None
        running.store.keyring.add({KeyId("subject-late"): b"l" * 32})
    after = read(run("keys", "status", "--json"))
    assert after["node_key"] == found["node_key"] != before["node_key"]
    assert after["rotated_at"] is not None
    assert (used / "node.key").read_bytes() != old
    assert run("record", "show", "Jane Roe", by="emil").exit_code == 0
    (entry,) = [
        entry
        for entry in read(run("ledger", "list", "--json", by="dora"))["entries"]
        if entry["action"] == "key.rotate" and entry["verb"] == "alteration"
    ]
    assert (entry["person"], entry["reason"]) == ("ada", "The yearly rotation")
    assert entry["touched"] == [["node-key", found["node_key"]]]
    # with the old node key nothing starts any more
    new = (used / "node.key").read_bytes()
    (used / "node.key").write_bytes(old)
    refused = run("record", "show", "Jane Roe", by="emil")
    assert refused.exit_code == CODES[ConfigurationError]
    assert "right node key back" in refused.output
    (used / "node.key").write_bytes(new)
    assert run("record", "show", "Jane Roe").exit_code == 0


def test_the_source_can_be_another_one(run: Run, used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("keys", "rotate", *REASON, "--to", "env:NOT_SET_ANYWHERE").exit_code == CODES[ConfigurationError]
    monkeypatch.setenv("NODE_KEY_OF_THE_TEST", "5a" * 32)
    assert run("keys", "rotate", *REASON, "--to", "env:NODE_KEY_OF_THE_TEST").exit_code == 0
    assert read(run("keys", "status", "--json"))["source"] == "env"
    assert run("keys", "rotate", *REASON).exit_code == CODES[ConfigurationError]
    assert run("keys", "rotate", *REASON, "--to", "env:NODE_KEY_OF_THE_TEST").exit_code == CODES[Conflict]
    monkeypatch.delenv("NODE_KEY_OF_THE_TEST")
    lost = run("keys", "status")
    assert lost.exit_code == CODES[ConfigurationError]
    assert "nothing was started or changed" in lost.output


def test_no_reason_no_rotation(run: Run, used: Path) -> None:
    assert run("keys", "rotate").exit_code == 2
    assert run("keys", "rotate", "--reason", " ").exit_code == 40
    assert not (used / "node-key.next").exists()


KILLED = """
import os, sys
from pathlib import Path
from semblance.bootstrap import next_node_key
from semblance.cli.main import main
from semblance.store import ledger
from semblance.store.keyring import keyring

def die(*_, **__):
    os._exit(9)

place = sys.argv.pop(1)
if place == "prepared":
    keyring.Keyring.rotate = die
elif place == "within":
    rotate = keyring.Keyring.rotate
    keyring.Keyring.rotate = lambda self, key, on_progress=None: rotate(self, key, on_progress=die)
elif place == "wrapped":
    ledger.append = die
elif place == "recorded":
    next_node_key._is_left_over = die
elif place == "replaced":
    unlink = Path.unlink
    Path.unlink = lambda path, missing_ok=False: (
        die() if path.name == next_node_key.NEXT_FILE else unlink(path, missing_ok=missing_ok)
    )
main()
"""


@pytest.mark.parametrize("place", ["prepared", "within", "wrapped", "recorded", "replaced"])
def test_a_rotation_killed_at_any_moment_is_finished_by_the_same_again(run: Run, used: Path, place: str) -> None:
    before = read(run("keys", "status", "--json"))["node_key"]
    words = ["keys", "rotate", *REASON, "--home", str(used)]
    killed = subprocess.run([sys.executable, "-c", KILLED, place, *words], check=False, timeout=60)
    assert killed.returncode == 9
    assert (used / "node-key.next").exists()
    under_way = read(run("keys", "status", "--json"))
    assert under_way["rotation_under_way"] is True
    assert (under_way["node_key"] == before) == (place in {"prepared", "within"})
    assert run("record", "show", "Jane Roe", by="emil").exit_code == 0
    again = run("keys", "rotate", *REASON, by="ada")
    assert again.exit_code == 0, again.output
    after = read(run("keys", "status", "--json"))
    assert after["node_key"] != before
    assert after["rotation_under_way"] is False
    assert sorted(path.name for path in used.glob("node*")) == ["node.key", "node.toml"]
    assert run("record", "show", "Jane Roe", by="emil").exit_code == 0
    assert run("ledger", "verify", by="dora").exit_code == 0
