"""A rotation and a grid learnt from templates: rows as 16-bit numbers whose distance from the truth is known.

Templates have few directions that matter. Turned so that the directions of largest variance come first (an orthogonal
rotation, which leaves every inner product as it is), half of the numbers carry nearly all of a score. Each number
is rounded to a grid of its own. The leading numbers have two bytes, of which the high ones alone are the coarse form;
the others have one, and all bytes together are the fine form. What rounding took away is measured row by row, so that
by Cauchy and Schwarz each form bounds the true score from both sides.

Those bounds are as wide as the probe is long in what does not lead, and so one direction leads however little rows
vary in it: that in which all probes are alike, the anchor. Of a cosine it is the mean template's. A euclidean
distance is an inner product, too: of y and p, how far row and probe are from the mean template, (y, -|y|²/2) with
(p, 1) falls as the distance rises; there the anchor is the last number.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.terms.samples import Metric

_TAIL_SHARE: Final = 0.05
"""So much of the variance may lie outside the leading numbers."""

_WIDTH: Final = 32
_SPREAD: Final = 5.0
"""The grid reaches at least so many standard deviations each way, and a tenth further than anything it was shown."""

_FLAT: Final = 1e-3
"""A direction in which nothing varies has a grid all the same: this share of the widest one's."""

_CODES: Final = 127
_FINER: Final = 256


@dataclass(frozen=True, slots=True)
class Quantizer:
    """How rows are turned and rounded, for one metric; all of it float64.

    ``centre``: what rows and probes are measured from, shape (dimension,); zero for cosines. ``rotation``: shape
    (turned, turned), one column a direction, the anchor first, then by falling variance; ``mean``: of the turned rows;
    ``steps``: the width of a coarse step in each direction. The first ``lead`` directions are in the coarse form. Where
    there are others, their length is one code more, of width ``tail_step``.
    """

    metric: Metric
    centre: NDArray[np.float64]
    rotation: NDArray[np.float64]
    mean: NDArray[np.float64]
    steps: NDArray[np.float64]
    lead: int
    tail_step: float

    @property
    def turned(self) -> int:
        """Return how many numbers a turned row has."""
        return len(self.mean)

    @property
    def has_tail(self) -> bool:
        """Return whether some directions are left out of the coarse form."""
        return self.lead < self.turned

    @property
    def coarse_width(self) -> int:
        """Return how many bytes the coarse form of a row has."""
        return self.lead + self.has_tail

    @property
    def rest_width(self) -> int:
        """Return how many bytes the fine form needs besides the coarse one."""
        return self.turned


@dataclass(frozen=True, slots=True)
class Codes:
    """Rounded rows, and how far they are from the truth.

    ``coarse`` and ``rest``: int8, one row each. ``regular``: which rows the grid holds; the bounds are of those alone,
    and others must be compared in full. Over the regular rows, the longest differences from the truth: ``coarse_error``
    and ``fine_error`` of the leading numbers in coarse and in fine steps, ``rest_error`` of the others in coarse ones;
    ``length`` is the longest coarse row in steps, ``norm`` the longest row itself.
    """

    coarse: NDArray[np.int8]
    rest: NDArray[np.int8]
    regular: NDArray[np.bool_]
    coarse_error: float
    fine_error: float
    rest_error: float
    length: float
    norm: float


def learn_quantizer(rows: NDArray[np.float32], metric: Metric) -> Quantizer:
    """Return the quantizer for templates like these, shape (rows, dimension); there must be at least one."""
    mean = rows.mean(axis=0, dtype=np.float64)
    centre = np.zeros_like(mean) if metric is Metric.COSINE else mean
    values = _lift_rows(rows, centre, metric)
    anchor = mean if metric is Metric.COSINE else np.append(np.zeros_like(mean), 1.0)
    variances, rotation = _find_directions(values, anchor)
    middle = values.mean(axis=0) @ rotation
    turned = values @ rotation - middle
    reach = np.maximum(_SPREAD * np.sqrt(variances), 1.1 * np.abs(turned).max(axis=0, initial=0.0))
    reach = np.maximum(reach, _FLAT * max(float(reach.max(initial=0.0)), 1e-30))
    lead = _choose_lead(variances)
    tails = np.linalg.norm(turned[:, lead:], axis=1)
    return Quantizer(
        metric=metric,
        centre=centre,
        rotation=rotation,
        mean=middle,
        steps=reach / _CODES,
        lead=lead,
        tail_step=max(1.25 * float(tails.max(initial=0.0)), 1e-30) / _CODES,
    )


def lift_rows(quantizer: Quantizer, rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the rows whose inner product with a lifted probe orders as the metric's score does."""
    return _lift_rows(rows, quantizer.centre, quantizer.metric)


def lift_probe(quantizer: Quantizer, probe: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the probe for inner products with lifted rows."""
    values = probe.astype(np.float64)
    return values if quantizer.metric is Metric.COSINE else np.append(values - quantizer.centre, 1.0)


def encode_rows(quantizer: Quantizer, rows: NDArray[np.float32]) -> Codes:
    """Return the rows rounded, shape (rows, dimension) in, with what rounding took away."""
    lead, limit = quantizer.lead, _CODES * _FINER + _CODES
    lifted = lift_rows(quantizer, rows)
    turned = lifted @ quantizer.rotation - quantizer.mean
    exact = turned * (_FINER / quantizer.steps)
    fine = np.clip(np.rint(exact), -limit, limit)
    # what remains must fit a signed byte: -128 to 127
    coarse = np.floor(fine / _FINER + 0.5)
    lost = exact / _FINER - coarse
    coarse_errors, rest_errors = np.linalg.norm(lost[:, :lead], axis=1), np.linalg.norm(lost[:, lead:], axis=1)
    fine_errors = np.linalg.norm(exact[:, :lead] - fine[:, :lead], axis=1)
    # rounding moves a number by half a step at most, and by a third of one on the average
    regular = (coarse_errors <= _expect_error(lead)) & (fine_errors <= _expect_error(lead))
    regular &= rest_errors <= _expect_error(quantizer.turned - lead)
    high, low = coarse.astype(np.int8), (fine - _FINER * coarse).astype(np.int8)
    columns = [high[:, :lead]]
    if quantizer.has_tail:
        tails = np.ceil(np.linalg.norm(turned[:, lead:], axis=1) / quantizer.tail_step)
        regular &= tails <= _CODES
        columns.append(np.minimum(tails, _CODES).astype(np.int8)[:, None])

    def worst(values: NDArray[np.float64]) -> float:
        return float(values[regular].max(initial=0.0))

    return Codes(
        coarse=np.ascontiguousarray(np.hstack(columns)),
        rest=np.ascontiguousarray(np.hstack([low[:, :lead], high[:, lead:]])),
        regular=regular,
        coarse_error=worst(coarse_errors),
        fine_error=worst(fine_errors),
        rest_error=worst(rest_errors),
        length=worst(np.linalg.norm(coarse[:, :lead], axis=1)),
        norm=worst(np.linalg.norm(lifted, axis=1)),
    )


def decode_fine(quantizer: Quantizer, coarse: NDArray[np.int8], rest: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return fine rows in units of a fine step, shape (rows, turned)."""
    lead = quantizer.lead
    numbers = np.empty((len(coarse), quantizer.turned))
    numbers[:, :lead] = _FINER * coarse[:, :lead].astype(np.float64) + rest[:, :lead]
    numbers[:, lead:] = _FINER * rest[:, lead:].astype(np.float64)
    return numbers


def _expect_error(count: int) -> float:
    """Return more than rounding moves rows of so many numbers within the grid: a twelfth of a step squared for each."""
    return 1.5 * float(np.sqrt(count / 12)) + 1.0


def _lift_rows(rows: NDArray[np.float32], centre: NDArray[np.float64], metric: Metric) -> NDArray[np.float64]:
    values = rows.astype(np.float64)
    if metric is Metric.COSINE:
        return values
    values -= centre
    return np.column_stack([values, -0.5 * np.einsum("ij,ij->i", values, values)])


def _find_directions(
    values: NDArray[np.float64], anchor: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how much rows vary in each direction, and the directions as columns, the anchor first."""
    spread = np.atleast_2d(np.cov(values, rowvar=False, bias=True))
    basis = np.linalg.svd(anchor[None])[2]
    first, others = basis[:1], basis[1:]
    variances, turns = np.linalg.eigh(others @ spread @ others.T)
    order = np.argsort(-variances, kind="stable")
    rotation = np.column_stack([first.T, others.T @ turns[:, order]])
    return np.maximum(np.append(first @ spread @ first.T, variances[order]), 0.0), np.ascontiguousarray(rotation)


def _choose_lead(variances: NDArray[np.float64]) -> int:
    """Return how many directions lead: with the tail's code a whole number of machine words, or all of them."""
    total = float(variances[1:].sum())
    for width in range(_WIDTH, len(variances), _WIDTH):
        if float(variances[width - 1 :].sum()) <= _TAIL_SHARE * total:
            return width - 1
    return len(variances)
