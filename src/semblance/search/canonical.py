"""The one true comparison score of two templates, the same on every machine.

A sum of float32 products depends on the order in which a BLAS library adds, and so on the processor. Here every score
is defined without an order: the terms are computed in float64, added exactly, and rounded once to float64 and once to
float32. A matrix product in float64 settles nearly all of them: where both ends of its error interval round to the same
float32 number, that number is the score, because rounding never reverses an order. The few others are added exactly.
Error interval of an inner product in any order, with or without fused multiplication: Higham, Accuracy and Stability of
Numerical Algorithms, 2nd edition, section 3.1.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.terms.samples import Metric

_UNIT_ROUNDOFF: Final = 2.0**-53


def canonical_scores(
    probes: NDArray[np.float32], references: NDArray[np.float32], metric: Metric
) -> NDArray[np.float32]:
    """Return the scores of all pairs, shape (probes, references); higher is more alike.

    cosine: the inner product. euclidean: the negative distance. Both inputs are rows of finite float32 numbers.
    """
    left, right = probes.astype(np.float64), references.astype(np.float64)
    if metric is Metric.COSINE:
        low, high = _bound_products(left, right)
    else:
        low, high = _bound_distances(left, right)
    with np.errstate(over="ignore"):  # beyond the range of float32 the score is infinite, by definition
        scores: NDArray[np.float32] = low.astype(np.float32)
        unsettled = scores != high.astype(np.float32)
    for row, column in np.argwhere(unsettled):
        scores[row, column] = _add_exactly(left[row], right[column], metric)
    scores += np.float32(0.0)  # turns -0.0 into 0.0: they are equal but differ in their bytes
    return scores


def gamma(count: int, roundoff: float) -> float:
    """Return Higham's constant gamma_n = nu / (1 - nu) for n roundings of relative size u."""
    return count * roundoff / (1.0 - count * roundoff)


def measure_norms(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return upper bounds of the rows' lengths, tight to a few parts in 1e12."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", rows, rows)) * (1.0 + 1e-12), dtype=np.float64)


def _bound_products(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # one rounding more than terms, for the rounding of the exact sum itself and of the interval's ends
    error = gamma(left.shape[1] + 4, _UNIT_ROUNDOFF) * np.outer(measure_norms(left), measure_norms(right))
    products = left @ right.T
    return products - error, products + error


def _bound_distances(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    left_norms, right_norms = measure_norms(left), measure_norms(right)
    squares = (
        np.einsum("ij,ij->i", left, left)[:, None]
        + np.einsum("ij,ij->i", right, right)[None, :]
        - 2.0 * (left @ right.T)
    )
    # |a|^2 + |b|^2 + 2|a||b| bounds all that was added; the terms of the exact sum carry three roundings each
    error = 2.0 * gamma(left.shape[1] + 8, _UNIT_ROUNDOFF) * np.square(left_norms[:, None] + right_norms[None, :])
    return -np.sqrt(np.maximum(squares + error, 0.0)), -np.sqrt(np.maximum(squares - error, 0.0))


def _add_exactly(left: NDArray[np.float64], right: NDArray[np.float64], metric: Metric) -> np.float32:
    if metric is Metric.COSINE:
        exact = math.fsum((left * right).tolist())
    else:
        exact = -math.sqrt(math.fsum(np.square(left - right).tolist()))
    with np.errstate(over="ignore"):
        return np.float32(exact)
