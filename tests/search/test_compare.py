"""Scores are what their definition says, to the last bit, in any order and any company."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from semblance.errors import ModelError, PackConflict
from semblance.search.templates import score_matrix
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Metric, Template

PACK = PackDigest("a" * 64)


def template(values: object, metric: Metric = Metric.COSINE, pack: PackDigest = PACK) -> Template:
    row = np.asarray(values, dtype="<f4")
    return Template(pack, metric, len(row), row.tobytes())


rows_of = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.just(5)),
    elements=st.floats(-3, 3, width=32) | st.sampled_from([0.0, 1.0, -1.0, 1e-30, 1e30]).map(np.float32),
)


@given(rows_of, rows_of)
def test_an_inner_product_is_the_exact_sum_rounded(left: np.ndarray, right: np.ndarray) -> None:
    scores = score_matrix([template(row) for row in left], [template(row) for row in right])
    assert scores.dtype == np.float32
    assert scores.shape == (len(left), len(right))
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            exact = sum((Fraction(float(x)) * Fraction(float(y)) for x, y in zip(a, b, strict=True)), Fraction(0))
            with np.errstate(over="ignore"):
                expected = np.float32(float(exact))
            assert scores[i, j] == expected


@given(rows_of, rows_of)
def test_a_distance_is_the_root_of_the_exact_sum_with_its_sign_turned(left: np.ndarray, right: np.ndarray) -> None:
    metric = Metric.EUCLIDEAN
    scores = score_matrix([template(row, metric) for row in left], [template(row, metric) for row in right])
    for i, a in enumerate(left.astype(np.float64)):
        for j, b in enumerate(right.astype(np.float64)):
            assert scores[i, j] == np.float32(-math.sqrt(math.fsum(((a - b) ** 2).tolist())))


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(Metric)))
@settings(max_examples=20, deadline=None)
def test_a_score_does_not_depend_on_its_neighbours(seed: int, metric: Metric) -> None:
    rng = np.random.default_rng(seed)
    references = [template(row, metric) for row in rng.normal(size=(300, 128))]
    probes = [template(row, metric) for row in rng.normal(size=(3, 128))]
    together = score_matrix(probes, references)
    order = rng.permutation(300)
    shuffled = score_matrix(probes[::-1], [references[i] for i in order])
    assert np.array_equal(together[::-1][:, order], shuffled)
    assert together[1, 17] == score_matrix([probes[1]], [references[17]])[0, 0]


def test_blocks_join_without_a_seam() -> None:
    rng = np.random.default_rng(5)
    references = [template(row) for row in rng.normal(size=(4100, 8))]
    probes = [template(row) for row in rng.normal(size=(260, 8))]
    scores = score_matrix(probes, references)
    for i, j in ((0, 0), (255, 4095), (256, 4096), (259, 4099)):
        assert scores[i, j] == score_matrix([probes[i]], [references[j]])[0, 0]


def test_identical_templates_have_distance_zero_and_nothing_is_higher() -> None:
    row = template([0.1, 0.7, -0.3], Metric.EUCLIDEAN)
    assert score_matrix([row], [row]).tobytes() == np.float32(0.0).tobytes()


def test_nothing_against_something_is_an_empty_matrix() -> None:
    assert score_matrix([], [template([1.0])]).shape == (0, 1)
    assert score_matrix([template([1.0])], []).shape == (1, 0)


def test_templates_of_two_packs_are_never_compared() -> None:
    other = template([1.0, 0.0], pack=PackDigest("b" * 64))
    with pytest.raises(PackConflict, match="two packs"):
        score_matrix([template([1.0, 0.0])], [other])
    with pytest.raises(PackConflict):
        score_matrix([template([1.0, 0.0])], [template([1.0, 0.0]), other])
    with pytest.raises(PackConflict):
        score_matrix([template([1.0, 0.0])], [template([1.0, 0.0], Metric.EUCLIDEAN)])


def test_a_template_that_is_not_what_it_says_is_refused() -> None:
    with pytest.raises(ModelError, match="bytes"):
        score_matrix([Template(PACK, Metric.COSINE, 3, b"\0" * 8)], [template([1.0, 0.0, 0.0])])
    with pytest.raises(ModelError, match="finite"):
        score_matrix([template([math.nan, 0.0])], [template([1.0, 0.0])])
