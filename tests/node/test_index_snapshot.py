"""A start from the sealed snapshot answers as one from the store does, whatever became of either in between."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.node.test_gallery_index import search
from tests.workflows.record_acts import enrol, erase

from semblance.errors import StoreError
from semblance.exchange.intake import IntakeItem
from semblance.node import index_snapshot
from semblance.node.gallery_index import GalleryIndex
from semblance.node.node import Node
from semblance.search.embedded import index, saving
from semblance.store import gallery, templates
from semblance.store.engine import open_store
from semblance.store.keyring.keyring import Keyring
from semblance.store.snapshot_files import SnapshotFiles

Draw = Callable[..., bytes]
MakeItem = Callable[..., IntakeItem]

SUBJECTS = [f"S{n}" for n in range(20)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_snapshot, "WORTH", 4)
    monkeypatch.setattr(index_snapshot, "_MANY", 2)
    monkeypatch.setattr(index_snapshot, "_PATIENCE", 0.3)
    for module in (index, saving):
        monkeypatch.setattr(module, "ROWS_PER_CHUNK", 4)


@pytest.fixture
def filled(node: Node, draw: Draw, item: MakeItem) -> Node:
    """Return a node with 20 records, of which two have a second photo."""
    enrol(node, [item(name, f"{name}.jpg", draw(name)) for name in SUBJECTS])
    enrol(node, [item(name, f"{name}-2.jpg", draw(name, take=2)) for name in SUBJECTS[:2]])
    return node


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the numbers of references that were read one by one from the store, a number for each time."""
    seen: list[int] = []
    read = templates.iterate_references
    missing = templates.iterate_missing

    def count(rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
        seen.append(0)
        for part in rows:
            seen[-1] += len(part)
            yield part

    monkeypatch.setattr(templates, "iterate_references", lambda *given, **named: count(read(*given, **named)))
    monkeypatch.setattr(templates, "iterate_missing", lambda *given, **named: count(missing(*given, **named)))
    return seen


def start(node: Node, folder: Path) -> GalleryIndex:
    return GalleryIndex(node.store, snapshots=folder)


def agree(node: Node, index: GalleryIndex, draw: Draw) -> None:
    for name in ("S0", "S3", "S19", "stranger"):
        probe = draw(name, take=9)
        assert search(node, index, probe) == search(node, GalleryIndex(node.store), probe)


def find_table(folder: Path) -> Path:
    (found,) = folder.glob("*.table")
    return found


def find_rows(folder: Path) -> Path:
    (found,) = folder.glob("*.rows-*")
    return found


def test_a_start_reads_the_snapshot_and_only_what_came_since(
    filled: Node, draw: Draw, item: MakeItem, tmp_path: Path, loads: list[int]
) -> None:
    folder = tmp_path / "index"
    search(filled, start(filled, folder), draw("S3"))
    assert (folder.stat().st_mode & 0o777, find_table(folder).stat().st_mode & 0o777) == (0o700, 0o600)
    loads.clear()
    index = start(filled, folder)
    search(filled, index, draw("S3"))
    assert sum(loads) == 0
    enrol(filled, [item("new", "new.jpg", draw("new"))])
    loads.clear()
    again = start(filled, folder)
    found = search(filled, again, draw("new", take=3))
    assert (loads, found.gallery_references) == ([1], 23)
    agree(filled, again, draw)
    # the running one learns of it, too, and goes on from the same snapshot
    agree(filled, index, draw)


def test_what_changes_is_written_in_place(
    filled: Node, draw: Draw, item: MakeItem, tmp_path: Path, loads: list[int]
) -> None:
    folder = tmp_path / "index"
    index = start(filled, folder)
    search(filled, index, draw("S3"))
    rows, before = find_rows(folder), find_rows(folder).read_bytes()
    enrol(filled, [item(f"N{n}", f"N{n}.jpg", draw(f"N{n}")) for n in range(9)])
    search(filled, index, draw("S3"))
    after = find_rows(folder).read_bytes()
    assert find_rows(folder) == rows
    length = len(before) // 6
    assert [before[at : at + length] == after[at : at + length] for at in range(0, len(before), length)] == (
        [True] * 5 + [False]
    )
    loads.clear()
    agree(filled, start(filled, folder), draw)
    assert loads[:2] == [0, 31]


def test_nothing_in_it_can_be_read(filled: Node, tmp_path: Path, draw: Draw) -> None:
    folder = tmp_path / "index"
    search(filled, start(filled, folder), draw("S3"))
    with filled.store.reading() as tx:
        rows = [row for part in templates.iterate_references(tx, after=0) for row in part]
    whole = b"".join(path.read_bytes() for path in folder.iterdir())
    for row in rows:
        assert bytes.fromhex(row.reference) not in whole
        assert row.reference.encode() not in whole
        assert row.template.values not in whole


def test_a_removal_is_gone_from_the_snapshot_at_once_and_the_next_start_is_quick(
    filled: Node, draw: Draw, tmp_path: Path, loads: list[int]
) -> None:
    folder = tmp_path / "index"
    filled = replace(filled, index=start(filled, folder))
    search(filled, filled.index, draw("S3"))
    copied = {path.name: path.read_bytes() for path in folder.iterdir()}
    erase(filled, "S3")
    # what was copied before names a key that is destroyed
    table = find_table(folder)
    now = table.read_bytes()
    table.write_bytes(copied[table.name])
    with filled.store.reading() as tx:
        pack = gallery.read_pack(tx)
        assert pack is not None
        assert SnapshotFiles(folder, pack).read_table(tx) is None
    table.write_bytes(now)
    loads.clear()
    index = start(filled, folder)
    assert search(filled, index, draw("S3", take=4)).gallery_references == 21
    assert loads == [0]
    agree(filled, index, draw)


def test_who_removes_without_the_index_takes_the_row_out_of_the_snapshot(
    filled: Node, make_node: Callable[..., Node], draw: Draw, tmp_path: Path, loads: list[int]
) -> None:
    folder = tmp_path / "index"
    running = start(filled, folder)
    search(filled, running, draw("S3"))
    other = replace(make_node(), index=GalleryIndex(filled.store, snapshots=folder))
    erase(other, "S0")
    erase(other, "S7")
    assert other.index.size == 0
    loads.clear()
    later = start(filled, folder)
    assert search(filled, later, draw("S0", take=4)).gallery_references == 19
    assert loads == [0]
    agree(filled, later, draw)
    agree(filled, running, draw)


def test_a_program_killed_between_the_erasure_and_the_snapshot_leaves_none(
    filled: Node, draw: Draw, tmp_path: Path, loads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    filled = replace(filled, index=start(filled, folder))
    search(filled, filled.index, draw("S3"))
    with monkeypatch.context() as patch:
        patch.setattr(index_snapshot.IndexSnapshot, "save_alone", lambda *_: None)
        erase(filled, "S3")
    loads.clear()
    index = start(filled, folder)
    assert search(filled, index, draw("S3", take=4)).gallery_references == 21
    assert loads[0] == 21
    # and the one that went on writes it anew, without being told
    search(filled, filled.index, draw("S3"))
    loads.clear()
    search(filled, start(filled, folder), draw("S3"))
    assert sum(loads) == 0


@pytest.mark.parametrize("part", ["head", "name", "sealed", "cut", "empty", "gone"])
def test_a_table_that_is_none_is_not_believed(
    filled: Node, draw: Draw, tmp_path: Path, loads: list[int], part: str
) -> None:
    folder = tmp_path / "index"
    search(filled, start(filled, folder), draw("S3"))
    table = find_table(folder)
    data = table.read_bytes()
    at = {"head": 3, "name": 30, "sealed": len(data) - 40}.get(part)
    if part == "gone":
        table.unlink()
    elif at is None:
        table.write_bytes(data[: len(data) // 2] if part == "cut" else b"")
    else:
        table.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    loads.clear()
    index = start(filled, folder)
    agree(filled, index, draw)
    assert loads[0] == 22
    loads.clear()
    search(filled, start(filled, folder), draw("S3"))
    assert sum(loads) == 0


@pytest.mark.parametrize("part", ["changed", "cut", "swapped", "older", "gone"])
def test_rows_that_are_torn_come_from_the_store(
    filled: Node, draw: Draw, item: MakeItem, tmp_path: Path, loads: list[int], part: str
) -> None:
    folder = tmp_path / "index"
    index = start(filled, folder)
    search(filled, index, draw("S3"))
    rows = find_rows(folder)
    data = rows.read_bytes()
    length = len(data) // 6
    missing = 4
    if part == "changed":
        rows.write_bytes(data[: length + 9] + bytes([data[length + 9] ^ 1]) + data[length + 10 :])
    elif part == "cut":
        rows.write_bytes(data[: 4 * length + length // 2])
        missing = 6
    elif part == "swapped":
        rows.write_bytes(data[length : 2 * length] + data[:length] + data[2 * length :])
        missing = 8
    elif part == "older":
        # a chunk that was right once: what was added to it since is missing, and its key is another one
        enrol(filled, [item(f"N{n}", f"N{n}.jpg", draw(f"N{n}")) for n in range(8)])
        search(filled, index, draw("S3"))
        fresh = rows.read_bytes()
        rows.write_bytes(fresh[: 5 * length] + data[5 * length :] + fresh[6 * length :])
    else:
        rows.unlink()
        missing = 22
    loads.clear()
    again = start(filled, folder)
    agree(filled, again, draw)
    assert missing in loads[:2]
    loads.clear()
    search(filled, start(filled, folder), draw("S3"))
    assert sum(loads) == 0


def test_an_older_copy_of_the_store_is_not_searched_with_a_newer_snapshot(
    filled: Node, draw: Draw, item: MakeItem, tmp_path: Path, keyring: Keyring, loads: list[int]
) -> None:
    folder = tmp_path / "index"
    search(filled, start(filled, folder), draw("S3"))
    other = open_store(f"sqlite:///{tmp_path / 'older.db'}", keyring=keyring)
    moved = GalleryIndex(other, snapshots=folder)
    template = filled.extractor.extract(draw("S3"), name="x").template
    assert template is not None
    found = moved.search(template, limit=5, pack_name="stand-in", allowed=lambda _: True)
    assert found.gallery_references == 0
    other.close()


def test_while_somebody_writes_it_others_start_from_the_store(
    filled: Node, draw: Draw, tmp_path: Path, loads: list[int]
) -> None:
    folder = tmp_path / "index"
    filled = replace(filled, index=start(filled, folder))
    search(filled, filled.index, draw("S3"))
    with filled.store.reading() as tx:
        pack = gallery.read_pack(tx)
    assert pack is not None
    files = SnapshotFiles(folder, pack)
    loads.clear()
    with files.lock(shared=False, wait=0) as alone:
        assert alone
        agree(filled, start(filled, folder), draw)
        assert loads[0] == 22
        # an erasure does not wait for ever, and leaves nothing that can be read
        erase(filled, "S5")
    with filled.store.reading() as tx:
        assert files.read_table(tx) is None
    agree(filled, filled.index, draw)
    with filled.store.reading() as tx:
        assert files.read_table(tx) is not None


def test_a_snapshot_that_cannot_be_written_keeps_nobody_from_searching(
    filled: Node, draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    folder.write_bytes(b"a file where the folder should be")
    agree(filled, start(filled, folder), draw)
    folder.unlink()

    def fail(*_: object, **__: object) -> None:
        raise StoreError("test.full", "The disk is full.")

    monkeypatch.setattr(SnapshotFiles, "keep_table", fail)
    agree(filled, start(filled, folder), draw)
    monkeypatch.undo()


def test_what_another_program_removed_meanwhile_is_not_written(
    filled: Node, make_node: Callable[..., Node], draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = tmp_path / "index", make_node()
    write = SnapshotFiles.write_rows

    def erase_first(files: SnapshotFiles, *given: object, **named: object) -> object:
        table = write(files, *given, **named)  # type: ignore[arg-type]
        erase(other, "S3")
        return table

    index = start(filled, folder)
    with monkeypatch.context() as patch:
        patch.setattr(SnapshotFiles, "write_rows", erase_first)
        search(filled, index, draw("S3"))
    assert not list(folder.glob("*.table"))
    assert search(filled, index, draw("S3", take=4)).gallery_references == 21
    assert list(folder.glob("*.table"))


def test_a_gallery_that_became_small_has_none(filled: Node, draw: Draw, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    filled = replace(filled, index=start(filled, folder))
    search(filled, filled.index, draw("S3"))
    assert find_rows(folder).exists()
    for name in SUBJECTS[1:]:
        erase(filled, name)
    search(filled, filled.index, draw("S3"))
    assert {path.name for path in folder.iterdir()} == {"lock", "place"}


def test_two_machines_on_one_database_keep_a_snapshot_each(
    filled: Node, draw: Draw, tmp_path: Path, loads: list[int]
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    search(filled, start(filled, here), draw("S3"))
    search(filled, start(filled, there), draw("S3"))
    loads.clear()
    for folder in (here, there):
        search(filled, start(filled, folder), draw("S3"))
    assert sum(loads) == 0
    filled = replace(filled, index=start(filled, here))
    search(filled, filled.index, draw("S3"))
    erase(filled, "S3")
    # the other one's is unreadable, too, until it was searched there again
    table = find_table(there)
    with filled.store.reading() as tx:
        pack = gallery.read_pack(tx)
        assert pack is not None
        assert SnapshotFiles(there, pack).read_table(tx) is None
        assert SnapshotFiles(here, pack).read_table(tx) is not None
    assert table.exists()
    agree(filled, start(filled, there), draw)
    loads.clear()
    search(filled, start(filled, there), draw("S3"))
    assert sum(loads) == 0
