"""Other ways to search the same templates: everything in FAISS, in float32 and in 16 bits, and an approximate graph."""

import os
import time
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.benchmarks.gallery import BLOCK, CANDIDATES, SyntheticGallery, allow_all
from semblance.benchmarks.timing import Progress, Timing, read_memory, sum_up, time_act
from semblance.errors import DependencyMissing
from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.index import Question
from semblance.terms.samples import Metric, Template

_RECALL: Final = 0.99
_CONNECTIVITY: Final = 16
_EXPANSION_ADD: Final = 128
_CHANGES: Final = 20


class Rival(StrEnum):
    """What the embedded index is measured beside."""

    FAISS_32 = "faiss-fp32"
    FAISS_16 = "faiss-fp16"
    HNSW = "hnsw"


def time_rival(
    rival: Rival, index: EmbeddedIndex, gallery: SyntheticGallery, probes: Sequence[Template], on_progress: Progress
) -> Iterable[Timing]:
    """Give what searches by turns take, each way on both cores; raises DependencyMissing."""
    if rival is Rival.HNSW:
        return _time_graph(index, gallery, probes, on_progress)
    return _time_flat(rival, index, gallery, probes, on_progress)


def _time_flat(
    rival: Rival, index: EmbeddedIndex, gallery: SyntheticGallery, probes: Sequence[Template], on_progress: Progress
) -> Iterable[Timing]:
    try:
        import faiss
    except ImportError as error:
        raise DependencyMissing(
            "operator.benchmarks.no-faiss", "The comparison needs FAISS: pip install 'semblance-faces[bench]'."
        ) from error
    faiss.omp_set_num_threads(len(os.sched_getaffinity(0)))
    dimension = gallery.values.shape[1]
    kind = faiss.METRIC_INNER_PRODUCT if gallery.metric is Metric.COSINE else faiss.METRIC_L2
    before = read_memory()
    rows: Any = (
        faiss.IndexFlat(dimension, kind)
        if rival is Rival.FAISS_32
        else faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, kind)
    )
    if rival is Rival.FAISS_16:
        rows.train(gallery.values[:1000].copy())
    for first in range(0, len(gallery.values), BLOCK):
        rows.add(gallery.values[first : first + BLOCK].copy())
        on_progress(f"filling {rival}", first, len(gallery.values))
    memory = (read_memory() - before) / len(gallery.values)
    theirs, mine = _take_turns(index, probes, lambda values: rows.search(values[None], CANDIDATES), on_progress, rival)
    yield _tell(f"{rival}, every row", theirs, mine, f"{memory:.0f} bytes a row")
    yield sum_up(f"one search, by turns with {rival}", mine)


def _time_graph(
    index: EmbeddedIndex, gallery: SyntheticGallery, probes: Sequence[Template], on_progress: Progress
) -> Iterable[Timing]:
    try:
        from usearch.index import Index
    except ImportError as error:
        raise DependencyMissing(
            "operator.benchmarks.no-usearch", "The comparison needs USearch: pip install 'semblance-faces[bench]'."
        ) from error
    rows, dimension = gallery.values.shape
    before, began = read_memory(), time.perf_counter()
    graph: Any = Index(
        ndim=dimension,
        metric="ip" if gallery.metric is Metric.COSINE else "l2sq",
        dtype="f32",
        connectivity=_CONNECTIVITY,
        expansion_add=_EXPANSION_ADD,
    )
    for first in range(0, rows, BLOCK):
        part = gallery.values[first : first + BLOCK].copy()
        graph.add(np.arange(first, first + len(part)), part)
        on_progress("building the graph", first, rows)
    built, memory = time.perf_counter() - began, (read_memory() - before) / rows
    truth = [
        {gallery.find_subject(candidate.sequence - 1) for candidate in index.search([_ask(probe)])[0].scored}
        for probe in probes
    ]
    wanted = CANDIDATES * gallery.photos
    graph.expansion_search, recall = 64, 0.0
    while True:
        found = [
            [gallery.find_subject(int(key)) for key in graph.search(_read(probe), wanted).keys] for probe in probes
        ]
        best = [set(list(dict.fromkeys(some))[:CANDIDATES]) for some in found]
        recall = sum(len(near & other) for near, other in zip(best, truth, strict=True)) / sum(map(len, truth))
        if recall >= _RECALL or graph.expansion_search >= 8192:
            break
        graph.expansion_search = graph.expansion_search * 5 // 4
    theirs, mine = _take_turns(index, probes, lambda values: graph.search(values, wanted), on_progress, Rival.HNSW)
    note = f"recall {recall:.3f} of {CANDIDATES} at expansion {graph.expansion_search}; {memory:.0f} bytes a row"
    yield _tell("HNSW (USearch), approximate", theirs, mine, note)
    yield sum_up("one search, by turns with HNSW", mine)
    yield Timing("building the graph", 1000 * built, 1000 * built, 1000 * built, f"of {rows} rows")
    yield from _time_graph_changes(graph, gallery)


def _time_graph_changes(graph: Any, gallery: SyntheticGallery) -> Iterable[Timing]:
    rows = len(gallery.values)
    random = np.random.default_rng(rows)
    fresh = [gallery.values[at] + np.float32(1e-3) for at in random.integers(0, rows, _CHANGES)]
    added, removed = [], []
    found: list[bool] = []
    gone: list[bool] = []

    def finds(key: int, values: NDArray[np.float32]) -> bool:
        return key in set(map(int, graph.search(values, CANDIDATES).keys))

    def add(key: int, values: NDArray[np.float32]) -> None:
        graph.add(key, values)
        found.append(finds(key, values))

    def remove(key: int, values: NDArray[np.float32]) -> None:
        graph.remove(key)
        gone.append(not finds(key, values))

    for key, values in enumerate(fresh, start=rows):
        added.append(time_act(add, key, values))
        removed.append(time_act(remove, key, values))
    lost, left = found.count(False), gone.count(False)
    yield sum_up("HNSW, until an added template is found", added, note=f"{lost} of {_CHANGES} not found")
    yield sum_up(
        "HNSW, until a removed one is found no more",
        removed,
        note=f"{left} of {_CHANGES} found still; its numbers stay in memory",
    )


def _take_turns(
    index: EmbeddedIndex, probes: Sequence[Template], search: Any, on_progress: Progress, rival: Rival
) -> tuple[list[float], list[float]]:
    theirs, mine = [], []
    for place, probe in enumerate(probes):
        on_progress(f"by turns with {rival}", place, len(probes))
        values = _read(probe)
        theirs.append(time_act(search, values))
        mine.append(time_act(index.search, [_ask(probe)]))
    return theirs, mine


def _tell(name: str, theirs: Sequence[float], mine: Sequence[float], note: str) -> Timing:
    told = sum_up(name, theirs)
    ratio = told.median / sum_up("", mine).median
    return Timing(name, told.median, told.fastest, told.slowest, f"{ratio:.2f} times one search; {note}")


def _ask(probe: Template) -> Question:
    return Question(probe, CANDIDATES, allow_all)


def _read(probe: Template) -> NDArray[np.float32]:
    return np.frombuffer(probe.values, dtype="<f4").astype(np.float32)
