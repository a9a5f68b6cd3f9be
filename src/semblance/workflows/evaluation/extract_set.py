"""Extract every photo of an evaluation set once per pack and rung, on all cores, with what earlier runs kept."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

import semblance.faces
from semblance import __version__
from semblance.errors import DecoderFailed, IntakeError
from semblance.exchange.evaluation_set import EvaluationSet, Role, SetPhoto
from semblance.exchange.template_cache import CacheKey, KeptExtraction, TemplateCache
from semblance.faces.degrade import Rung, apply_rung
from semblance.faces.extractor import Extractor
from semblance.faces.photo import Photo
from semblance.faces.sandbox.photos import decode_safely
from semblance.terms.ids import Sha256, digest_bytes
from semblance.terms.samples import Extraction

NO_FACE: Final = "no face was found"

Progress = Callable[[int, int], None]
"""Told how many photos are done, of how many."""


@dataclass(frozen=True, slots=True)
class PhotoExtractions:
    """What all packs made of one photo.

    ``sha256`` is None where the file could not be read. ``clean``: one entry a pack. ``degraded``: by rung name, one
    entry a pack.
    """

    sha256: Sha256 | None
    clean: tuple[KeptExtraction, ...]
    degraded: Mapping[str, tuple[KeptExtraction, ...]]


@dataclass(frozen=True, slots=True)
class ExtractionPlan:
    """What is to be extracted, and how; ``rungs`` apply to probes only."""

    photos: EvaluationSet
    extractors: Sequence[Extractor]
    rungs: Sequence[Rung]
    seed: int
    cache: TemplateCache | None


def extract_set(
    plan: ExtractionPlan, *, workers: int | None = None, on_progress: Progress | None = None
) -> tuple[tuple[PhotoExtractions, ...], tuple[PhotoExtractions, ...]]:
    """Return what was made of the references and of the probes, in the set's order.

    ``workers``: photos worked on at once, None for one a core. Photos that fail are entries with their reason. An
    interruption loses no more than the photos in hand where there is a cache.
    """
    work = [(Role.REFERENCE, photo) for photo in plan.photos.references]
    work += [(Role.PROBE, photo) for photo in plan.photos.probes]
    made: list[PhotoExtractions | None] = [None] * len(work)
    with ThreadPoolExecutor(workers or count_cores(), thread_name_prefix="extract") as pool:
        places = {
            pool.submit(_extract_one, plan, photo, plan.rungs if role is Role.PROBE else ()): place
            for place, (role, photo) in enumerate(work)
        }
        try:
            for done, future in enumerate(as_completed(places), start=1):
                made[places[future]] = future.result()
                if on_progress:
                    on_progress(done, len(work))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    whole = [extraction for extraction in made if extraction is not None]
    return tuple(whole[: len(plan.photos.references)]), tuple(whole[len(plan.photos.references) :])


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def digest_program() -> str:
    """Return a digest of the version and of the code that decodes, degrades, assesses and encodes.

    Kept extractions of another program are not taken for this one's.
    """
    digest = hashlib.sha256(__version__.encode())
    folder = Path(next(iter(semblance.faces.__path__)))
    for file in sorted(folder.rglob("*.py")):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _extract_one(plan: ExtractionPlan, photo: SetPhoto, rungs: Sequence[Rung]) -> PhotoExtractions:
    try:
        data = plan.photos.load(photo)
    except IntakeError as error:
        failed = (_fail(str(error)),) * len(plan.extractors)
        return PhotoExtractions(None, failed, {rung.name: failed for rung in rungs})
    digest = digest_bytes(data)
    clean = tuple(_extract_clean(plan, extractor, photo.path, digest, data) for extractor in plan.extractors)
    return PhotoExtractions(digest, clean, _extract_degraded(plan, photo.path, digest, data, clean, rungs))


def _extract_clean(
    plan: ExtractionPlan, extractor: Extractor, name: str, digest: Sha256, data: bytes
) -> KeptExtraction:
    key = CacheKey(digest, extractor.digest, f"program={digest_program()} as it is")
    return _recall(plan, key, lambda: _summarise(extractor.extract(data, name=name, choose="largest")))


def _extract_degraded(
    plan: ExtractionPlan, name: str, digest: Sha256, data: bytes, clean: Sequence[KeptExtraction], rungs: Sequence[Rung]
) -> dict[str, tuple[KeptExtraction, ...]]:
    """Extract the same degraded pixels with every pack.

    The distance between the eyes is that of the first pack that found a face; a photo in which none did cannot be
    degraded and fails on every rung.
    """
    distances = [extraction.inter_eye_distance for extraction in clean if extraction.inter_eye_distance]
    if not distances:
        reason = clean[0].failure or NO_FACE if clean else NO_FACE
        return {rung.name: (_fail(reason),) * len(plan.extractors) for rung in rungs}
    eyes = distances[0]
    worse = _Degraded(data, name, eyes, plan.seed)
    made = {}
    for rung in rungs:
        variant = f"program={digest_program()} rung={rung!r} seed={plan.seed} eyes={eyes!r}"
        made[rung.name] = tuple(
            _recall(plan, CacheKey(digest, extractor.digest, variant), partial(worse.extract, extractor, rung))
            for extractor in plan.extractors
        )
    return made


class _Degraded:
    """One photo on one rung after the other: decoded once, and degraded once for all packs, only where needed."""

    def __init__(self, data: bytes, name: str, eyes: float, seed: int) -> None:
        self._data, self._name, self._eyes, self._seed = data, name, eyes, seed
        self._photo: Photo | None = None
        self._now: tuple[Rung, Photo] | None = None

    def extract(self, extractor: Extractor, rung: Rung) -> KeptExtraction:
        if self._photo is None:
            self._photo = decode_safely(self._data, name=self._name)
        if self._now is None or self._now[0] != rung:
            self._now = (rung, apply_rung(self._photo, rung, inter_eye_distance=self._eyes, seed=self._seed))
        return _summarise(extractor.extract_photo(self._now[1], choose="largest"))


def _recall(plan: ExtractionPlan, key: CacheKey, make: Callable[[], KeptExtraction]) -> KeptExtraction:
    if plan.cache is not None:
        kept = plan.cache.find(key)
        if kept is not None:
            return kept
    try:
        made = make()
    except DecoderFailed as error:
        # the machine may have been at fault; the next run tries again
        return _fail(str(error))
    except IntakeError as error:
        made = _fail(str(error))
    if plan.cache is not None:
        plan.cache.keep(key, made)
    return made


def _fail(reason: str) -> KeptExtraction:
    return KeptExtraction(None, reason, 0, None, None)


def _summarise(extraction: Extraction) -> KeptExtraction:
    if not extraction.faces:
        return _fail(NO_FACE)
    face = extraction.faces[extraction.chosen or 0]
    return KeptExtraction(
        extraction.template,
        None if extraction.template is not None else "no template could be made of the face",
        len(extraction.faces),
        face.landmarks.inter_eye_distance,
        {score.measure.value: score.scalar for score in face.quality},
    )
