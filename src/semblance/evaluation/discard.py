"""Whether a quality score helps: how FNIR falls as the worst probes are refused (error versus discard)."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.evaluation.identification import find_misses
from semblance.evaluation.intervals import Rate, draw_weights, measure_rate, percentile_band
from semblance.evaluation.outcomes import SearchOutcomes
from semblance.terms.samples import QualityMeasure

FRACTIONS: Final[tuple[float, ...]] = tuple(step / 100 for step in range(51))
STATED_FRACTIONS: Final = (0.05, 0.10, 0.20)


@dataclass(frozen=True, slots=True)
class DiscardPoint:
    """FNIR over the probes that are left after the worst ``fraction`` was refused.

    ``lowest_kept``: the quality of the worst probe that is left, None where none is. ``ideal``: the share of misses
    that would be left had the refused ones all been misses, as far as there are any.
    """

    fraction: float
    discarded: int
    fnir: Rate
    ideal: float
    lowest_kept: int | None


@dataclass(frozen=True, slots=True)
class Reduction:
    """By what share of itself FNIR falls when that fraction is refused; 1 is all misses gone, below 0 is harm.

    ``value`` is None where nothing was missed in the first place. Where no miss is left, ``lower`` goes by Wilson's
    bound on the rate that is left, because a bootstrap of no misses would claim certainty. ``of_failures``: how
    many of the refused probes had given no template anyway.
    """

    fraction: float
    before: Rate
    after: Rate
    value: float | None
    lower: float | None
    upper: float | None
    of_failures: int


@dataclass(frozen=True, slots=True)
class DiscardCurve:
    """Error versus discard on one lot of mated probes, the threshold held fixed throughout.

    ``scope`` says in words which probes; ``threshold`` None means that a miss is a mate not at rank 1.
    """

    scope: str
    measure: str
    threshold: float | None
    target: float | None
    points: tuple[DiscardPoint, ...]
    reductions: tuple[Reduction, ...]


def order_by_quality(quality: Sequence[int], keys: Sequence[str]) -> NDArray[np.intp]:
    """Return the rows from the worst quality to the best.

    -1 (not assessable) comes first. Equal qualities are ordered by a digest of their keys: not by name, not by
    outcome, and the same each time.
    """
    digests = [hashlib.sha256(key.encode()).digest() for key in keys]
    return np.asarray(sorted(range(len(keys)), key=lambda row: (quality[row], digests[row])), dtype=np.intp)


def measure_discard(
    outcomes: SearchOutcomes,
    quality: Sequence[int],
    keys: Sequence[str],
    *,
    scope: str,
    threshold: float | None,
    target: float | None,
    seed: int,
) -> DiscardCurve | None:
    """Return the curve over the mated searches, or None where there are none or no quality was measured.

    ``quality``: one scalar a search, 0 to 100, -1 not assessable. ``keys``: what tells the searches apart. The
    reduction's interval is a bootstrap over subjects, who take their probes with them; the cut is made anew each time.
    """
    mated = np.flatnonzero(outcomes.mated)
    own = [quality[row] for row in mated.tolist()]
    if not mated.size or all(value < 0 for value in own):
        return None
    order = mated[order_by_quality(own, [keys[row] for row in mated.tolist()])]
    ranked = outcomes.select(order)
    missed = find_misses(ranked, threshold=-math.inf if threshold is None else threshold)
    searches, misses = len(ranked), int(missed.sum())
    points = []
    for fraction in FRACTIONS:
        cut = count_discarded(fraction, searches)
        left = searches - cut
        points.append(
            DiscardPoint(
                fraction,
                cut,
                measure_rate(int(missed[cut:].sum()), left),
                max(0, misses - cut) / left if left else 0.0,
                quality[int(order[cut])] if left else None,
            )
        )
    weights = draw_weights(ranked.subjects, seed=seed)
    reductions = tuple(_measure_reduction(ranked, missed, weights, fraction) for fraction in STATED_FRACTIONS)
    return DiscardCurve(scope, QualityMeasure.UNIFIED.value, threshold, target, tuple(points), reductions)


def count_discarded(fraction: float, searches: int) -> int:
    """Return how many probes are refused: the whole number not above the fraction."""
    return math.floor(round(fraction * searches, 9))


def _measure_reduction(
    ranked: SearchOutcomes, missed: NDArray[np.bool_], weights: NDArray[np.float64], fraction: float
) -> Reduction:
    cut = count_discarded(fraction, len(ranked))
    before = measure_rate(int(missed.sum()), len(ranked))
    after = measure_rate(int(missed[cut:].sum()), len(ranked) - cut)
    failures = int((~ranked.extracted[:cut]).sum())
    if not before.value or after.value is None:
        return Reduction(fraction, before, after, None, None, None, failures)
    reached = np.cumsum(weights, axis=1)
    kept = weights * (reached > np.floor(np.round(fraction * reached[:, -1:], 9)))
    with np.errstate(invalid="ignore", divide="ignore"):
        fnir_before = (weights @ missed) / weights.sum(axis=1)
        fnir_after = (kept @ missed) / kept.sum(axis=1)
        samples = 1 - fnir_after / fnir_before
    lower, upper = percentile_band(samples[:, None])
    value = 1 - after.value / before.value
    least = float(lower[0]) if after.count else min(float(lower[0]), 1 - after.upper / before.value)
    return Reduction(fraction, before, after, value, min(value, least), max(value, float(upper[0])), failures)
