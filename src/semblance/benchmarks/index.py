"""How fast the embedded index searches, side by side with reading everything, on synthetic templates."""

import statistics
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final

import numpy as np

from semblance.benchmarks.compare_rivals import Rival, time_rival
from semblance.benchmarks.gallery import BLOCK, CANDIDATES, SyntheticGallery, allow_all, allow_third
from semblance.benchmarks.synthetic import TemplateModel
from semblance.benchmarks.timing import Progress, Timing, read_memory, sum_up, time_act
from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.index import Question
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template

_CHECKED_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class IndexBenchmark:
    """What was measured with ``rows`` templates of ``dimension`` numbers.

    ``row_bytes``: of the process's own memory, a row, of which float32 templates alone would need ``4 * dimension``.
    ``read_bytes``: what a search reads of the coarse plane; ``bandwidth``: bytes a second that this machine reads with
    all its cores. ``equal``: in how many of ``checked`` searches candidates and order were those of brute force.
    """

    rows: int
    dimension: int
    build_seconds: float
    row_bytes: float
    read_bytes: int
    bandwidth: float
    checked: int
    equal: int
    timings: tuple[Timing, ...]


def run_index_benchmark(
    model: TemplateModel,
    rows: int,
    *,
    photos: int = 1,
    searches: int,
    checks: int,
    batch: int,
    seed: int,
    sizes: Collection[int] = (),
    rivals: Sequence[Rival] = (),
    on_progress: Progress,
) -> IndexBenchmark:
    """Measure an index of ``rows`` synthetic templates, ``photos`` of each subject.

    A search is also timed when the gallery has grown to each of ``sizes``, and by turns with each of ``rivals``.
    Templates lie in a file meanwhile, as a node's lie in its store, so that the index's memory is its own.
    """
    random = np.random.default_rng(seed)
    metric = Metric.COSINE if model.unit else Metric.EUCLIDEAN
    timings: list[Timing] = []
    with SyntheticGallery(model, metric, rows, photos) as gallery:
        index = EmbeddedIndex(gallery.fetch, memory=0)
        before, taken, first = read_memory(), 0.0, 0
        while first < rows:
            made = gallery.make(first, min(BLOCK, rows - first), random)
            taken += time_act(index.add, made) / 1000
            first += len(made)
            on_progress("building", first, rows)
            del made
            if any(first - BLOCK < size <= first < rows for size in sizes):
                grown = gallery.make_probes(searches, random, among=first)
                timings.append(_time_searches(index, grown, f"one search of {first}", allow_all, on_progress))
        row_bytes = (read_memory() - before) / rows
        probes = gallery.make_probes(searches, random)
        timings.append(_time_searches(index, probes, "one search", allow_all, on_progress))
        third = "one search, a third of the records open"
        timings.append(_time_searches(index, probes, third, allow_third, on_progress))
        timings += _time_together(index, probes)
        timings += _time_changes(index, gallery, random)
        if batch:
            timings += _time_batch(index, gallery, batch, random, on_progress)
        equal = _count_equal(index, gallery, gallery.make_probes(checks, random), on_progress)
        timings += _time_numpy(gallery, probes[:5])
        for rival in rivals:
            timings += time_rival(rival, index, gallery, gallery.make_probes(searches, random), on_progress)
        return IndexBenchmark(
            rows=rows,
            dimension=model.dimension,
            build_seconds=taken,
            row_bytes=row_bytes,
            read_bytes=index.bytes_read,
            bandwidth=_measure_bandwidth(),
            checked=checks,
            equal=equal,
            timings=tuple(timings),
        )


def _time_searches(
    index: EmbeddedIndex,
    probes: Sequence[Template],
    name: str,
    allowed: Callable[[RecordFacts], bool],
    on_progress: Progress,
) -> Timing:
    taken = []
    for place, probe in enumerate(probes):
        on_progress(name, place + 1, len(probes))
        taken.append(time_act(index.search, [Question(probe, CANDIDATES, allowed)]))
    return sum_up(name, taken)


def _time_together(index: EmbeddedIndex, probes: Sequence[Template]) -> Iterable[Timing]:
    """Time searches that share a pass, each."""
    for count in (4, 16):
        taken = []
        for first in range(0, len(probes) - count + 1, count):
            asked = [Question(probe, CANDIDATES, allow_all) for probe in probes[first : first + count]]
            taken.append(time_act(index.search, asked) / count)
        if taken:
            yield sum_up(f"a search that shares its pass with {count - 1} others", taken)


def _time_changes(index: EmbeddedIndex, gallery: SyntheticGallery, random: np.random.Generator) -> Iterable[Timing]:
    """Time changes one by one, and overwriting while a thread searches without a pause."""
    values = gallery.values[random.integers(0, len(gallery.values), 200)]
    rows = [gallery.make_row(place, row) for place, row in enumerate(values)]
    yield sum_up("adding one template", [time_act(index.add, [row]) for row in rows])
    some, others = rows[:50], rows[50:]
    stop = Event()

    def search() -> None:
        asked = [Question(some[0].template, CANDIDATES, allow_all)]
        while not stop.is_set():
            index.search(asked)

    thread = Thread(target=search)
    thread.start()
    try:
        # as many milliseconds apart as lets each meet another moment of a search
        taken = [time_act(index.overwrite, [row.reference]) for row in some if not stop.wait(0.017)]
    finally:
        stop.set()
        thread.join()
    yield sum_up("overwriting one while searches run", taken)
    yield sum_up("removing one", [time_act(index.remove, [row.reference]) for row in others])
    index.remove([row.reference for row in some])


def _time_batch(
    index: EmbeddedIndex, gallery: SyntheticGallery, count: int, random: np.random.Generator, on_progress: Progress
) -> Iterable[Timing]:
    probes = gallery.make_probes(count, random)
    on_progress("one batch", 0, 1)
    name = f"{count} searches in one batch"
    batch = time_act(lambda: index.search([Question(probe, CANDIDATES, allow_all) for probe in probes]))
    on_progress("bare product", 0, 1)
    right = np.stack([np.frombuffer(probe.values, dtype="<f4") for probe in probes]).T.astype(np.float32)
    rows = gallery.values[: min(len(gallery.values), 4 * BLOCK)].copy()
    bare = statistics.median(time_act(lambda: rows @ right) for _ in range(3)) * len(gallery.values) / len(rows)
    yield Timing(name, batch, batch, batch, f"{batch / bare:.2f} times the bare product")
    yield Timing("the bare matrix product of that shape", bare, bare, bare, f"of {len(rows)} rows, scaled")


def _time_numpy(gallery: SyntheticGallery, probes: Sequence[Template]) -> Iterable[Timing]:
    """Time what brute force costs without any care: one product and one selection, in memory."""
    rows = gallery.values[: min(len(gallery.values), 20 * BLOCK)].copy()
    scale, taken = len(gallery.values) / len(rows), []
    for probe in probes:
        values = np.frombuffer(probe.values, dtype="<f4").astype(np.float32)
        taken.append(time_act(lambda values=values: np.argpartition(-(rows @ values), CANDIDATES)[:CANDIDATES]) * scale)
    yield sum_up("NumPy float32, product and selection", taken, note=f"of {len(rows)} rows, scaled")


def _count_equal(
    index: EmbeddedIndex, gallery: SyntheticGallery, probes: Sequence[Template], on_progress: Progress
) -> int:
    """Return in how many searches candidates, order and scores are brute force's; every other one has a filter."""
    equal = 0
    for turn, first in enumerate(range(0, len(probes), _CHECKED_AT_ONCE)):
        on_progress("checking against brute force", first, len(probes))
        part, third = probes[first : first + _CHECKED_AT_ONCE], bool(turn % 2)
        values = np.stack([np.frombuffer(probe.values, dtype="<f4") for probe in part]).astype(np.float32)
        for probe, wanted in zip(part, gallery.search_plainly(values, third=third), strict=True):
            (found,) = index.search([Question(probe, CANDIDATES, allow_third if third else allow_all)])
            equal += [(candidate.sequence - 1, candidate.score) for candidate in found.scored] == wanted
    return equal


def _measure_bandwidth() -> float:
    """Return bytes a second that two threads read of memory that no cache holds."""
    block = np.ones(64_000_000, dtype=np.int64)
    with ThreadPoolExecutor(2) as pool:
        halves = (block[: len(block) // 2], block[len(block) // 2 :])
        taken = min(time_act(lambda: list(pool.map(np.sum, halves))) for _ in range(5))
    return block.nbytes / (taken / 1000)
