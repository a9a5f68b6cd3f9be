"""What each rung of degradation costs each pack, and which pack stands it best, on identical photos."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from semblance.evaluation.identification import (
    NonMatedSource,
    count_allowed,
    find_misses,
    find_threshold,
    measure_fnir,
    measure_fpir,
    non_mated_rows,
    supports_target,
)
from semblance.evaluation.intervals import Rate, measure_rate
from semblance.evaluation.outcomes import SearchOutcomes

UNDEGRADED: Final = "as they are"
YAW_FAMILY: Final = "yaw"
YAW_LABEL: Final = "yaw"
CHANCE: Final = 0.05
"""Packs whose exact McNemar test gives a higher p than this are not told apart."""

_YAW_BINS: Final = (("yaw under 15°", 0.0, 15.0), ("yaw 15° to 45°", 15.0, 45.0001), ("yaw over 45°", 45.0001, 361.0))


@dataclass(frozen=True, slots=True)
class RungName:
    """A rung as tables name it; ``family`` groups the plot, ``strength`` is in the family's unit."""

    name: str
    family: str
    strength: float | None


@dataclass(frozen=True, slots=True)
class RungResult:
    """One pack on one rung.

    ``fnir`` is at ``threshold``, set on this rung's own non-mated searches so that all packs are compared at the same
    FPIR; a rung made by choice of images (yaw) keeps the threshold of the undegraded probes. ``fixed_fnir`` and
    ``fixed_fpir`` are what happens where nobody moves the threshold of the undegraded probes. The four are None where
    the sample supports no FPIR.
    """

    rung: RungName
    pack: str
    failures: Rate
    rank_one_miss: Rate
    target: float | None
    threshold: float | None
    fpir: Rate | None
    fnir: Rate | None
    fixed_fpir: Rate | None
    fixed_fnir: Rate | None


@dataclass(frozen=True, slots=True)
class RungVerdict:
    """Which pack misses least on a rung; ``not_told_apart`` names the others whose difference could be chance."""

    rung: str
    measured_by: str
    best: tuple[str, ...]
    not_told_apart: tuple[str, ...]
    sentence: str


def bin_yaw(values: Sequence[str]) -> tuple[tuple[RungName, NDArray[np.bool_]], ...]:
    """Return the yaw rungs that any of the values falls in, and which searches each holds.

    ``values``: degrees, either sign, one a search; what is no number belongs to no rung.
    """
    angles = np.full(len(values), np.nan)
    for row, value in enumerate(values):
        try:
            angles[row] = abs(float(value))
        except ValueError:
            continue
    rungs = []
    for name, low, high in _YAW_BINS:
        inside = (angles >= low) & (angles < high)
        if inside.any():
            rungs.append((RungName(name, YAW_FAMILY, low), inside))
    return tuple(rungs)


def measure_rung(
    rung: RungName,
    pack: str,
    outcomes: SearchOutcomes,
    *,
    target: float | None,
    fixed_threshold: float,
    source: NonMatedSource,
    own_threshold: bool,
) -> tuple[RungResult, NDArray[np.bool_]]:
    """Return the rung's result, and which of all its searches were missed by the measure that packs are compared by.

    ``fixed_threshold``: that of the undegraded probes at the target, -inf where it shows everybody. ``own_threshold``
    False keeps it, because the rung is not the whole sample.
    """
    failures = measure_rate(int((~outcomes.extracted).sum()), len(outcomes))
    rank_one = measure_fnir(outcomes)
    non_mated = int(non_mated_rows(outcomes, source).sum())
    if target is None:
        return (RungResult(rung, pack, failures, rank_one, None, None, None, None, None, None), find_misses(outcomes))
    threshold = fixed_threshold
    if own_threshold and supports_target(target, non_mated):
        threshold = find_threshold(outcomes, allowed=count_allowed(target, non_mated), source=source)
    result = RungResult(
        rung,
        pack,
        failures,
        rank_one,
        target,
        threshold if math.isfinite(threshold) else None,
        measure_fpir(outcomes, threshold=threshold, source=source),
        measure_fnir(outcomes, threshold=threshold),
        measure_fpir(outcomes, threshold=fixed_threshold, source=source),
        measure_fnir(outcomes, threshold=fixed_threshold),
    )
    return result, find_misses(outcomes, threshold=threshold)


def judge_rung(rung: str, misses: Mapping[str, NDArray[np.bool_]], mated: int, measured_by: str) -> RungVerdict:
    """Return which pack misses least; ``misses``: pack to one boolean a search, the same searches for each pack.

    Two packs are told apart by the exact McNemar test on the searches that only one of them missed.
    """
    counts = {pack: int(missed.sum()) for pack, missed in misses.items()}
    fewest = min(counts.values())
    best = tuple(pack for pack, count in counts.items() if count == fewest)
    others = sorted((pack for pack in counts if pack not in best), key=lambda pack: counts[pack])
    alike: list[str] = []
    worse: list[str] = []
    for pack in others:
        (alike if _could_be_chance(misses[best[0]], misses[pack]) else worse).append(pack)
    return RungVerdict(rung, measured_by, best, tuple(alike), _say_best(rung, counts, best, alike, worse, mated))


def _could_be_chance(missed: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    only_one, only_other = int((missed & ~other).sum()), int((other & ~missed).sum())
    if only_one + only_other == 0:
        return True
    return float(binomtest(only_one, only_one + only_other).pvalue) > CHANCE


def _say_best(
    rung: str, counts: Mapping[str, int], best: Sequence[str], alike: Sequence[str], worse: Sequence[str], mated: int
) -> str:
    if mated == 0:
        return f"{rung}: no mated search, so that no pack can be called best."
    if len(counts) == 1:
        return f"{rung}: {best[0]} misses {counts[best[0]]} of {mated}."
    if len(best) == len(counts):
        return f"{rung}: all miss {counts[best[0]]} of {mated}; none is best."
    sentence = (
        f"{rung}: {best[0]} misses least ({counts[best[0]]} of {mated})"
        if len(best) == 1
        else f"{rung}: {join_words(best)} miss least ({counts[best[0]]} of {mated} each)"
    )
    if alike:
        named = join_words([f"{pack} ({counts[pack]})" for pack in alike])
        sentence += f"; the difference to {named} could be chance"
    if worse:
        named = join_words([f"{pack} ({counts[pack]})" for pack in worse])
        sentence += f"; {named} {'misses' if len(worse) == 1 else 'miss'} more than chance explains"
    return sentence + "."


def join_words(names: Sequence[str]) -> str:
    """Return one or several names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
