"""How well faces are followed through videos made of photos, and what the fused probe of a track is worth."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.benchmarks.timing import Progress
from semblance.errors import IntakeError, TrackUnsuitable
from semblance.evaluation.identification import NonMatedSource, count_allowed, find_misses, find_threshold
from semblance.evaluation.intervals import Rate, draw_weights, measure_rate, percentile_band
from semblance.evaluation.outcomes import SearchOutcomes, tabulate_searches
from semblance.exchange.evaluation_set import EvaluationSet, read_evaluation_set
from semblance.faces.extraction import PackExtractor
from semblance.faces.extractor import measure_overlap
from semblance.faces.sandbox.photos import decode_safely
from semblance.faces.staging import Actor, Level, Presence, StagedFrame, stage_video
from semblance.faces.tracking.fusing import choose_good_frames, fuse_frames
from semblance.faces.tracking.tracker import FaceTracker, follow_faces
from semblance.search.templates import score_matrix
from semblance.terms.frames import FrameName
from semblance.terms.samples import Template
from semblance.terms.tracks import Sighting, Track

FPIR: Final = 0.05
_TOGETHER: Final = 4
_SINGLES: Final = 5
_SAME_FACE: Final = 0.3


@dataclass(frozen=True, slots=True)
class FollowingResult:
    """What was measured at one level.

    ``purity``: sightings that are of the person whom most of their track's are of. ``fragments``: tracks a person, of
    those who were seen. ``false``: sightings of nobody. ``single`` and ``fused``: FNIR at an FPIR of 5 % of random
    single frames and of fused probes, each at a threshold of its own. ``ratio``: fused over single, with the 95 %
    interval of a bootstrap over people, thresholds as they are; None where no single frame missed.
    """

    level: Level
    people: int
    sightings: int
    purity: float
    fragments: float
    false: int
    unseen: int
    single: Rate
    fused: Rate
    ratio: tuple[float, float, float] | None


@dataclass(slots=True)
class _Probes:
    subjects: list[str]
    templates: list[Template | None]


def measure_following(
    extractor: PackExtractor,
    folders: Sequence[Path],
    levels: Sequence[Level],
    *,
    people: int,
    seconds: float,
    seed: int,
    on_progress: Progress,
) -> Iterator[FollowingResult]:
    """Film people of evaluation sets, four at a time, follow them, and search the sets' references for each.

    Whoever has a reference and another photo, a probe, may be filmed; the probe is. Raises what reading a set raises.
    """
    sets = [read_evaluation_set(folder) for folder in folders]
    subjects, references = _enrol(extractor, sets, on_progress)
    actors = _cast(extractor, sets, set(subjects), people, seed)
    for level in levels:
        singles, fused = _Probes([], []), _Probes([], [])
        tally, tracks_of = Counter[str](), Counter[str]()
        for first in range(0, len(actors), _TOGETHER):
            on_progress(f"{level}, following", first, len(actors))
            cast = actors[first : first + _TOGETHER]
            frames = list(stage_video(cast, level, seconds=seconds, seed=seed + first))
            tracks = follow_faces(frames, FaceTracker(extractor))
            longest = _judge(tracks, {frame.name: frame.present for frame in frames}, tally, tracks_of)
            random = np.random.default_rng([seed, first])
            for actor in cast:
                _search_with(longest.get(actor.person), frames, extractor, random, actor.person, singles, fused)
        seen = [tracks_of[actor.person] for actor in actors if tracks_of[actor.person]]
        missed = [_find_misses(probes, subjects, references) for probes in (singles, fused)]
        single, whole = (measure_rate(int(each.sum()), len(each)) for each in missed)
        yield FollowingResult(
            level=level,
            people=len(actors),
            sightings=tally["all"],
            purity=tally["pure"] / max(1, tally["all"]),
            fragments=sum(seen) / max(1, len(seen)),
            false=tally["false"],
            unseen=len(actors) - len(seen),
            single=single,
            fused=whole,
            ratio=_compare(singles.subjects, fused.subjects, *missed, seed=seed),
        )


def _enrol(
    extractor: PackExtractor, sets: Sequence[EvaluationSet], on_progress: Progress
) -> tuple[list[str], list[Template]]:
    subjects, templates = [], []
    rows = [(found, photo) for found in sets for photo in found.references]
    for place, (found, photo) in enumerate(rows):
        on_progress("references", place, len(rows))
        try:
            extraction = extractor.extract(found.load(photo), name=photo.path, choose="largest")
        except IntakeError:
            continue
        if extraction.template is not None:
            subjects.append(f"{found.folder.name}/{photo.subject}")
            templates.append(extraction.template)
    return subjects, templates


def _cast(
    extractor: PackExtractor, sets: Sequence[EvaluationSet], enrolled: set[str], people: int, seed: int
) -> list[Actor]:
    """Return so many people, a probe of each, in an order that mixes the sets."""
    rows = {
        f"{found.folder.name}/{photo.subject}": (found, photo) for found in sets for photo in reversed(found.probes)
    }
    names = sorted(rows.keys() & enrolled)
    actors: list[Actor] = []
    for place in np.random.default_rng(seed).permutation(len(names)):
        if len(actors) == people:
            break
        found, photo = rows[names[place]]
        decoded = decode_safely(found.load(photo), name=photo.path)
        faces = extractor.find(decoded)
        if faces:
            actors.append(Actor(names[place], decoded, faces[0].box))
    return actors


def _judge(
    tracks: Sequence[Track], truth: Mapping[FrameName, Sequence[Presence]], tally: Counter[str], tracks_of: Counter[str]
) -> dict[str, Track]:
    """Count whose each track is, and return the longest of each person."""
    longest: dict[str, Track] = {}
    for track in tracks:
        people = Counter(_find_person(sighting, truth[sighting.frame]) for sighting in track.sightings)
        person, count = people.most_common(1)[0]
        tally.update({"all": len(track.sightings), "pure": count, "false": people[None]})
        if person is not None:
            tracks_of[person] += 1
            if person not in longest or len(track.sightings) > len(longest[person].sightings):
                longest[person] = track
    return longest


def _find_person(sighting: Sighting, present: Sequence[Presence]) -> str | None:
    best = max(present, key=lambda presence: measure_overlap(presence.box, sighting.box) * (0.3 + presence.seen))
    return best.person if measure_overlap(best.box, sighting.box) >= _SAME_FACE else None


def _search_with(
    track: Track | None,
    frames: Sequence[StagedFrame],
    extractor: PackExtractor,
    random: np.random.Generator,
    person: str,
    singles: _Probes,
    fused: _Probes,
) -> None:
    """Add a person's fused probe, and those of random single frames of the same track."""
    pixels = {frame.name: frame.pixels for frame in frames}
    fused.subjects.append(person)
    fused.templates.append(None if track is None else _fuse(track, pixels, extractor))
    for _ in range(_SINGLES):
        singles.subjects.append(person)
        if track is None:
            singles.templates.append(None)
        else:
            # whatever its quality: nobody chose it
            sighting = track.sightings[int(random.integers(len(track.sightings)))]
            singles.templates.append(fuse_frames([sighting], pixels.__getitem__, extractor).template)


def _fuse(track: Track, pixels: Mapping[FrameName, NDArray[np.uint8]], extractor: PackExtractor) -> Template | None:
    try:
        return fuse_frames(choose_good_frames(track), pixels.__getitem__, extractor).template
    except TrackUnsuitable:
        return None


def _find_misses(probes: _Probes, subjects: Sequence[str], references: Sequence[Template]) -> NDArray[np.bool_]:
    """Return, one boolean a probe, whether it misses its own person at an FPIR of 5 %, mates removed."""
    outcomes: SearchOutcomes = tabulate_searches(
        score_matrix([template for template in probes.templates if template is not None], references),
        probe_subjects=probes.subjects,
        extracted=[template is not None for template in probes.templates],
        reference_subjects=subjects,
        known_subjects=subjects,
    )
    allowed = count_allowed(FPIR, len(outcomes))
    threshold = find_threshold(outcomes, allowed=allowed, source=NonMatedSource.MATE_REMOVED)
    return find_misses(outcomes, threshold=threshold)


def _compare(
    single_subjects: Sequence[str],
    fused_subjects: Sequence[str],
    single: NDArray[np.bool_],
    fused: NDArray[np.bool_],
    *,
    seed: int,
) -> tuple[float, float, float] | None:
    if not single.any():
        return None
    # drawn by subject, in sorted order, so that the same people are drawn for both
    rates = [
        (weights @ missed.astype(np.float64)) / weights.sum(axis=1)
        for subjects, missed in ((single_subjects, single), (fused_subjects, fused))
        for weights in (draw_weights(subjects, seed=seed),)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = percentile_band((rates[1] / rates[0])[:, None])
    return float(fused.mean() / single.mean()), float(lower[0]), float(upper[0])
