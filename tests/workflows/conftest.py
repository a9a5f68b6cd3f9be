"""Nodes on both databases, with a stand-in for the extractor where faces are not the point."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.model_fixtures import own_folder, own_manifest, published_pack, publisher, write_manifest  # noqa: F401 - fixtures are found by their names here
from tests.workflows import stand_in
from tests.workflows.filling import Filling, Fillings

from semblance.cases.check import Justification
from semblance.exchange.intake import IntakeItem
from semblance.faces.extractor import Extractor
from semblance.gallery.record import Circumstances, ImageSource, RecordTerms
from semblance.gallery.suitability import SuitabilityLine
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node, PolicyShelf
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.terms.permission import Purpose
from semblance.terms.record import RecordKind


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture
def draw() -> Callable[..., bytes]:
    """Return what writes photos that the stand-in reads."""
    drawing: Callable[..., bytes] = stand_in.draw
    return drawing


@pytest.fixture
def clock() -> Clock:
    """Return the node's clock."""
    return Clock()


@pytest.fixture
def keyring(tmp_path: Path, blank_keyring: Path) -> Keyring:
    """Return the keyring of the node's store; it outlives the stores that are opened with it."""
    shutil.copy(blank_keyring, tmp_path / "keyring.db")
    return Keyring(f"sqlite:///{tmp_path / 'keyring.db'}", b"n" * 32)


@pytest.fixture
def make_node(store_url: str, tmp_path: Path, clock: Clock, keyring: Keyring) -> Iterator[Callable[..., Node]]:
    """Return what opens the same store again and again, each time as a node of its own, as other programs would."""
    opened: list[Node] = []

    def make(extractor: Extractor | None = None, line: SuitabilityLine | None = None) -> Node:
        store = open_store(store_url, keyring=keyring)
        node = Node(
            name="test",
            home=tmp_path,
            store=store,
            extractor=extractor or stand_in.StandInExtractor(),
            index=GalleryIndex(store),
            suitability=line or SuitabilityLine(),
            policy=PolicyShelf(store),
            clock=clock,
        )
        opened.append(node)
        return node

    yield make
    for node in opened:
        node.store.close()


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    """Return a node with an empty gallery."""
    return make_node()


@pytest.fixture(scope="session")
def fillings() -> Fillings:
    """Return what was filled so far."""
    return {}


@pytest.fixture
def fill_once(
    make_node: Callable[..., Node],
    store_url: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    clock: Clock,
    fillings: Fillings,
) -> Callable[[Callable[[Node], Any]], tuple[Node, Any]]:
    """Return what gives a node that a function filled, or a copy of what came of that before, and what it returned."""

    def fill_once(fill: Callable[[Node], Any]) -> tuple[Node, Any]:
        key = fill, store_url.startswith("sqlite")
        if key in fillings:
            fillings[key].restore(tmp_path / "keyring.db", store_url)
            clock.now = fillings[key].now
            return make_node(), fillings[key].made
        node = make_node()
        made = fill(node)
        into = tmp_path_factory.mktemp("filled")
        fillings[key] = Filling.read(made, clock.now, tmp_path / "keyring.db", store_url, into)
        return node, made

    return fill_once


@pytest.fixture
def extractor_type() -> Any:
    """Return the stand-in's class, for tests that need one of another name or a slow one."""
    return stand_in.StandInExtractor


@pytest.fixture
def item() -> Callable[..., IntakeItem]:
    """Return what hands in bytes as a photo of a subject."""

    def make(subject: str, name: str, data: bytes, *, face: int | None = None) -> IntakeItem:
        return IntakeItem(subject, name, lambda: data, face=face)

    return make


@pytest.fixture
def justified() -> Justification:
    """Return Alice's justification, which is accepted."""
    return Justification("Alice", "FR-2026-17", Purpose.MISSING_PERSON, "Found at the station without papers")


@pytest.fixture
def terms() -> RecordTerms:
    """Return the terms under which Emil enrols: missing persons, published at once."""
    return RecordTerms(
        kind=RecordKind.BLUE,
        legal_basis="INTERPOL RPD, article 90",
        retain_until=date(2029, 1, 1),
        source=ImageSource("DE", "handed in by the family", date(2026, 2, 14)),
        neutral=True,
        circumstances=Circumstances(asked="Who is this person?"),
    )
