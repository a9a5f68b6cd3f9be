"""A node that was put back from copies says at its start what does not fit together, and names the remedy."""

import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.signed_ledger import ACT
from tests.workflows.searching import open_case

from semblance.audit.checkpoint import is_signed
from semblance.bootstrap.config import read_settings
from semblance.bootstrap.leftovers import remove_leftovers
from semblance.bootstrap.node import create_node, open_node, run_node
from semblance.bootstrap.open_keyring import warn_of_shared_server
from semblance.cli.acting import find_session_file, keep_session
from semblance.errors import LedgerBroken
from semblance.store import cases, ledger
from semblance.store.ledger_growth import ANCHOR
from semblance.store.ledger_witness import read_witness
from semblance.terms.ids import AuthorityCode


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home of a node on which something was done, copied as a whole to ``copy`` beside it."""
    create_node(tmp_path / "node")
    with run_node(tmp_path / "node") as node:
        open_case(node)
    shutil.copytree(tmp_path / "node", tmp_path / "copy")
    return tmp_path / "node"


def act(home: Path) -> None:
    with run_node(home) as node, node.store.writing() as tx:
        ledger.append(tx, ACT, at=node.clock())


def put_back(home: Path, *names: str) -> None:
    for name in names:
        shutil.copyfile(home.parent / "copy" / name, home / name)
        for suffix in ("-wal", "-shm"):
            (home / f"{name}{suffix}").unlink(missing_ok=True)


def test_a_new_node_has_a_witness_before_its_first_act(tmp_path: Path) -> None:
    create_node(tmp_path)
    with run_node(tmp_path) as node:
        seen, seat = read_witness(tmp_path / "ledger-checkpoint"), node.store.ledger
        assert seen is not None
        assert seat is not None
        assert (seen.size, is_signed(seen, seat.key.public)) == (0, True)
    text = (tmp_path / "node.toml").read_text()
    (tmp_path / "node.toml").write_text(text.replace("name = ", 'name = "other" # '))
    act(tmp_path)


def test_a_missing_checkpoint_is_a_failure_that_names_its_remedy(home: Path) -> None:
    (home / "ledger-checkpoint").unlink()
    for _ in range(2):
        with pytest.raises(LedgerBroken, match="accept-restored"):
            open_node(home)
        assert not (home / "ledger-checkpoint").exists()
    put_back(home, "ledger-checkpoint")
    act(home)


def test_a_copy_of_store_and_checkpoint_is_older_than_the_keyring(home: Path) -> None:
    act(home)
    put_back(home, "semblance.sqlite", "ledger-checkpoint")
    with pytest.raises(LedgerBroken, match="older copy"):
        open_node(home)


def test_what_was_erased_since_is_noticed_without_any_head(home: Path) -> None:
    with run_node(home) as node, node.store.writing() as tx:
        (case,) = cases.list_cases(tx, AuthorityCode("FR"), state=None, before=None, limit=9)
        cases.erase_case(tx, case.id)
    # the keyring is of a time before anchors
    with sqlite3.connect(home / "keyring.sqlite") as keyring:
        keyring.execute("DROP TABLE anchor")
    act(home)
    with sqlite3.connect(home / "keyring.sqlite") as keyring:
        keyring.execute("DROP TABLE anchor")
    put_back(home, "semblance.sqlite", "ledger-checkpoint")
    with pytest.raises(LedgerBroken, match="accept-restored"):
        open_node(home)


def test_copies_of_one_moment_start_and_a_keyring_without_anchors_is_given_its_first(home: Path) -> None:
    act(home)
    put_back(home, "semblance.sqlite", "ledger-checkpoint", "keyring.sqlite")
    with sqlite3.connect(home / "keyring.sqlite") as keyring:
        keyring.execute("DROP TABLE anchor")
    act(home)
    with run_node(home) as node:
        assert node.store.keyring is not None
        seen = read_witness(home / "ledger-checkpoint")
        assert seen is not None
        assert node.store.keyring.read_anchors([ANCHOR])[ANCHOR].number == seen.size > 0


LEFT = (
    "ledger-checkpoint.0123456789abcdef.new",
    "cosigned/0a1b2c3d.note.0123456789abcdef.new",
    "node.key.01234567.part",
    "ledger.key.01234567.part",
    ".node.toml.new",
    ".node-key.next.new",
)
KEPT = ("ledger-checkpoint", "node.key.new", "node-key.next", "cosigned/0a1b2c3d.note", "notes.new", "photo.part")


def test_what_a_killed_run_left_half_written_is_removed_and_nothing_else(tmp_path: Path) -> None:
    old = time.time() - 3600
    (tmp_path / "cosigned").mkdir()
    for name in (*LEFT, *KEPT):
        (tmp_path / name).write_text("x")
    remove_leftovers(tmp_path)
    assert all((tmp_path / name).exists() for name in LEFT)
    for name in (*LEFT, *KEPT):
        os.utime(tmp_path / name, (old, old))
    remove_leftovers(tmp_path)
    assert [name for name in LEFT if (tmp_path / name).exists()] == []
    assert [name for name in KEPT if not (tmp_path / name).exists()] == []
    remove_leftovers(tmp_path / "missing")


def test_a_secret_that_a_killed_command_left_goes_when_the_next_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path, old = find_session_file(tmp_path), time.time() - 3600
    path.parent.mkdir(parents=True)
    left, fresh = path.with_name(f"{path.name}.1.new"), path.with_name(f"{path.name}.2.new")
    left.write_text("secret")
    fresh.write_text("secret")
    os.utime(left, (old, old))
    keep_session(tmp_path, "another")
    assert sorted(path.parent.iterdir()) == sorted([path, fresh])


@pytest.mark.parametrize(
    ("store", "keyring", "shared"),
    [
        ("postgresql://semblance@db/store", "postgresql://keys@db/keyring", "server"),
        ("postgresql://semblance@db/store", "postgresql+psycopg://keys@db:5432/keyring", "server"),
        ("postgresql://semblance@db/store", "postgresql://semblance@other/keyring", "role"),
        ("postgresql://semblance@db/store", "postgresql://semblance@db/keyring", "server and role"),
        ("postgresql://semblance@db/store", "postgresql://keys@other/keyring", ""),
        ("postgresql://semblance@db/store", "sqlite:///keyring.sqlite", ""),
    ],
)
def test_a_keyring_that_is_reached_with_the_store_is_warned_of(
    tmp_path: Path, store: str, keyring: str, shared: str
) -> None:
    create_node(tmp_path)
    text = (tmp_path / "node.toml").read_text()
    (tmp_path / "node.toml").write_text(f'{text}store = "{store}"\n[keys]\nkeyring = "{keyring}"\n')
    with capture_logs() as said:
        warn_of_shared_server(read_settings(tmp_path))
    assert [line["shared"] for line in said] == ([shared] if shared else [])
