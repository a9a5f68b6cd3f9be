"""Stores in both databases: the same tests run on SQLite and on a private PostgreSQL."""

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from semblance.store.engine import Store, open_store


def _load_private_postgres() -> Any:
    name = "private_postgres"
    if name not in sys.modules:
        spec = spec_from_file_location(name, Path(__file__).parent / "private_postgres.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """Return a running PostgreSQL, or skip."""
    with _load_private_postgres().run_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    with request.getfixturevalue("postgres").fresh_database() as url:
        yield url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Return an empty store, of each kind in turn."""
    opened = open_store(store_url)
    yield opened
    opened.close()
