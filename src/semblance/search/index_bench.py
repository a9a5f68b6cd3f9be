"""How fast the embedded index searches, side by side with reading everything, on synthetic templates."""

import secrets
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from semblance.search.canonical import canonical_scores
from semblance.search.embedded import EmbeddedIndex
from semblance.search.index import IndexRow, Question
from semblance.search.synthetic import TemplateModel, make_mates, make_templates
from semblance.terms.authority import AuthorityCode
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId, make_id
from semblance.terms.record import UNRESTRICTED, RecordFacts, RecordKind, RecordState
from semblance.terms.samples import Metric, Template

_PACK: Final = PackDigest("0" * 64)
_BLOCK: Final = 50_000
_CANDIDATES: Final = 20
_KEPT: Final = 200
_CHECKED_AT_ONCE: Final = 100
_KINDS: Final = (RecordKind.RED, RecordKind.YELLOW, RecordKind.BLUE)

Timed = Callable[[], Any]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one way took, in milliseconds: the median, the fastest and the slowest."""

    name: str
    median: float
    fastest: float
    slowest: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class IndexBench:
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


def run_index_bench(
    model: TemplateModel, rows: int, *, searches: int, checks: int, batch: int, seed: int, on_progress: Progress
) -> IndexBench:
    """Return the figures of a gallery of so many synthetic subjects with a photo each.

    Templates lie in a file meanwhile, as a node's lie in its store, so that the index's memory is its own.
    """
    random = np.random.default_rng(seed)
    metric = Metric.COSINE if model.unit else Metric.EUCLIDEAN
    with _Gallery(model, metric, rows) as gallery:
        index = EmbeddedIndex(gallery.fetch, memory=0)
        before, taken = _read_memory(), 0.0
        for first in range(0, rows, _BLOCK):
            made = gallery.make(first, min(_BLOCK, rows - first), random)
            began = time.perf_counter()
            index.add(made)
            taken += time.perf_counter() - began
            on_progress("building", first + len(made), rows)
        del made
        row_bytes = (_read_memory() - before) / rows
        probes = gallery.make_probes(searches, random)
        timings = [*_time_searches(index, probes, on_progress), *_time_changes(index, gallery, random)]
        if batch:
            timings += _time_batch(index, gallery, batch, random, on_progress)
        equal = _count_equal(index, gallery, gallery.make_probes(checks, random), on_progress)
        timings += _time_numpy(gallery, probes[:5])
        return IndexBench(
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


class _Gallery:
    """Synthetic rows: their templates in a temporary file, found again by the number in their identifiers."""

    def __init__(self, model: TemplateModel, metric: Metric, rows: int) -> None:
        self._model, self._metric = model, metric
        self._file = Path(f"semblance-bench-{secrets.token_hex(8)}.npy")
        self.values = np.lib.format.open_memmap(self._file, mode="w+", dtype=np.float32, shape=(rows, model.dimension))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self.values
        self._file.unlink(missing_ok=True)

    def make(self, first: int, count: int, random: np.random.Generator) -> list[IndexRow]:
        values = make_templates(self._model, count, 1, random)
        self.values[first : first + count] = values
        return [self.make_row(first + place, row) for place, row in enumerate(values)]

    def make_row(self, number: int, values: NDArray[np.float32]) -> IndexRow:
        facts = RecordFacts(_KINDS[number % 3], AuthorityCode("FR"), RecordState.ACTIVE, _LAST, UNRESTRICTED)
        reference = ReferenceId(f"{secrets.token_hex(12)}{number:08x}")
        return IndexRow(reference, SubjectId(make_id()), number + 1, self.wrap(values), facts)

    def make_probes(self, count: int, random: np.random.Generator) -> list[Template]:
        """Return probes of which every other one has a mate in the gallery."""
        rows = self.values[random.integers(0, len(self.values), count)]
        mates, strangers = make_mates(self._model, rows, random), make_templates(self._model, count, 1, random)
        return [self.wrap((mates, strangers)[place % 2][place]) for place in range(count)]

    def wrap(self, values: NDArray[np.float32]) -> Template:
        return Template(_PACK, self._metric, self._model.dimension, values.astype("<f4").tobytes())

    def fetch(self, references: Sequence[ReferenceId]) -> list[bytes]:
        return [self.values[int(reference[-8:], 16)].astype("<f4").tobytes() for reference in references]

    def search_plainly(self, probes: NDArray[np.float32], *, third: bool) -> list[list[tuple[int, float]]]:
        """Return number and score of each probe's candidates by brute force; ``third``: of every third row alone.

        A float32 product over everything leaves far more rows than there are candidates, which are then scored.
        """
        numbers = np.empty((len(probes), 0), dtype=np.int64)
        values = np.empty((len(probes), 0), dtype=np.float32)
        for first in range(0, len(self.values), _BLOCK):
            rows = self.values[first : first + _BLOCK]
            products = probes @ rows.T
            if self._metric is Metric.EUCLIDEAN:
                products -= 0.5 * np.einsum("ij,ij->i", rows, rows)
            if third:
                products[:, (np.arange(first, first + len(rows)) % len(_KINDS)) != 0] = -np.inf
            best = np.argpartition(-products, min(_KEPT, len(rows)) - 1, axis=1)[:, :_KEPT]
            numbers = np.hstack([numbers, first + best])
            values = np.hstack([values, np.take_along_axis(products, best, axis=1)])
            best = np.argpartition(-values, min(_KEPT, values.shape[1]) - 1, axis=1)[:, :_KEPT]
            numbers, values = np.take_along_axis(numbers, best, axis=1), np.take_along_axis(values, best, axis=1)
        found = []
        for probe, mine in zip(probes, numbers, strict=True):
            scores = canonical_scores(probe[None], self.values[np.sort(mine)], self._metric)[0]
            order = np.lexsort((np.sort(mine), -scores))[:_CANDIDATES]
            found.append([(int(np.sort(mine)[at]), float(scores[at])) for at in order])
        return found


_LAST: Final = date(2100, 1, 1)


def _time_searches(index: EmbeddedIndex, probes: Sequence[Template], on_progress: Progress) -> Iterable[Timing]:
    ways: dict[str, Callable[[RecordFacts], bool]] = {
        "one search": allow_all,
        "one search, a third of the records open": allow_third,
    }
    for name, allowed in ways.items():
        taken = []
        for place, probe in enumerate(probes):
            on_progress(name, place + 1, len(probes))
            taken.append(_time(lambda one=probe, lets=allowed: index.search([Question(one, _CANDIDATES, lets)])))  # type: ignore[misc]
        yield _sum_up(name, taken)


def _time_changes(index: EmbeddedIndex, gallery: _Gallery, random: np.random.Generator) -> Iterable[Timing]:
    values = gallery.values[random.integers(0, len(gallery.values), 200)]
    rows = [gallery.make_row(place, row) for place, row in enumerate(values)]
    yield _sum_up("adding one template", [_time(lambda one=row: index.add([one])) for row in rows])  # type: ignore[misc]
    yield _sum_up("removing one", [_time(lambda one=row: index.remove([one.reference])) for row in rows])  # type: ignore[misc]


def _time_batch(
    index: EmbeddedIndex, gallery: _Gallery, count: int, random: np.random.Generator, on_progress: Progress
) -> Iterable[Timing]:
    probes = gallery.make_probes(count, random)
    on_progress("one batch", 0, 1)
    name = f"{count} searches in one batch"
    batch = _time(lambda: index.search([Question(one, _CANDIDATES, allow_all) for one in probes]))
    on_progress("bare product", 0, 1)
    right = np.stack([np.frombuffer(one.values, dtype="<f4") for one in probes]).T.astype(np.float32)
    rows = gallery.values[: min(len(gallery.values), 4 * _BLOCK)].copy()
    bare = statistics.median(_time(lambda: rows @ right) for _ in range(3)) * len(gallery.values) / len(rows)
    yield Timing(name, batch, batch, batch, f"{batch / bare:.2f} times the bare product")
    yield Timing("the bare matrix product of that shape", bare, bare, bare, f"of {len(rows)} rows, scaled")


def _time_numpy(gallery: _Gallery, probes: Sequence[Template]) -> Iterable[Timing]:
    """Time what brute force costs without any care: one product and one selection, in memory."""
    rows = gallery.values[: min(len(gallery.values), 20 * _BLOCK)].copy()
    scale, taken = len(gallery.values) / len(rows), []
    for probe in probes:
        values = np.frombuffer(probe.values, dtype="<f4").astype(np.float32)
        taken.append(_time(lambda one=values: np.argpartition(-(rows @ one), _CANDIDATES)[:_CANDIDATES]) * scale)  # type: ignore[misc]
    yield _sum_up("NumPy float32, product and selection", taken, note=f"of {len(rows)} rows, scaled")


def _count_equal(index: EmbeddedIndex, gallery: _Gallery, probes: Sequence[Template], on_progress: Progress) -> int:
    """Return in how many searches candidates, order and scores are brute force's; every other one has a filter."""
    equal = 0
    for turn, first in enumerate(range(0, len(probes), _CHECKED_AT_ONCE)):
        on_progress("checking against brute force", first, len(probes))
        part, third = probes[first : first + _CHECKED_AT_ONCE], bool(turn % 2)
        values = np.stack([np.frombuffer(one.values, dtype="<f4") for one in part]).astype(np.float32)
        for probe, wanted in zip(part, gallery.search_plainly(values, third=third), strict=True):
            (found,) = index.search([Question(probe, _CANDIDATES, allow_third if third else allow_all)])
            equal += [(one.sequence - 1, one.score) for one in found.scored] == wanted
    return equal


def allow_all(_facts: RecordFacts) -> bool:
    """Let every record be a candidate."""
    return True


def allow_third(facts: RecordFacts) -> bool:
    """Let a third of the records be candidates."""
    return facts.kind is _KINDS[0]


def _measure_bandwidth() -> float:
    """Return bytes a second that two threads read of memory that no cache holds."""
    block = np.ones(64_000_000, dtype=np.int64)
    with ThreadPoolExecutor(2) as pool:
        halves = (block[: len(block) // 2], block[len(block) // 2 :])
        taken = min(_time(lambda: list(pool.map(np.sum, halves))) for _ in range(5))
    return block.nbytes / (taken / 1000)


def _read_memory() -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def _time(act: Timed) -> float:
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def _sum_up(name: str, taken: Sequence[float], *, note: str = "") -> Timing:
    return Timing(name, statistics.median(taken), min(taken), max(taken), note)
