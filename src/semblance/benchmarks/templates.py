"""Measures how fast this machine makes templates: side by side, each way in a process of its own."""

import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Literal

from semblance.benchmarks.timing import Progress
from semblance.errors import IntakeError
from semblance.exchange.evaluation_set import MANIFEST_NAME, read_evaluation_set
from semblance.exchange.strewn import Strewn
from semblance.faces.encoding.dlib_resnet import EncoderComparison, compare_with_dlib
from semblance.faces.extraction import STAGES, PackExtractor, time_stages
from semblance.faces.extractor import Extractor
from semblance.faces.packs.files import require_file
from semblance.faces.packs.manifest import find_pack
from semblance.faces.packs.opening import derive_file, open_pack
from semblance.faces.runtime import open_session
from semblance.faces.sandbox.photos import decode_safely

_ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".jp2", ".heic", ".avif"})
_STAGE_PHOTOS: Final = 100


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to make templates.

    ``open`` must be picklable: it is called in the process that is measured. ``pool``: how that way uses several cores
    best; a way that cannot share its models between threads needs processes.
    """

    name: str
    open: Callable[[], Extractor]
    pool: Literal["threads", "processes"]


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One contender's figures.

    ``rates``: photos a second, file to template, one a round. ``peak_bytes``: resident memory at its highest, summed
    over the contender's processes. ``stages``: mean milliseconds a photo on one thread, empty where not known.
    """

    name: str
    photos: int
    templates: int
    rates: tuple[float, ...]
    peak_bytes: int
    start_seconds: float
    stages: tuple[tuple[str, float], ...]

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def list_photos(folder: Path) -> tuple[Path, ...]:
    """Return the photos to measure with: the references of an evaluation set, else all photos below the folder."""
    if folder.is_file():
        return (folder,)
    if (folder / MANIFEST_NAME).is_file():
        return tuple(folder / photo.path for photo in read_evaluation_set(folder).references)
    strewn = Strewn()
    found = (path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file())
    return tuple(sorted(path for path in found if not strewn.passes(path.relative_to(folder).as_posix())))


def check_encoder(models: Path, photos: Sequence[Path], *, limit: int) -> EncoderComparison | None:
    """Hold the pack `embedded`'s rebuilt encoder against dlib's own on the chips of real photos.

    None where not one of the photos shows a face.
    """
    pack = find_pack("embedded", models)
    extractor = open_pack(pack, models=models)
    chips = []
    for path in photos[:limit]:
        try:
            photo = decode_safely(path.read_bytes(), name=path.name)
        except IntakeError:
            continue
        found = extractor.find(photo)
        if found:
            chips.append(extractor.aligner.align(photo.pixels, found[0]))
    if not chips:
        return None
    weights = require_file(pack, pack.encoder.files[0], models)
    return compare_with_dlib(weights, open_session(derive_file(weights, pack.encoder.recipe, models)), chips)


def run_benchmark(
    contenders: Sequence[Contender],
    photos: Sequence[Path],
    *,
    rounds: int = 3,
    workers: int | None = None,
    on_progress: Progress,
) -> tuple[BenchmarkResult, ...]:
    """Measure every contender on the same photos, round by round in turn, so that a drifting machine hits all alike.

    Each is started and warmed up before the first round, and lives in a process of its own, so that its memory is its
    own.
    """
    cores = workers or os.cpu_count() or 1
    with _start_all(contenders, photos, cores) as running:
        rates: list[list[float]] = [[] for _ in contenders]
        for number in range(rounds):
            for place, (contender, pipe) in enumerate(zip(contenders, running, strict=True)):
                on_progress(contender.name, number + 1, rounds)
                pipe.send("round")
                rates[place].append(len(photos) / _receive(pipe))
        results = []
        for contender, pipe, measured in zip(contenders, running, rates, strict=True):
            pipe.send("report")
            start, templates, peak, stages = pipe.recv()
            results.append(
                BenchmarkResult(contender.name, len(photos), templates, tuple(measured), peak, start, tuple(stages))
            )
        return tuple(results)


@contextmanager
def _start_all(contenders: Sequence[Contender], photos: Sequence[Path], workers: int) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    processes, pipes = [], []
    try:
        for contender in contenders:
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve_rounds, args=(theirs, contender, tuple(photos), workers))
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
            _receive(ours)
        yield pipes
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(timeout=10)
            if process.is_alive():
                process.terminate()


def _receive(pipe: Connection) -> float:
    answer = pipe.recv()
    if isinstance(answer, Exception):
        raise answer
    return float(answer)


def _serve_rounds(pipe: Connection, contender: Contender, photos: tuple[Path, ...], workers: int) -> None:
    """Answer "round" with seconds and "report" with the rest, until the other side closes."""
    started = time.perf_counter()
    try:
        pool = _open_pool(contender, workers)
        templates = sum(pool.map(_extract, photos[: 2 * workers]))
    except Exception as error:  # noqa: BLE001 - whatever it is, the measuring process must hear of it
        pipe.send(error)
        return
    start = time.perf_counter() - started
    pipe.send(start)
    with pool:
        while True:
            try:
                asked = pipe.recv()
            except EOFError:
                return
            if asked == "round":
                began = time.perf_counter()
                templates = sum(pool.map(_extract, photos, chunksize=4))
                pipe.send(time.perf_counter() - began)
                continue
            peak = _peak_bytes(pool)
            pipe.send((start, templates, peak, _measure_stages(photos)))


_extractor: Extractor | None = None


def _open_pool(contender: Contender, workers: int) -> Executor:
    if contender.pool == "threads":
        _load(contender.open)
        return ThreadPoolExecutor(workers)
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_load, initargs=(contender.open,))


def _load(opening: Callable[[], Extractor]) -> None:
    global _extractor
    _extractor = opening()


def _extract(path: Path) -> int:
    assert _extractor is not None
    try:
        extraction = _extractor.extract(path.read_bytes(), name=path.name, choose="largest")
    except IntakeError:
        return 0
    return int(extraction.template is not None)


def _measure_stages(photos: Sequence[Path]) -> list[tuple[str, float]]:
    if not isinstance(_extractor, PackExtractor):
        return []
    totals = dict.fromkeys(STAGES, 0.0)
    sample = photos[:_STAGE_PHOTOS]
    measured = 0
    for path in sample:
        try:
            spent = time_stages(_extractor, path.read_bytes(), name=path.name)
        except IntakeError:
            continue
        measured += 1
        for stage, seconds in spent.items():
            totals[stage] += seconds
    return [(stage, 1000 * seconds / measured) for stage, seconds in totals.items()] if measured else []


def _peak_bytes(pool: Executor) -> int:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if isinstance(pool, ProcessPoolExecutor):
        # Every worker answers for itself; asked more often than there are workers, each is reached.
        own += sum(dict(pool.map(_own_peak, range(64))).values())
    return own * 1024


def _own_peak(_turn: int) -> tuple[int, int]:
    time.sleep(0.01)
    return os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
