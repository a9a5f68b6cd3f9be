"""The gallery in memory never disagrees with the store."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from semblance.exchange.intake import IntakeItem
from semblance.search.exact import ExactIndex
from semblance.search.index import IndexRow
from semblance.store import gallery
from semblance.store.engine import open_store
from semblance.terms.candidates import CandidateList
from semblance.workflows.delete import delete_subject
from semblance.workflows.enrol import enrol_photos
from semblance.workflows.gallery_index import GalleryIndex
from semblance.workflows.node import Node

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def search(node: Node, index: GalleryIndex, data: bytes) -> CandidateList:
    template = node.extractor.extract(data, name="x").template
    assert template is not None
    return index.search(template, limit=50, pack_name=node.extractor.name)


def test_a_large_gallery_comes_in_parts(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_CHUNK", 7)
    enrol_photos(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(30)], person="Emil")
    found = search(node, node.index, draw("S12", take=5))
    assert (found.gallery_references, found.gallery_subjects, found.gallery_version) == (30, 30, 30)


def test_changes_step_by_step_lead_where_loading_anew_leads(node: Node, draw: Draw, item: MakeItem) -> None:
    for step in range(6):
        items = [item(f"S{n}", f"{step}-{n}.jpg", draw(f"S{n}", take=step)) for n in range(8)]
        enrol_photos(node, items, person="Emil")
        delete_subject(node, f"S{step}", person="Dora", reason="Erasure was asked for")
        probe = draw("S3", take=99)
        assert search(node, node.index, probe) == search(node, GalleryIndex(node.store), probe)


def test_a_load_that_fails_half_way_starts_anew(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "_CHUNK", 2)
    enrol_photos(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(6)], person="Emil")

    class Failing(ExactIndex):
        fail = True

        def add(self, rows: Iterable[IndexRow]) -> None:
            if self.size == 4 and Failing.fail:
                raise MemoryError
            super().add(rows)

    index = GalleryIndex(node.store, Failing)
    with pytest.raises(MemoryError):
        search(node, index, draw("S1"))
    assert index.size == 0
    Failing.fail = False
    delete_subject(node, "S0", person="Dora", reason="Erasure was asked for")
    assert search(node, index, draw("S1")).gallery_references == 5


def test_an_older_copy_put_back_in_place_is_noticed(tmp_path: Path, draw: Draw, item: MakeItem, node: Node) -> None:
    enrol_photos(node, [item("A", "a.jpg", draw("A"))], person="Emil")
    enrol_photos(node, [item("B", "b.jpg", draw("B"))], person="Emil")
    index = GalleryIndex(node.store)
    assert search(node, index, draw("B")).gallery_references == 2
    older = open_store(f"sqlite:///{tmp_path / 'older.db'}")
    index._store = older
    assert search(node, index, draw("B")).gallery_references == 0
    older.close()
