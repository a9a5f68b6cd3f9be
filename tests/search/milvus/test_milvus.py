"""Milvus gives the candidates of the embedded index: the same subjects, the same order, the same scores."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.search.embedded.test_embedded import (
    brute_force,
    everything,
    find,
    for_france,
    make_real,
    make_rows,
    template,
)

from semblance.errors import ConfigurationError, IndexDisagrees, IndexUnreachable, ModelError, PackConflict
from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.index import Found, Question
from semblance.search.milvus.index import MilvusIndex
from semblance.search.milvus.place import MilvusPlace, parse_place
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordState
from semblance.terms.samples import Metric

pytest.importorskip("pymilvus", reason="pymilvus is not installed: pip install 'semblance-faces[milvus]'")
pytest.importorskip("milvus_lite", reason="milvus-lite is not installed: pip install 'semblance-faces[milvus]'")

Open = Callable[[], MilvusIndex]


@pytest.fixture
def open_index(tmp_path: Path) -> Open:
    place = MilvusPlace(str(tmp_path / "index.db"), "gallery")
    return lambda: MilvusIndex(place)


def agree(milvus: MilvusIndex, embedded: EmbeddedIndex, rng: np.random.Generator, metric: Metric) -> None:
    """Search both, with and without filters, and expect the same."""
    assert (milvus.size, milvus.subjects) == (embedded.size, embedded.subjects)
    for turn, values in enumerate(make_real(rng, 6)):
        probe, limit = template(values, metric), (1, 20, 50)[turn % 3]
        for allowed in (everything, for_france):
            (here,) = milvus.search([Question(probe, limit, allowed)])
            (there,) = embedded.search([Question(probe, limit, allowed)])
            assert here == there


@pytest.mark.parametrize("metric", list(Metric))
def test_adds_removals_changes_and_filters(open_index: Open, metric: Metric) -> None:
    rng = np.random.default_rng(1)
    rows = make_rows(make_real(rng, 900), (np.arange(900) // 3).tolist(), metric)
    milvus, embedded = open_index(), EmbeddedIndex()
    for index in (milvus, embedded):
        index.add(rows[:600])
        index.add(rows[500:])
    agree(milvus, embedded, rng, metric)
    gone = [row.reference for row in rows[::4]] + [row.reference for row in rows[30:33]]
    blocked = {row.reference: replace(row.facts, state=RecordState.BLOCKED) for row in rows[60:90]}
    for index in (milvus, embedded):
        index.remove([*gone, ReferenceId("f" * 32)])
        index.alter({**blocked, ReferenceId("e" * 32): rows[0].facts})
    agree(milvus, embedded, rng, metric)
    among = {row.subject for row in rows[::5]} | {SubjectId("d" * 32)}
    probe = template(make_real(rng, 1)[0], metric)
    (here,) = milvus.search([Question(probe, 20, for_france, among)])
    (there,) = embedded.search([Question(probe, 20, for_france, among)])
    assert here == there


def test_twenty_thousand_templates(open_index: Open) -> None:
    rng = np.random.default_rng(2)
    rows = make_rows(make_real(rng, 20_000), (np.arange(20_000) // 2).tolist(), Metric.COSINE)
    milvus, embedded = open_index(), EmbeddedIndex()
    for index in (milvus, embedded):
        for start in range(0, len(rows), 4_000):
            index.add(rows[start : start + 4_000])
        index.remove([row.reference for row in rows[::9]])
    agree(milvus, embedded, rng, Metric.COSINE)


def test_ties_beyond_what_is_given_at_once(open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semblance.search.milvus.index._MOST", 64)
    rows = make_rows(np.tile(np.eye(4, dtype=np.float32)[0], (300, 1)), range(300), Metric.COSINE)
    milvus = open_index()
    milvus.add(rows)
    probe = template([1, 0, 0, 0])
    (found,) = milvus.search([Question(probe, 50, everything)])
    assert found.scored == brute_force(rows, probe, 50)


def test_what_is_held_outlives_the_process(open_index: Open) -> None:
    rng = np.random.default_rng(3)
    rows = make_rows(make_real(rng, 60), range(60), Metric.COSINE)
    first, embedded = open_index(), EmbeddedIndex()
    assert (first.checkpoint, first.size, first.subjects) == (0, 0, 0)
    for index in (first, embedded):
        index.add(rows)
    first.checkpoint = 60
    place = first._place
    said = (
        "from semblance.search.milvus.index import MilvusIndex; from semblance.search.milvus.place import MilvusPlace; "
        f"index = MilvusIndex(MilvusPlace({place.uri + '.copy.db'!r}, {place.collection!r})); "
        "print(index.checkpoint, index.size, index.subjects)"
    )
    copy_index(Path(place.uri), Path(place.uri + ".copy.db"))
    other = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True)
    assert other.stdout.split() == ["60", "60", "60"]
    again = open_index()
    assert again.checkpoint == 60
    agree(again, embedded, rng, Metric.COSINE)
    again.clear()
    assert (open_index().checkpoint, open_index().size) == (0, 0)


def copy_index(held: Path, copy: Path) -> None:
    """Copy the files of Milvus Lite, which serves one process at a time."""
    if held.is_dir():
        shutil.copytree(held, copy)
    else:
        shutil.copy(held, copy)


def test_nothing_held_nothing_allowed_and_more_asked_for_than_there_is(open_index: Open) -> None:
    milvus, probe = open_index(), template([0.6, 0.8])
    assert milvus.search([Question(probe, 5, everything)]) == (Found((), 0, 0),)
    rows = make_rows(np.array([[0.6, 0.8], [0.8, 0.6]], dtype=np.float32), [0, 1], Metric.COSINE)
    milvus.add(rows)
    assert milvus.search([Question(probe, 5, lambda _: False)]) == (Found((), 0, 0),)
    assert find_one(milvus, probe, 500).scored == brute_force(rows, probe, 500)
    with pytest.raises(ValueError, match="at least one"):
        milvus.search([Question(probe, 0, everything)])


def find_one(milvus: MilvusIndex, probe: object, limit: int) -> Found:
    return find(milvus, probe, limit=limit, allowed=everything)  # type: ignore[arg-type]


def test_templates_that_are_none_are_refused(open_index: Open) -> None:
    milvus = open_index()
    (row,) = make_rows(np.array([[0.6, 0.8]], dtype=np.float32), [0], Metric.COSINE)
    milvus.add([row])
    other = replace(row, reference=ReferenceId("1" * 32), template=template([1, 0], pack=PackDigest("b" * 64)))
    nan = replace(row, reference=ReferenceId("2" * 32), template=template([np.nan, 0]))
    longer = replace(row, reference=ReferenceId("3" * 32), template=template([1, 0, 0]))
    for wrong, error in ((other, PackConflict), (nan, ModelError), (longer, PackConflict)):
        with pytest.raises(error):
            milvus.add([wrong])
    assert milvus.size == 1
    milvus.remove([row.reference])
    milvus.add([other])
    assert milvus.size == 1


def test_a_removal_that_did_nothing_is_noticed(open_index: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    milvus = open_index()
    milvus.add(make_rows(np.eye(4, dtype=np.float32), range(4), Metric.COSINE))
    monkeypatch.setattr(milvus._client, "delete", lambda *_, **__: None)
    with pytest.raises(IndexDisagrees, match="still finds"):
        milvus.remove([ReferenceId(f"{1:032x}")])


def test_an_index_that_does_not_answer() -> None:
    with pytest.raises(IndexUnreachable, match="Check that Milvus runs"):
        MilvusIndex(MilvusPlace("http://127.0.0.1:9"), timeout=1.0)


def test_an_index_that_is_slow_is_not_waited_for_without_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(IndexUnreachable, match="Check that Milvus runs"):
            MilvusIndex(MilvusPlace(f"http://127.0.0.1:{silent.getsockname()[1]}"), timeout=1.0)
        assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("milvus://node.example/faces", MilvusPlace("http://node.example:19530", "faces")),
        ("milvus+tls://a:b%40c@node.example:443", MilvusPlace("https://node.example:443", "semblance", "a:b@c")),
        ("milvus:///data/index.db", MilvusPlace("/data/index.db")),
    ],
)
def test_addresses(address: str, place: MilvusPlace) -> None:
    assert parse_place(address) == place
    assert "b@c" not in repr(place)


@pytest.mark.parametrize("address", ["http://x", "milvus://", "milvus:///x", "milvus://h:p/x", "milvus://h/a b", "x"])
def test_addresses_that_name_nothing(address: str) -> None:
    with pytest.raises(ConfigurationError, match="SEMBLANCE_INDEX"):
        parse_place(address)
