"""The keyring: keys apart from the database, gone for good when destroyed, wrapped by one node key at a time."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from semblance.errors import ConfigurationError, KeyDestroyed, StoreError, VerificationError
from semblance.store.keyring.keyring import NODE_KEY, KeyId, Keyring

FIRST, SECOND = b"1" * 32, b"2" * 32
A, B = KeyId("subject-a"), KeyId("subject-b")
NONCE = b"0" * 12


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keyring.sqlite'}"
        return
    with request.getfixturevalue("postgres").fresh_database() as fresh:
        yield fresh


@pytest.fixture
def open_ring(url: str) -> Iterator[Callable[..., Keyring]]:
    opened: list[Keyring] = []

    def open_one(node_key: bytes = FIRST, **options: Any) -> Keyring:
        opened.append(Keyring(url, node_key, **options))
        return opened[-1]

    yield open_one
    for ring in opened:
        ring.close()


def says(ring: Keyring, name: KeyId) -> bytes:
    return ring.find(name).encrypt(NONCE, b"word", None)


def test_a_key_is_found_again_by_another_program(open_ring: Callable[..., Keyring]) -> None:
    ring = open_ring()
    ring.add({A: b"a" * 32, B: b"b" * 32})
    other = open_ring(make=False)
    assert says(ring, A) == says(other, A) != says(other, B)
    assert ring.digest(b"Jane") == other.digest(b"Jane") != ring.digest(b"John")
    assert (other.describe().keys, other.describe().destroyed) == (4, 0)
    assert other.holds(A)
    assert not other.holds(KeyId("subject-c"))


def test_no_key_lies_open(open_ring: Callable[..., Keyring], tmp_path: Path) -> None:
    open_ring().add({A: b"a" * 32})
    for path in tmp_path.iterdir():
        assert b"a" * 16 not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_destroyed_key_is_known_to_be_destroyed_and_another_one_never_held(open_ring: Callable[..., Keyring]) -> None:
    ring, other = open_ring(), open_ring()
    ring.add({A: b"a" * 32, B: b"b" * 32})
    assert says(other, A)
    ring.destroy([A, KeyId("subject-of-an-older-copy")])
    with pytest.raises(KeyDestroyed, match="erased"):
        ring.find(A)
    # the other program had it in memory, and lets go of it when it looks
    assert other.list_destroyed() == {A, "subject-of-an-older-copy"}
    with pytest.raises(KeyDestroyed):
        other.find(A)
    with pytest.raises(KeyDestroyed):
        ring.find(KeyId("subject-of-an-older-copy"))
    with pytest.raises(ConfigurationError, match="older than the store"):
        ring.find(KeyId("subject-c"))
    ring.load_all()
    assert says(ring, B)
    before = ring.describe()
    ring.destroy([A])
    assert ring.describe() == before


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_byte_of_a_destroyed_key_is_left_in_the_file(open_ring: Callable[..., Keyring], tmp_path: Path) -> None:
    ring, names = open_ring(), [KeyId(f"subject-{number}") for number in range(500)]
    ring.add({name: os.urandom(32) for name in names})
    file = sqlite3.connect(tmp_path / "keyring.sqlite")
    wrapped = dict(file.execute("SELECT id, wrapped FROM key").fetchall())
    file.close()
    held = (tmp_path / "keyring.sqlite").read_bytes()
    assert all(wrapped[name] in held for name in names)
    ring.destroy(names[100:400])
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    gone = set(names[100:400])
    for name in names:
        assert (wrapped[name] in left) == (name not in gone), name
        # not a part of it either
        assert (wrapped[name][-20:] in left) == (name not in gone), name
        assert name.encode() in left


def test_no_row_of_a_destroyed_key_is_left_in_postgresql(postgres: Any) -> None:
    with postgres.fresh_database() as url:
        ring = Keyring(url, FIRST)
        ring.add({A: b"a" * 32})
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            try:
                connection.exec_driver_sql("CREATE EXTENSION pageinspect")
            except sa.exc.DBAPIError:
                pytest.skip("PostgreSQL's extension pageinspect is not installed here")
            connection.commit()
            raw = sa.text("SELECT get_raw_page('key', 0)")
            wrapped = bytes(connection.scalar(sa.text("SELECT wrapped FROM key WHERE id = 'subject-a'")))
            assert wrapped in bytes(connection.scalar(raw))
            connection.commit()
            ring.destroy([A])
            assert wrapped not in bytes(connection.scalar(raw))
        engine.dispose()
        ring.close()


def test_a_wrong_node_key_opens_nothing_and_changes_nothing(open_ring: Callable[..., Keyring], tmp_path: Path) -> None:
    open_ring().add({A: b"a" * 32})
    before = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    for options in ({}, {"make": False}, {"reread": lambda: [SECOND, b"3" * 32]}):
        with pytest.raises(ConfigurationError, match="right node key back"):
            open_ring(SECOND, **options)
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == before
    assert says(open_ring(), A)


def test_a_lost_or_empty_keyring_is_never_made_anew(
    open_ring: Callable[..., Keyring], url: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"missing|empty"):
        open_ring(make=False)
    assert list(tmp_path.iterdir()) == []
    if url.startswith("sqlite"):
        (tmp_path / "keyring.sqlite").touch()
        with pytest.raises(ConfigurationError, match="empty"):
            open_ring(make=False)
        (tmp_path / "keyring.sqlite").write_bytes(b"no database at all, but long enough " * 40)
        with pytest.raises(StoreError, match="restore it from a copy"):
            open_ring(make=False)


def test_keys_changed_or_moved_by_hand_are_not_taken(open_ring: Callable[..., Keyring], url: str) -> None:
    ring = open_ring()
    ring.add({A: b"a" * 32, B: b"b" * 32})
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        # somebody who may write the keyring puts one subject's key in the place of another's
        connection.execute(
            sa.text("UPDATE key SET wrapped = (SELECT k.wrapped FROM key k WHERE k.id = 'subject-b') "
                    "WHERE id = 'subject-a'")
        )  # fmt: skip
    with pytest.raises(VerificationError, match="changed by hand"):
        ring.find(A)
    assert says(ring, B)
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM keyring"))
    with pytest.raises(ConfigurationError):
        open_ring()
    engine.dispose()


def test_rotating_wraps_every_key_anew_and_the_old_node_key_opens_none(
    open_ring: Callable[..., Keyring], tmp_path: Path
) -> None:
    ring, told = open_ring(), list[int]()
    ring.add({KeyId(f"subject-{number}"): os.urandom(32) for number in range(12_000)})
    ring.add({A: b"a" * 32})
    ring.destroy([KeyId("subject-7")])
    before, word, digest = ring.describe(), says(ring, A), ring.digest(b"Jane")
    assert ring.rotate(SECOND, on_progress=told.append) == before.keys == 12_002
    assert told == [5000, 10_000, 12_002]
    assert ring.rotate(SECOND) == 0
    after = ring.describe()
    assert (after.keys, after.destroyed) == (before.keys, 1)
    assert after.node_key != before.node_key
    assert after.rotated_at is not None
    with pytest.raises(ConfigurationError):
        open_ring(FIRST)
    again = open_ring(SECOND, make=False)
    assert says(again, A) == word
    assert again.digest(b"Jane") == digest
    with pytest.raises(KeyDestroyed):
        again.find(KeyId("subject-7"))


def test_a_rotation_that_fails_on_the_way_changed_nothing(open_ring: Callable[..., Keyring]) -> None:
    ring = open_ring()
    ring.add({KeyId(f"subject-{number}"): os.urandom(32) for number in range(6000)})

    def fail(_done: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ring.rotate(SECOND, on_progress=fail)
    assert ring.describe().rotated_at is None
    open_ring(FIRST).load_all()


def test_a_program_that_runs_takes_the_new_node_key_by_itself(open_ring: Callable[..., Keyring]) -> None:
    known = [FIRST]
    running, stuck = open_ring(reread=lambda: known), open_ring()
    running.add({A: b"a" * 32})
    known.append(SECOND)
    open_ring().rotate(SECOND)
    running.add({B: b"b" * 32})
    assert says(open_ring(SECOND), B) == says(running, B)
    running.load_all()
    with pytest.raises(ConfigurationError, match="right node key back"):
        stuck.add({KeyId("subject-c"): b"c" * 32})
    with pytest.raises(ConfigurationError):
        stuck.find(A)


def test_many_threads_and_two_programs_add_find_destroy_and_rotate_at_once(open_ring: Callable[..., Keyring]) -> None:
    keys = [FIRST]
    rings = [open_ring(reread=lambda: keys) for _ in range(2)]
    keys.append(SECOND)
    began = threading.Barrier(8)

    def work(number: int) -> None:
        ring = rings[number % 2]
        began.wait()
        for turn in range(10):
            kept, gone = KeyId(f"kept-{number}-{turn}"), KeyId(f"gone-{number}-{turn}")
            ring.add({kept: bytes([number + 1]) * 32, gone: os.urandom(32)})
            assert says(rings[(number + 1) % 2], kept)
            ring.destroy([gone])
            if (number, turn) == (3, 4):
                ring.rotate(SECOND)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, number) for number in range(8)]:
            done.result()
    again = open_ring(SECOND, make=False)
    again.load_all()
    assert (again.describe().keys, again.describe().destroyed) == (82, 80)


def test_two_programs_make_one_keyring_at_once(open_ring: Callable[..., Keyring]) -> None:
    with ThreadPoolExecutor(4) as pool:
        rings = list(pool.map(lambda _: open_ring(), range(4)))
    assert len({ring.digest(b"Jane") for ring in rings}) == 1
    assert rings[0].describe().keys == 2


def test_keys_that_nothing_names_are_removed_with_their_names(
    open_ring: Callable[..., Keyring], tmp_path: Path
) -> None:
    ring, now = open_ring(), datetime.now(UTC)
    ring.add({A: b"a" * 32, B: b"b" * 32})
    ring.destroy([B])
    assert ring.list_older(now - timedelta(hours=1)) == frozenset()
    assert ring.list_older(now + timedelta(hours=1)) == {A}
    ring.sweep([A, B], at=now)
    # a tombstone stays, whatever is asked
    assert (ring.holds(A), ring.holds(B), ring.holds(NODE_KEY)) == (False, True, True)
    assert ring.describe().swept_at is not None
    for path in tmp_path.iterdir():
        assert A.encode() not in path.read_bytes()


KILLED = """
import sys
from semblance.store.keyring.keyring import Keyring
ring = Keyring(sys.argv[1], b"1" * 32)
print("started", flush=True)
ring.rotate(b"2" * 32, on_progress=lambda done: print(done, flush=True))
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("after", ["started", "5000", "10000", "done"])
def test_a_rotation_killed_at_any_moment_left_all_keys_or_none_wrapped_anew(
    open_ring: Callable[..., Keyring], url: str, after: str
) -> None:
    ring = open_ring()
    ring.add({KeyId(f"subject-{number}"): os.urandom(32) for number in range(11_000)})
    before = ring.describe().node_key
    ring.close()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        for line in other.stdout:
            if line.strip() == after:
                break
        other.kill()
    node_key = FIRST
    try:
        found = open_ring(FIRST, make=False)
    except ConfigurationError:
        node_key = SECOND
        found = open_ring(SECOND, make=False)
    assert (found.describe().node_key == before) == (node_key == FIRST)
    assert node_key == SECOND or after != "done"
    found.load_all()
    found.rotate(SECOND)
    open_ring(SECOND, make=False).load_all()


@pytest.mark.parametrize(
    ("wrong", "words"), [("nonsense", "URL of the keyring"), ("mysql://x/y", "The keyring cannot be 'mysql'")]
)
def test_an_url_that_is_none_says_so(wrong: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        Keyring(wrong, FIRST)


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder exists"):
        Keyring(f"sqlite:///{tmp_path / 'missing' / 'keyring.sqlite'}", FIRST)
