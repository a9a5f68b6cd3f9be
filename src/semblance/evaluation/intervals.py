"""Rates with their counts and 95 % intervals, and resampling by subject for curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, norm

CONFIDENCE: Final = 0.95
Z: Final = float(norm.ppf(0.5 + CONFIDENCE / 2))
"""How many standard deviations an interval reaches to either side."""

REPLICATES: Final = 1000
"""Bootstrap replicates behind every band."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with what it was counted from and Wilson's 95 % interval; all between 0 and 1.

    ``value`` is None, and the interval everything from 0 to 1, where nothing could be counted (``of`` is 0).
    """

    count: int
    of: int
    value: float | None
    lower: float
    upper: float


def measure_rate(count: int, of: int) -> Rate:
    """Return count/of with Wilson's score interval (Wilson 1927; without continuity correction).

    The interval takes the searches as independent; several probes of one subject make it a little too narrow.
    """
    if of == 0:
        return Rate(0, 0, None, 0.0, 1.0)
    interval = binomtest(int(count), int(of)).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    value = count / of
    # At 0 and at 1 the closed form misses the point estimate by a rounding error.
    return Rate(int(count), int(of), value, min(float(interval.low), value), max(float(interval.high), value))


def draw_weights(subjects: Sequence[str], *, seed: int, replicates: int = REPLICATES) -> NDArray[np.float64]:
    """Return how often each row counts in each bootstrap replicate, shape (replicates, rows).

    Whole subjects are drawn with replacement, so that the rows of one subject stay together (ISO/IEC 19795-1:2021,
    bootstrap for correlated transactions). The same seed and rows give the same weights, whatever the rows' order.
    """
    names, which = np.unique(np.asarray(subjects, dtype=np.str_), return_inverse=True)
    if names.size == 0:
        return np.zeros((replicates, 0))
    drawn = np.random.default_rng(seed).multinomial(names.size, np.full(names.size, 1 / names.size), size=replicates)
    return drawn[:, which].astype(np.float64)


def percentile_band(samples: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower and upper 95 % percentiles over the replicates (first axis); not-a-numbers are left out."""
    tail = (1 - CONFIDENCE) / 2 * 100
    columns = samples.reshape(samples.shape[0], -1)
    lower = np.zeros(columns.shape[1])
    upper = np.ones(columns.shape[1])
    for column in range(columns.shape[1]):
        usable = columns[:, column][np.isfinite(columns[:, column])]
        if usable.size:
            lower[column], upper[column] = np.percentile(usable, [tail, 100 - tail])
    return lower.reshape(samples.shape[1:]), upper.reshape(samples.shape[1:])
