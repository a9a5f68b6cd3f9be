"""Stores in both databases: the same tests run on SQLite and on a private PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.signed_ledger import open_process  # noqa: F401 - fixtures are found by their names here

from semblance.store.engine import Store, open_store
from semblance.store.keyring.keyring import Keyring


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    with request.getfixturevalue("postgres").fresh_database() as url:
        yield url


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    """Return the keyring of the store; stores that are opened with it close it."""
    return Keyring(f"sqlite:///{tmp_path / 'keyring.db'}", b"n" * 32)


@pytest.fixture
def store(store_url: str, keyring: Keyring) -> Iterator[Store]:
    """Return an empty store, of each kind in turn."""
    opened = open_store(store_url, keyring=keyring)
    yield opened
    opened.close()
