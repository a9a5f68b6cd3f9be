"""Where the node key comes from, and its rotation from one source to another, killed at any moment."""

import base64
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from semblance.bootstrap import next_node_key, node_key
from semblance.bootstrap.config import read_settings
from semblance.bootstrap.next_node_key import NEXT_FILE, is_under_way, prepare_next, settle_next
from semblance.bootstrap.node import create_node, run_node
from semblance.bootstrap.node_key import make_node_key, read_node_key
from semblance.errors import ConfigurationError, Conflict

KEY = bytes(range(32))
NAMED = "NODE_KEY_OF_THE_TEST"


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """Return what writes a program and returns the source that runs it."""

    def write(text: str) -> str:
        file = tmp_path / f"a program {len(list(tmp_path.iterdir()))}.py"
        file.write_text(text)
        return f"command:{sys.executable} '{file}'"

    return write


@pytest.mark.parametrize("written", [KEY.hex(), KEY.hex().upper() + "\n", base64.b64encode(KEY).decode() + "\n"])
def test_the_key_is_read_from_every_source(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Callable[[str], str]
) -> None:
    (tmp_path / "node.key").write_text(written)
    monkeypatch.setenv(NAMED, written)
    for source in (
        "file:node.key",
        f"file:{tmp_path / 'node.key'}",
        f"env:{NAMED}",
        program(f"print({written!r}, end='')"),
    ):
        assert read_node_key(source, tmp_path) == KEY


def test_what_is_no_source_or_no_key_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Callable[[str], str]
) -> None:
    monkeypatch.setenv(NAMED, "short")
    monkeypatch.setattr(node_key, "_SECONDS", 1)
    for source, words in (
        ("nowhere", "file:PATH, env:NAME or command:PROGRAM"),
        ("kms:key", "file:PATH, env:NAME or command:PROGRAM"),
        ("file:none.key", "is missing"),
        ("file:.", "cannot be read"),
        (f"env:{NAMED}", "no key of 32 bytes"),
        ("env:NOT_SET_ANYWHERE", "is not set"),
        ("command:", "could not be run"),
        ("command:no-such-program --at all", "could not be run"),
        ("command:'half", "could not be run"),
        (program("raise SystemExit(3)"), "status 3"),
        (program("print('nothing')"), "no key of 32 bytes"),
        (program("import time; time.sleep(60)"), "TimeoutExpired"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            read_node_key(source, tmp_path)


def test_no_sentence_tells_the_key(tmp_path: Path, program: Callable[[str], str]) -> None:
    (tmp_path / "node.key").write_text(KEY.hex()[:-2])
    for source in ("file:node.key", program(f"print({KEY.hex()[:-2]!r})")):
        with pytest.raises(ConfigurationError) as caught:
            read_node_key(source, tmp_path)
        assert KEY.hex()[:10] not in str(caught.value)


def test_the_program_is_run_without_a_shell(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        read_node_key(f"command:echo $(touch {tmp_path / 'made'}); touch {tmp_path / 'made'}", tmp_path)
    assert not (tmp_path / "made").exists()


def test_a_key_file_is_made_once(tmp_path: Path) -> None:
    assert make_node_key("file:node.key", tmp_path)
    made = (tmp_path / "node.key").read_bytes()
    assert (tmp_path / "node.key").stat().st_mode & 0o777 == 0o600
    assert not make_node_key("file:node.key", tmp_path)
    assert (tmp_path / "node.key").read_bytes() == made
    assert [path.name for path in tmp_path.iterdir()] == ["node.key"]
    with pytest.raises(ConfigurationError):
        make_node_key("env:NOT_SET_ANYWHERE", tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be made"):
        make_node_key("file:no/folder/node.key", tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_node(tmp_path / "node")
    return tmp_path / "node"


def opens(home: Path) -> str:
    with run_node(home) as node:
        assert node.store.keyring is not None
        node.store.keyring.load_all()
        return node.store.keyring.describe().node_key


def rotate(home: Path, to: str | None = None, *, until: str = "end") -> None:
    """Rotate as the command does, and stop where the test says."""
    settings = read_settings(home)
    with run_node(home) as node:
        assert node.store.keyring is not None
        found = prepare_next(settings, to)
        if until == "prepared":
            return
        node.store.keyring.rotate(found.key)
        if until == "wrapped":
            return
        settle_next(home)


def test_a_new_key_file_takes_the_place_of_the_old(home: Path) -> None:
    before, old = opens(home), (home / "node.key").read_text()
    rotate(home)
    assert opens(home) != before
    assert (home / "node.key").read_text() != old
    assert (home / "node.key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in home.glob("*key*")) == ["keyring.sqlite", "ledger.key", "node.key"]
    assert not is_under_way(home)


@pytest.mark.parametrize("until", ["prepared", "wrapped"])
def test_a_rotation_that_was_stopped_keeps_nothing_from_working_and_is_finished(home: Path, until: str) -> None:
    before = opens(home)
    rotate(home, until=until)
    assert is_under_way(home)
    assert (opens(home) == before) == (until == "prepared")
    next_key = (home / "node.key.new").read_text()
    rotate(home)
    assert (home / "node.key").read_text() == next_key
    assert opens(home) != before
    assert not is_under_way(home)


def test_one_stopped_after_the_new_file_was_put_in_its_place_is_finished(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_folder: Path) -> None:
        raise KeyboardInterrupt

    rotate(home, until="wrapped")
    with monkeypatch.context() as patch:
        patch.setattr(next_node_key, "_sync", stop)
        with pytest.raises(KeyboardInterrupt):
            settle_next(home)
    assert is_under_way(home)
    after = opens(home)
    settle_next(home)
    assert opens(home) == after
    assert not is_under_way(home)


def test_a_note_that_was_left_over_is_no_rotation_under_way(home: Path) -> None:
    before = opens(home)
    (home / NEXT_FILE).write_text("file:node.key.new\n")
    assert opens(home) == before
    rotate(home)
    assert opens(home) != before
    assert not is_under_way(home)


@pytest.mark.parametrize("until", ["prepared", "wrapped", "end"])
def test_the_key_moves_to_the_environment_and_to_a_program(
    home: Path, until: str, monkeypatch: pytest.MonkeyPatch, program: Callable[[str], str]
) -> None:
    with (home / "node.toml").open("a") as file:
        file.write("\n[serve]\nport = 0\n")
    monkeypatch.setenv(NAMED, os.urandom(32).hex())
    rotate(home, f"env:{NAMED}", until=until)
    opens(home)
    if until != "end":
        with pytest.raises(Conflict, match="under way"):
            rotate(home, "env:ANOTHER")
        rotate(home)
    settings = read_settings(home).node
    assert (settings.keys.node_key, settings.serve.port) == (f"env:{NAMED}", 0)
    in_environment = opens(home)
    with pytest.raises(ConfigurationError, match="--to"):
        rotate(home)
    with pytest.raises(Conflict, match="already"):
        rotate(home, f"env:{NAMED}")
    source = program(f"print({os.urandom(32).hex()!r})")
    rotate(home, source)
    assert read_settings(home).node.keys.node_key == source
    monkeypatch.delenv(NAMED)
    assert opens(home) != in_environment
    # and back into a file
    rotate(home, "file:other.key")
    assert read_settings(home).node.keys.node_key == "file:other.key"
    opens(home)


def test_a_source_that_gives_no_key_begins_nothing(home: Path) -> None:
    before = opens(home)
    with pytest.raises(ConfigurationError, match="not set"):
        rotate(home, "env:NOT_SET_ANYWHERE")
    assert not is_under_way(home)
    assert opens(home) == before


@pytest.mark.parametrize(
    "text",
    [
        "name = 'x'\n[keys]\nnode_key = 'file:node.key'\n[serve]\nport = 0\n",
        "name = 'x'\r\n[ keys ] # where they come from\r\nkeyring = 'sqlite:///keyring.sqlite'\r\n",
        "name = 'x'",
    ],
)
def test_the_settings_stay_what_they_were_but_for_the_source(
    home: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "node.toml").write_bytes(text.encode())
    before = read_settings(home).node
    monkeypatch.setenv(NAMED, KEY.hex())
    rotate(home, f"env:{NAMED}")
    after = read_settings(home).node
    assert after == before.model_copy(update={"keys": after.keys})
    assert after.keys.keyring == before.keys.keyring
    opens(home)


def test_settings_that_cannot_be_changed_keep_nothing_from_working(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "node.toml").write_text("name = 'x'\nkeys = { node_key = 'file:node.key' }\n")
    monkeypatch.setenv(NAMED, KEY.hex())
    with pytest.raises(ConfigurationError, match="yourself"):
        rotate(home, f"env:{NAMED}")
    opens(home)
    (home / "node.toml").write_text(f"name = 'x'\nkeys = {{ node_key = 'env:{NAMED}' }}\n")
    settle_next(home)
    assert not is_under_way(home)
    opens(home)
