"""A ledger that this node signs, in both databases, with its witness and its keyring."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from semblance.audit.checkpoint import SigningKey
from semblance.audit.entry import Act, Touched, Verb
from semblance.store import ledger
from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_witness import LedgerSeat

KEY = SigningKey("semblance.example/fr", bytes(range(32)))
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ACT = Act(
    Verb.ERASURE, "record.erase", "emil", "DE", reason="The order was lifted", touched=(Touched("subject", "s1"),)
)

OpenProcess = Callable[[], Store]


def act(store: Store, times: int = 1) -> None:
    """Do something, as a person would: each time one transaction with three entries."""
    for _ in range(times):
        with store.writing() as tx:
            for _ in range(3):
                ledger.append(tx, ACT, at=AT)


@pytest.fixture
def open_process(store_url: str, tmp_path: Path) -> Iterator[OpenProcess]:
    """Return what opens the node's store as a process of its own would: it remembers nothing of the others."""
    opened: list[Store] = []

    def open_one() -> Store:
        keyring = Keyring(f"sqlite:///{tmp_path / 'keyring.db'}", b"n" * 32)
        opened.append(open_store(store_url, LedgerSeat(KEY, tmp_path / "witness"), keyring))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def running(open_process: OpenProcess) -> Store:
    """Return a store that runs and has signed twelve entries."""
    store = open_process()
    act(store, 4)
    # a second passes
    store.raise_waiting()
    return store
