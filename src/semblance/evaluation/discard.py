"""Whether a quality score helps: how FNIR falls as the worst probes are refused (error versus discard).

The weight of each measure is how it goes with the score that a probe reaches against its own subject.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

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


LEAST_ASSESSED: Final = 10
"""A measure assessed on fewer mated probes than this gets no coefficient."""

DISCARDED: Final = 0.10
_RIDGE: Final = 0.05


@dataclass(frozen=True, slots=True)
class MeasureWeight:
    """What one quality measure tells of the mate's score.

    ``correlation``: Spearman's rank correlation with the mate's score, -1 to 1, with a bootstrap interval over
    subjects; None where too few probes were assessed or the measure is the same for all of them (``why`` says it).
    ``weight``: its standardised coefficient in one ridge regression of the mate's score on all measures but the
    unified one, that is, what it adds beside the others. ``fnir_after``: FNIR once the worst tenth by this measure
    alone is refused.
    """

    measure: str
    assessed: int
    correlation: float | None
    lower: float | None
    upper: float | None
    weight: float | None
    fnir_after: Rate | None
    why: str | None


def weigh_measures(
    outcomes: SearchOutcomes,
    scalars: Sequence[Mapping[str, int] | None],
    keys: Sequence[str],
    *,
    threshold: float,
    seed: int,
) -> tuple[MeasureWeight, ...]:
    """Return the weight of every measure that was assessed on any mated probe that gave a template.

    ``scalars``: one mapping a search, measure to scalar; None where no face was found. ``threshold``: for
    ``fnir_after``, -inf to go by rank alone.
    """
    usable = outcomes.mated & outcomes.extracted & np.isfinite(outcomes.mate_score)
    rows = np.flatnonzero(usable & np.asarray([row is not None for row in scalars], dtype=np.bool_))
    if not rows.size:
        return ()
    chosen = outcomes.select(rows)
    score = chosen.mate_score.astype(np.float64)
    columns = {
        measure.value: np.asarray(
            [(scalars[row] or {}).get(measure.value, -1) for row in rows.tolist()], dtype=np.float64
        )
        for measure in QualityMeasure
    }
    columns = {name: values for name, values in columns.items() if (values >= 0).any()}
    weights = draw_weights(chosen.subjects, seed=seed)
    unified = QualityMeasure.UNIFIED.value
    others = {name: values for name, values in columns.items() if name != unified and _explain_absence(values) is None}
    joint = _regress(others, score)
    missed = find_misses(chosen, threshold=threshold)
    names = [keys[row] for row in rows.tolist()]
    found = []
    for name, values in columns.items():
        known = values >= 0
        why = _explain_absence(values)
        rho = lower = upper = None
        after = None
        if why is None:
            rho, lower, upper = _correlate(values[known], score[known], weights[:, known])
            order = order_by_quality([int(value) for value in values], names)
            kept = order[count_discarded(DISCARDED, len(order)) :]
            after = measure_rate(int(missed[kept].sum()), len(kept))
        found.append(MeasureWeight(name, int(known.sum()), rho, lower, upper, joint.get(name), after, why))
    places = {
        weight.measure: (weight.correlation is None, -(weight.correlation or 0.0), weight.measure) for weight in found
    }
    return tuple(sorted(found, key=lambda weight: (weight.measure != unified, places[weight.measure])))


def _explain_absence(values: NDArray[np.float64]) -> str | None:
    known = values[values >= 0]
    if known.size < LEAST_ASSESSED:
        return f"assessed on {known.size} probes only; {LEAST_ASSESSED} are needed"
    if float(known.std()) == 0:
        return f"the same ({known[0]:.0f}) for every probe"
    return None


def _correlate(
    values: NDArray[np.float64], score: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float | None, float | None, float | None]:
    """Return Spearman's coefficient and its band: Pearson's on midranks, in each replicate with the rows' weights."""
    ranks = np.stack([rankdata(values), rankdata(score)])
    if np.ptp(ranks[1]) == 0:
        return None, None, None
    whole = _weighted_pearson(ranks, np.ones((1, values.size)))
    lower, upper = percentile_band(_weighted_pearson(ranks, weights)[:, None])
    rho = float(whole[0])
    return rho, min(rho, float(lower[0])), max(rho, float(upper[0]))


def _weighted_pearson(pair: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", divide="ignore"):
        total = weights.sum(axis=1)
        mean = (weights @ pair.T) / total[:, None]
        square = (weights @ (pair**2).T) / total[:, None] - mean**2
        cross = (weights @ (pair[0] * pair[1])) / total - mean[:, 0] * mean[:, 1]
        # A replicate may draw only probes that are the same by the measure: its rounding errors are no correlation.
        level = (square > 1e-9 * pair.shape[1] ** 2).all(axis=1)
        result: NDArray[np.float64] = np.where(
            level, np.clip(cross / np.sqrt(square[:, 0] * square[:, 1]), -1, 1), np.nan
        )
    return result


def _regress(columns: Mapping[str, NDArray[np.float64]], score: NDArray[np.float64]) -> dict[str, float]:
    """Return standardised ridge coefficients; a probe not assessed on a measure counts as average on it."""
    if not columns or float(score.std()) == 0:
        return {}
    standard = []
    for values in columns.values():
        known = values >= 0
        filled = np.where(known, values, values[known].mean())
        standard.append((filled - filled.mean()) / (filled.std() or 1.0))
    design = np.stack(standard, axis=1)
    target = (score - score.mean()) / score.std()
    gram = design.T @ design + _RIDGE * len(target) * np.eye(design.shape[1])
    solved = np.linalg.solve(gram, design.T @ target)
    return {name: float(value) for name, value in zip(columns, solved, strict=True)}
