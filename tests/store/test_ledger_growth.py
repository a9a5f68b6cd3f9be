"""A ledger that goes on is never taken for one that was forged: several processes, kills, disks that are full."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event
from tests.signed_ledger import KEY, OpenProcess, act

from semblance.errors import StoreError
from semblance.store import engine, ledger, ledger_witness
from semblance.store.engine import Store
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_growth import ANCHOR, anchor_head, require_unbroken
from semblance.store.ledger_witness import read_witness


def verify(store: Store) -> int:
    require_unbroken(store)
    with store.reading() as tx:
        found = ledger.verify_ledger(tx, KEY.public)
    return 0 if found is None else found.entries


def test_processes_that_append_by_turns_see_no_difference(open_process: OpenProcess) -> None:
    stores = [open_process() for _ in range(3)]
    for turn in range(8):
        for store in stores[: turn % 3 + 1]:
            act(store)
            require_unbroken(stores[turn % 2])
    assert {verify(store) for store in stores} == {45}


def test_processes_that_append_and_look_at_once_see_no_difference(open_process: OpenProcess) -> None:
    stores, done = [open_process() for _ in range(2)], Event()
    act(stores[0])

    def look(store: Store) -> int:
        looked = 0
        while not done.is_set() or not looked:
            require_unbroken(store)
            looked += 1
        return looked

    with ThreadPoolExecutor(6) as pool:
        watching = [pool.submit(look, store) for store in (*stores, open_process())]
        for acted in [pool.submit(act, store, 10) for store in stores]:
            acted.result()
        done.set()
        assert all(watched.result() for watched in watching)
    assert verify(stores[0]) == 63


@pytest.mark.parametrize("lost", ["witness", "anchor", "both"])
def test_a_process_killed_after_the_commit_leaves_what_the_next_act_makes_good(
    open_process: OpenProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    act(open_process())
    with monkeypatch.context() as killed:
        if lost != "anchor":
            killed.setattr(ledger, "write_witness", lambda _path, _checkpoint: None)
        if lost != "witness":
            killed.setattr(Store, "raise_waiting", lambda _store: None)
        act(open_process(), 2)
    store = open_process()
    assert verify(store) == 9
    act(store)
    store.raise_waiting()
    seen = read_witness(tmp_path / "witness")
    assert seen is not None
    assert seen.size == 12
    assert store.keyring is not None
    assert store.keyring.read_anchors([ANCHOR]) == {ANCHOR: anchor_head(seen)}


def test_a_disk_that_is_full_after_the_commit_undoes_no_act(
    open_process: OpenProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_process()
    act(store)

    def fail(*_what: object) -> None:
        raise StoreError("store.full", "There is no room left.")

    with monkeypatch.context() as full:
        full.setattr(ledger_witness, "keep_checkpoint", fail)
        full.setattr(Keyring, "raise_anchors", fail)
        full.setattr(engine, "ANCHOR_SECONDS", 0)
        act(store, 2)
        assert verify(open_process()) == 9
    # what the keyring was not told then it is told when there is room
    store.raise_waiting()
    assert store.keyring is not None
    assert store.keyring.read_anchors([ANCHOR])[ANCHOR].number == 9


def count_statements(store: Store, times: int) -> list[str]:
    seen: list[str] = []
    told: Any = store._engine

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(told, "before_cursor_execute", note)
    try:
        act(store, times)
    finally:
        event.remove(told, "before_cursor_execute", note)
    return [statement for statement in seen if "ledger_" in statement]


def test_an_act_asks_no_more_however_long_the_ledger_is(open_process: OpenProcess) -> None:
    store, other = open_process(), open_process()
    act(store)
    few = len(count_statements(store, 1))
    for times in (1, 40):
        act(other, times)
        # once for each older head that is known of: what the process saw, the file, the keyring
        assert len(count_statements(store, 1)) <= few + 3
    assert len(count_statements(store, 1)) <= few + 1
