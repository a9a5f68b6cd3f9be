"""How alike the faces of two pieces of track are, by the templates that last as long as following does."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.faces.runtime import Tensor
from semblance.terms.samples import Metric

KEPT: Final = 12
"""Templates that a piece keeps; the poorest goes first."""


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """A face encoded once; ``look``: in which look at the video. ``values``: float32 (dimension,).

    ``weight``: how much it says of the face, from the quality and how sure the detector was, which half a face is not.
    """

    look: int
    weight: float
    values: Tensor


def weigh(quality: int, detection_score: float) -> float:
    """Return the weight of a face's template: of two as sharp, a face that is partly hidden has the lower score."""
    return max(quality, 1) * detection_score**6


def keep_best(glimpses: list[Glimpse], glimpse: Glimpse) -> list[Glimpse]:
    """Return the glimpses with one more among them, the best of them where there are too many."""
    return sorted([*glimpses, glimpse], key=lambda kept: (-kept.weight, kept.look))[:KEPT]


def average(glimpses: list[Glimpse], metric: Metric) -> Tensor:
    """Return the mean of the templates, weighted; of unit length for cosine."""
    weights = np.array([glimpse.weight for glimpse in glimpses], dtype=np.float32)
    mean = weights @ np.stack([glimpse.values for glimpse in glimpses]) / weights.sum()
    if metric is Metric.COSINE:
        mean /= max(float(np.linalg.norm(mean)), 1e-6)
    return np.asarray(mean, dtype=np.float32)


def score_rows(rows: NDArray[np.float32], others: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    """Return scores, shape (rows, others); higher is more alike, in the pack's own scale."""
    if metric is Metric.COSINE:
        return np.asarray(rows @ others.T, dtype=np.float32)
    squares = (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None] - 2 * rows @ others.T
    return np.asarray(-np.sqrt(np.maximum(squares, 0)), dtype=np.float32)
