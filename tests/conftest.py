"""Where the tests find real photos, what they may assume, and which database whole nodes stand on.

With SEMBLANCE_TEST_DATABASE=postgresql every node that a test makes in this process has a PostgreSQL database of its
own in the place of its SQLite file; programs that a test starts keep theirs.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from functools import wraps
from importlib.metadata import files
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from tests.store.private_postgres import Cluster, run_cluster

from semblance.bootstrap import config
from semblance.people import passwords
from semblance.store import database, engine, migrate
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring


def pytest_xdist_auto_num_workers() -> int:
    """Return one worker more than there are cores: many tests wait for a browser, a server or the disk."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files that drive a browser among the others: side by side they slow one another down."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    driving = [path for path, inside in files.items() if any("browser" in _list_fixtures(item) for item in inside)]
    order = [path for path in files if path not in driving]
    step = len(order) / (len(driving) + 1)
    for count, path in enumerate(driving, start=1):
        order.insert(round(count * step) + count - 1, path)
    items[:] = [item for path in order for item in files[path]]


def _list_fixtures(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


def _packaged(distribution: str, ending: str) -> Path:
    for entry in files(distribution) or ():
        if str(entry).endswith(ending):
            return Path(str(entry.locate()))
    pytest.skip(f"{distribution} brings no {ending}")


@pytest.fixture(scope="session", autouse=True)
def _whole_nodes_on_postgres() -> Iterator[None]:
    if os.environ.get("SEMBLANCE_TEST_DATABASE") != "postgresql":
        yield
        return
    anchor = config._anchor_sqlite
    with run_cluster() as cluster, pytest.MonkeyPatch.context() as patch:

        def move(url: str, home: Path) -> str:
            anchored = anchor(url, home)
            if not anchored.endswith("/semblance.sqlite"):
                return anchored
            return cluster.keep_database(f"n{hashlib.sha256(anchored.encode()).hexdigest()[:24]}")

        patch.setattr(config, "_anchor_sqlite", move)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Return a running PostgreSQL, or skip."""
    with run_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store as the migrations make it, for tests to copy: making the tables takes longer than most of them."""
    path = tmp_path_factory.mktemp("blank") / "store.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def blank_postgres(postgres: Cluster) -> str:
    """Return the URL of a store as the migrations make it, for tests to copy."""
    url = postgres.keep_database("blank")
    open_store(url).close()
    return url


@pytest.fixture(scope="session")
def blank_keyring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a keyring without keys, for tests to copy: stores that were filled under one root key are read by all."""
    path = tmp_path_factory.mktemp("blank") / "keyring.db"
    Keyring(f"sqlite:///{path}", b"n" * 32).close()
    return path


@pytest.fixture(scope="session", autouse=True)
def _whole_nodes_begin_as_copies(blank_sqlite: Path) -> Iterator[None]:
    """Let a node that is made in this process begin with a copy of the blank store; tests/store runs the migrations."""
    turn = Lock()

    def copy(made: sa.Engine, place: str) -> bool:
        path = Path(place)
        with turn:
            if path.name == "semblance.sqlite" and path.stat().st_size == 0:
                path.write_bytes(blank_sqlite.read_bytes())
                return True
        return migrate.migrate(made, place)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "migrate", copy)
        yield


@pytest.fixture(scope="session", autouse=True)
def _write_without_waiting() -> Iterator[None]:
    """Let SQLite in this process not wait for the disk: no test cuts the power. Programs that a test starts wait."""
    prepare = database._prepare_sqlite

    @wraps(prepare)
    def hurry(connection: Any, journal: str) -> None:
        prepare(connection, journal)
        connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_prepare_sqlite", hurry)
        yield


@pytest.fixture(scope="session", autouse=True)
def _hash_passwords_quickly() -> Iterator[None]:
    """Hash with the same function with little memory: a tenth of a second for each password adds up."""
    with pytest.MonkeyPatch.context() as patch:
        if "SEMBLANCE_TEST_TIMING" not in os.environ:
            patch.setattr(passwords, "_HASHER", PasswordHasher(memory_cost=64))
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a store that has its tables and nothing in them, of each kind in turn."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("blank_sqlite"), tmp_path / "store.db")
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    blank = request.getfixturevalue("blank_postgres")
    with request.getfixturevalue("postgres").lend_copy(blank) as url:
        yield url


@pytest.fixture(scope="session")
def astronaut_path() -> Path:
    """Return Eileen Collins's portrait by NASA, public domain, 512x512, as scikit-image ships it."""
    return _packaged("scikit-image", "data/astronaut.png")


@pytest.fixture(scope="session")
def hopper_path() -> Path:
    """Return Grace Hopper's portrait by the US Navy, public domain, 512x600, as matplotlib ships it."""
    return _packaged("matplotlib", "sample_data/grace_hopper.jpg")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of real photo sets, or skip: they are never part of the repository."""
    named = os.environ.get("SEMBLANCE_TEST_DATA", "")
    if not named:
        pytest.skip("SEMBLANCE_TEST_DATA names no folder of real photo sets")
    folder = Path(named)
    if not (folder / "congress" / "manifest.csv").is_file():
        pytest.skip(f"SEMBLANCE_TEST_DATA={named} has no photo sets")
    return folder


@pytest.fixture(scope="session")
def model_files(test_data: Path) -> Path:
    """Return the folder of the pack `open`'s files, or skip."""
    folder = test_data.parent / "models"
    if not (folder / "yunet_n_dynamic.onnx").is_file():
        pytest.skip(f"{folder} has no model files")
    return folder
