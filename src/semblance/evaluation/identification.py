"""Identification error after ISO/IEC 19795-1: CMC, FNIR(N, R, T), FPIR(N, T), operating points, DET."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.evaluation.intervals import Rate, draw_weights, measure_rate, percentile_band
from semblance.evaluation.outcomes import SearchOutcomes

CMC_RANKS: Final = 50
LEAST_FALSE_POSITIVES: Final = 2
"""An FPIR is reported only where the sample allows this many false positives at it: see supports_target()."""

DET_POINTS: Final = 120


class NonMatedSource(StrEnum):
    """Which searches stand for people who are not in the gallery.

    ``probes``: the non-mated probes of the set. ``mate-removed``: these are too few for every FPIR asked for, so that
    each mated probe counts as well, searched once more with its own subject taken out of the gallery. ``none``: there
    is no probe at all.
    """

    PROBES = "probes"
    MATE_REMOVED = "mate-removed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of a curve with its 95 % band; ``at`` is a rank, or an FPIR."""

    at: float
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What happens at the threshold that lets through at most ``target`` of the non-mated searches.

    ``threshold``: a candidate is shown at or above it; None means that every candidate is shown.
    ``fnir``: misses with rank 1 and the threshold both required.
    """

    target: float
    threshold: float | None
    fpir: Rate
    fnir: Rate


def choose_source(outcomes: SearchOutcomes, targets: Sequence[float]) -> NonMatedSource:
    """Return which searches stand for people who are not in the gallery.

    The non-mated probes of the set, where they support at least one of the FPIRs asked for; otherwise mates are taken
    out of the gallery too (leave one out).
    """
    if not len(outcomes):
        return NonMatedSource.NONE
    non_mated = int((~outcomes.mated).sum())
    if any(supports_target(target, non_mated) for target in targets):
        return NonMatedSource.PROBES
    return NonMatedSource.MATE_REMOVED


def non_mated_rows(outcomes: SearchOutcomes, source: NonMatedSource) -> NDArray[np.bool_]:
    """Return which rows count in FPIR, one boolean a search."""
    if source is NonMatedSource.PROBES:
        return ~outcomes.mated
    if source is NonMatedSource.MATE_REMOVED:
        return np.ones(len(outcomes), dtype=np.bool_)
    return np.zeros(len(outcomes), dtype=np.bool_)


def find_misses(outcomes: SearchOutcomes, *, rank: int = 1, threshold: float = -math.inf) -> NDArray[np.bool_]:
    """Return, one boolean a search, whether the mate is not within the rank at or above the threshold.

    A probe without a template is a miss; non-mated searches are never one.
    """
    return outcomes.mated & ((outcomes.mate_rank > rank) | (outcomes.mate_score < threshold))


def find_false_positives(outcomes: SearchOutcomes, *, threshold: float) -> NDArray[np.bool_]:
    """Return, one boolean a search, whether somebody else than the mate is at or above the threshold.

    A probe without a template shows nobody.
    """
    return outcomes.extracted & np.isfinite(outcomes.rival_score) & (outcomes.rival_score >= threshold)


def measure_fnir(outcomes: SearchOutcomes, *, rank: int = 1, threshold: float = -math.inf) -> Rate:
    """Return FNIR(N, R, T) over the mated searches (ISO/IEC 19795-1:2021, false-negative identification rate)."""
    return measure_rate(int(find_misses(outcomes, rank=rank, threshold=threshold).sum()), int(outcomes.mated.sum()))


def measure_fpir(outcomes: SearchOutcomes, *, threshold: float, source: NonMatedSource) -> Rate:
    """Return FPIR(N, T) over the non-mated searches (ISO/IEC 19795-1:2021, false-positive identification rate)."""
    rows = non_mated_rows(outcomes, source)
    return measure_rate(int((find_false_positives(outcomes, threshold=threshold) & rows).sum()), int(rows.sum()))


def count_allowed(target: float, non_mated: int) -> int:
    """Return how many false positives the target allows among that many searches."""
    # 0.29 * 100 is 28.999999999999996 in binary; the count meant is 29.
    return math.floor(round(target * non_mated, 9))


def supports_target(target: float, non_mated: int) -> bool:
    """Return whether the number of non-mated searches can show this FPIR.

    The rule: the target must allow at least two false positives in the sample. Below that the threshold would hang
    on the one most extreme score, and a rate of nought could not be told from the target.
    """
    return count_allowed(target, non_mated) >= LEAST_FALSE_POSITIVES


def find_threshold(outcomes: SearchOutcomes, *, allowed: int, source: NonMatedSource) -> float:
    """Return the lowest float32 threshold with at most ``allowed`` false positives; -inf where none is needed."""
    rows = non_mated_rows(outcomes, source)
    ordered = np.sort(outcomes.rival_score[rows])[::-1]
    if allowed >= ordered.size or not np.isfinite(ordered[allowed]):
        return -math.inf
    return float(np.nextafter(ordered[allowed], np.float32(np.inf)))


def measure_operating_points(
    outcomes: SearchOutcomes, targets: Sequence[float], source: NonMatedSource
) -> tuple[OperatingPoint, ...]:
    """Return the operating point of every target that the sample supports, in the order asked for.

    The threshold is set on the same non-mated searches that the FPIR is counted on.
    """
    non_mated = int(non_mated_rows(outcomes, source).sum())
    points = []
    for target in targets:
        if supports_target(target, non_mated):
            threshold = find_threshold(outcomes, allowed=count_allowed(target, non_mated), source=source)
            points.append(
                OperatingPoint(
                    target,
                    threshold if math.isfinite(threshold) else None,
                    measure_fpir(outcomes, threshold=threshold, source=source),
                    measure_fnir(outcomes, threshold=threshold),
                )
            )
    return tuple(points)


def measure_cmc(outcomes: SearchOutcomes, *, seed: int, ranks: int = CMC_RANKS) -> tuple[CurvePoint, ...]:
    """Return the share of mated searches whose mate is within each rank, no threshold (cumulative match curve).

    The band is the wider of a bootstrap over subjects and Wilson's interval: where nothing went wrong, a bootstrap
    alone would claim certainty.
    """
    mated = outcomes.select(outcomes.mated)
    if not len(mated):
        return ()
    within = (mated.mate_rank[:, None] <= np.arange(1, ranks + 1)[None, :]).astype(np.float64)
    weights = draw_weights(mated.subjects, seed=seed)
    lower, upper = percentile_band((weights @ within) / weights.sum(axis=1, keepdims=True))
    points = []
    for place in range(ranks):
        rate = measure_rate(int(within[:, place].sum()), len(mated))
        assert rate.value is not None
        points.append(
            CurvePoint(
                place + 1, rate.value, min(rate.lower, float(lower[place])), max(rate.upper, float(upper[place]))
            )
        )
    return tuple(points)


def measure_det(outcomes: SearchOutcomes, source: NonMatedSource, *, seed: int) -> tuple[CurvePoint, ...]:
    """Return FNIR(N, 1, T) against FPIR(N, T), from the smallest FPIR that the sample supports upwards.

    In every bootstrap replicate subjects are drawn anew and the threshold is set anew; the band is the wider of that
    and Wilson's interval.
    """
    mated = outcomes.select(outcomes.mated)
    others = outcomes.select(non_mated_rows(outcomes, source))
    if not len(mated) or len(others) <= LEAST_FALSE_POSITIVES:
        return ()
    least = LEAST_FALSE_POSITIVES
    allowed = np.unique(np.geomspace(least, len(others), min(DET_POINTS, len(others))).round().astype(int))
    thresholds = np.asarray([find_threshold(others, allowed=int(k), source=source) for k in allowed])
    missed = np.stack([find_misses(mated, threshold=t) for t in thresholds], axis=1).astype(np.float64)
    shown = np.stack([find_false_positives(others, threshold=t) for t in thresholds], axis=1).astype(np.float64)
    mated_weights = draw_weights(mated.subjects, seed=seed)
    other_weights = draw_weights(others.subjects, seed=seed if source is NonMatedSource.MATE_REMOVED else seed + 1)
    fnir = (mated_weights @ missed) / mated_weights.sum(axis=1, keepdims=True)
    fpir = (other_weights @ shown) / other_weights.sum(axis=1, keepdims=True)
    points: dict[float, CurvePoint] = {}
    for place in range(len(allowed)):
        at = float(shown[:, place].sum()) / len(others)
        # Thresholds fall from left to right: the last one still within the FPIR is the one a user would set.
        reached = np.maximum((fpir <= at + 1e-12).sum(axis=1) - 1, 0)
        lower, upper = percentile_band(fnir[np.arange(fnir.shape[0]), reached][:, None])
        rate = measure_rate(int(missed[:, place].sum()), len(mated))
        assert rate.value is not None
        # Several thresholds can share one FPIR; the lowest of them, seen last, misses least.
        points[at] = CurvePoint(at, rate.value, min(rate.lower, float(lower[0])), max(rate.upper, float(upper[0])))
    return tuple(point for point in points.values() if point.at > 0)
