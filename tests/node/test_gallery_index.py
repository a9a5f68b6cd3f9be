"""The gallery in memory never disagrees with the store."""

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from tests.cast import ADA, DORA, EMIL
from tests.workflows.record_acts import enrol, erase, find_id

from semblance.errors import IndexUnreachable, ModelError, OutOfMemory, PackConflict, RefusedByPolicy
from semblance.exchange.intake import IntakeItem
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node
from semblance.node.reconcile_index import Reconciled
from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.index import Allowed, Found, IndexRow, Question
from semblance.search.milvus.index import MilvusIndex
from semblance.search.milvus.place import MilvusPlace
from semblance.store import templates
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.terms.ids import AuthorityCode, PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordState
from semblance.terms.samples import Metric, Template
from semblance.terms.search import CandidateList
from semblance.workflows.models.switch_pack import check_index
from semblance.workflows.records.write_record import decide_dispute, dispute_record, extend_record, withdraw_record

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]


def search(node: Node, index: GalleryIndex, data: bytes, allowed: Allowed = lambda _: True) -> CandidateList:
    template = node.extractor.extract(data, name="x").template
    assert template is not None
    return index.search(template, limit=50, pack_name=node.extractor.name, allowed=allowed)


def is_active(facts: RecordFacts) -> bool:
    return facts.state is RecordState.ACTIVE


def test_a_large_gallery_comes_in_parts(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "_CHUNK", 7)
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(30)])
    found = search(node, node.index, draw("S12", take=5))
    assert (found.gallery_references, found.gallery_subjects, found.gallery_version) == (30, 30, 30)


def test_changes_step_by_step_lead_where_loading_anew_leads(node: Node, draw: Draw, item: MakeItem) -> None:
    for step in range(6):
        items = [item(f"S{n}", f"{step}-{n}.jpg", draw(f"S{n}", take=step)) for n in range(8)]
        enrol(node, items)
        erase(node, f"S{step}")
        probe = draw("S3", take=99)
        assert search(node, node.index, probe) == search(node, GalleryIndex(node.store), probe)


def test_a_load_that_fails_half_way_starts_anew(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "_CHUNK", 2)
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(6)])

    class Failing(EmbeddedIndex):
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
    erase(node, "S0")
    assert search(node, index, draw("S1")).gallery_references == 5


def test_every_index_learns_what_becomes_of_a_record(
    node: Node, make_node: Callable[..., Node], draw: Draw, item: MakeItem
) -> None:
    other = make_node()
    enrol(node, [item("A", "1.jpg", draw("A")), item("A", "2.jpg", draw("A", take=2)), item("B", "3.jpg", draw("B"))])
    subject, probe = find_id(node, "A"), draw("A", take=9)

    def found() -> list[int]:
        counts = []
        for there in (node, other):
            here = search(there, there.index, probe, is_active)
            assert here == search(there, GalleryIndex(there.store), probe, is_active)
            counts.append(here.gallery_references)
        return counts

    assert found() == [3, 3]
    dispute_record(node, DORA, subject, reason="it is her sister")
    assert found() == [1, 1]
    decide_dispute(node, DORA, subject, upheld=False, reason="it is not")
    assert found() == [3, 3]
    extend_record(other, EMIL, subject, retain_until=date(2027, 1, 1), reason="reviewed")
    assert search(node, node.index, probe, lambda facts: facts.retain_until == date(2027, 1, 1)).gallery_references == 2
    withdraw_record(other, EMIL, subject, reason="she was found")
    assert found() == [1, 1]
    assert node.index.size == 3
    erase(other, "A")
    assert found() == [1, 1]
    assert node.index.size == 1


def test_an_older_copy_put_back_in_place_is_noticed(
    tmp_path: Path, draw: Draw, item: MakeItem, node: Node, keyring: Keyring
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    enrol(node, [item("B", "b.jpg", draw("B"))])
    index = GalleryIndex(node.store)
    assert search(node, index, draw("B")).gallery_references == 2
    older = open_store(f"sqlite:///{tmp_path / 'older.db'}", keyring=keyring)
    index._store = older
    assert search(node, index, draw("B")).gallery_references == 0
    older.close()


def test_memory_that_does_not_suffice_is_said_before_anything_is_loaded(
    node: Node, draw: Draw, item: MakeItem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(node, [item("A", "a.jpg", draw("A"))])
    said = tmp_path / "meminfo"
    monkeypatch.setattr("semblance.node.gallery_index.MEMORY_FILE", said)
    index = GalleryIndex(node.store)
    said.write_text("MemTotal: 8 kB\nMemAvailable: 0 kB\n")
    with pytest.raises(OutOfMemory, match="give the machine more memory"):
        search(node, index, draw("A"))
    assert index.size == 0
    said.write_text("MemTotal: 8000000 kB\nMemAvailable: 4000000 kB\n")
    assert search(node, index, draw("A")).gallery_references == 1
    said.unlink()
    assert search(node, GalleryIndex(node.store), draw("A")).gallery_references == 1


def test_a_template_that_is_none_is_refused_and_what_is_held_stays() -> None:
    index = EmbeddedIndex()
    facts = RecordFacts(AuthorityCode("DE"), RecordState.ACTIVE, kind=RecordKind.RED, retain_until=date(2029, 1, 1))

    def make(number: int, values: bytes, dimension: int = 2) -> IndexRow:
        template = Template(PackDigest("a" * 64), Metric.COSINE, dimension, values)
        return IndexRow(ReferenceId(f"{number:032x}"), SubjectId(f"{number:032x}"), number, template, facts)

    good = struct.pack("<2f", 0.6, 0.8)
    index.add([make(1, good)])
    for wrong in (make(2, good, 3), make(2, struct.pack("<2f", math.nan, 1.0)), make(2, b"")):
        with pytest.raises((ModelError, PackConflict)):
            index.add([make(3, good), wrong])
    assert (index.size, index.subjects) == (1, 1)
    (found,) = index.search([Question(make(9, good).template, 500, lambda _: True)])
    assert [candidate.sequence for candidate in found.scored] == [1]


def test_an_index_elsewhere_is_brought_up_to_date_before_it_is_searched(
    node: Node, draw: Draw, item: MakeItem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed: pip install 'semblance-faces[milvus]'")
    place = MilvusPlace(str(tmp_path / "index.db"))

    def open_index() -> GalleryIndex:
        return GalleryIndex(node.store, lambda _: MilvusIndex(place))

    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(4)])
    elsewhere = open_index()
    assert search(node, elsewhere, draw("S1")) == search(node, node.index, draw("S1"))
    erase(node, "S1")
    enrol(node, [item("S9", "9.jpg", draw("S9"))])
    # another process, which never saw what was erased
    later = open_index()
    assert search(node, later, draw("S9")) == search(node, node.index, draw("S9"))
    assert later.size == 4

    def fail(*_: object, **__: object) -> None:
        raise IndexUnreachable("test.error", "The index does not answer; try again.")

    # what does not answer while somebody is erased learns it from the store
    erase(node, "S2")
    with monkeypatch.context() as patch:
        patch.setattr(MilvusIndex, "remove", fail)
        with later.removing() as forget:
            forget([ReferenceId("a" * 32)])
        with pytest.raises(IndexUnreachable):
            search(node, later, draw("S2"))
    assert search(node, later, draw("S2")) == search(node, node.index, draw("S2"))
    assert later.size == 3


def test_an_index_elsewhere_is_compared_with_the_store_and_repaired(
    node: Node, draw: Draw, item: MakeItem, tmp_path: Path
) -> None:
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed: pip install 'semblance-faces[milvus]'")
    milvus = MilvusIndex(MilvusPlace(str(tmp_path / "index.db")))
    there = replace(node, index=GalleryIndex(node.store, lambda _: milvus))
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(8)])
    search(there, there.index, draw("S1"))
    seen: list[int] = []
    agreeing = check_index(there, ADA, repair=True, on_progress=seen.append)
    assert agreeing == Reconciled(True, 8)
    assert agreeing.agrees
    assert seen[-1] == 16
    with node.store.reading() as tx:
        (rows,) = templates.iterate_references(tx, after=0)
    # what a hand, a crash or a restored disk may do to it
    milvus.remove([rows[0].reference, rows[1].reference])
    stray = replace(rows[2], reference=ReferenceId("e" * 32), subject=SubjectId("e" * 32), sequence=99)
    milvus.remove([rows[3].reference, rows[4].reference])
    blocked = replace(rows[4], facts=replace(rows[4].facts, state=RecordState.BLOCKED))
    milvus.add([stray, replace(rows[3], template=rows[2].template), blocked])
    assert check_index(there, ADA, repair=False) == Reconciled(True, 8, 2, 1, 2)
    with pytest.raises(RefusedByPolicy):
        check_index(there, EMIL, repair=True)
    assert check_index(there, ADA, repair=True) == Reconciled(True, 8, 2, 1, 2, repaired=True)
    assert check_index(there, ADA, repair=False) == agreeing
    for name in ("S0", "S2", "S3", "S4"):
        probe = draw(name, take=7)
        assert search(there, there.index, probe) == search(node, node.index, probe)
    assert check_index(node, ADA, repair=True) == Reconciled(elsewhere=False)


def test_searches_that_wait_share_a_pass_and_each_has_its_own_answer(
    node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(6)])
    passes: list[int] = []
    held, going = Event(), Event()
    plain = EmbeddedIndex.search

    def count(index: EmbeddedIndex, questions: Sequence[Question]) -> tuple[Found, ...]:
        passes.append(len(questions))
        if len(passes) == 1:
            held.set()
            assert going.wait(30)
        return plain(index, questions)

    monkeypatch.setattr(EmbeddedIndex, "search", count)
    index = GalleryIndex(node.store)
    template = node.extractor.extract(draw("S1", take=3), name="x").template
    assert template is not None
    other = Template(PackDigest("0" * 64), template.metric, template.dimension, template.values)
    faulty = Template(template.pack, template.metric, template.dimension, b"no template")

    def ask(number: int) -> CandidateList | Exception:
        probe = {7: other, 8: faulty}.get(number, template)
        lets = is_active if number % 2 else lambda _: False
        try:
            return index.search(probe, limit=number + 1, pack_name="stand-in", allowed=lets)
        except (PackConflict, ModelError) as error:
            return error

    with ThreadPoolExecutor(10) as pool:
        first = pool.submit(ask, 1)
        assert held.wait(30)
        others = [pool.submit(ask, number) for number in (2, 3, 5, 7, 8, 9)]
        while len(index._waiting) < len(others):
            sleep(0.01)
        going.set()
        found = dict(zip((1, 2, 3, 5, 7, 8, 9), [future.result() for future in (first, *others)], strict=True))
    assert isinstance(found[7], PackConflict)
    assert isinstance(found[8], ModelError)
    assert max(passes) >= 4
    for number in (1, 2, 3, 5, 9):
        assert found[number] == ask(number)


def test_a_line_of_searches_is_cut(node: Node, draw: Draw, item: MakeItem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semblance.node.gallery_index._TOGETHER", 3)
    enrol(node, [item(f"S{n}", f"{n}.jpg", draw(f"S{n}")) for n in range(6)])
    index = GalleryIndex(node.store)
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda n: search(node, index, draw(f"S{n % 6}", take=2)), range(48)))
    for number, answer in enumerate(found):
        assert answer == search(node, node.index, draw(f"S{number % 6}", take=2))
    assert not index._waiting
