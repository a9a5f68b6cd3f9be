"""The weight of each quality measure: how it goes with the score that a probe reaches against its own subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from semblance.evaluation.discard import count_discarded, order_by_quality
from semblance.evaluation.identification import find_misses
from semblance.evaluation.intervals import Rate, draw_weights, measure_rate, percentile_band
from semblance.evaluation.outcomes import SearchOutcomes
from semblance.terms.samples import QualityMeasure

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
