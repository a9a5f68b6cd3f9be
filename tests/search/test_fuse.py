"""Several templates become one: their mean, on the same scale as each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.search.embedded.test_embedded import template

from semblance.errors import Conflict, PackConflict
from semblance.search.templates import fuse_templates, score_matrix
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Metric, Template


def unit(values: np.ndarray) -> Template:
    return template(values / np.linalg.norm(values))


def test_one_template_stays_as_it_is() -> None:
    one = unit(np.array([3.0, 4.0]))
    assert fuse_templates([one]) is one


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.sampled_from(list(Metric)))
def test_the_order_does_not_matter_and_the_length_stays(seed: int, count: int, metric: Metric) -> None:
    values = np.random.default_rng(seed).normal(size=(count, 16)) + 1
    if metric is Metric.COSINE:
        values /= np.linalg.norm(values, axis=1, keepdims=True)
    templates = [template(row, metric) for row in values]
    fused = fuse_templates(templates)
    row = np.frombuffer(fused.values, "<f4")
    assert np.allclose(row, np.frombuffer(fuse_templates(templates[::-1]).values, "<f4"), atol=1e-6)
    assert (fused.pack, fused.metric, fused.dimension) == (templates[0].pack, metric, 16)
    if metric is Metric.COSINE:
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-6)
    else:
        assert np.allclose(row, values.astype(np.float32).mean(axis=0), atol=1e-5)


def test_noise_of_several_photos_averages_out() -> None:
    rng = np.random.default_rng(3)
    person = rng.normal(size=128)
    person /= np.linalg.norm(person)
    photos = [unit(person + 0.1 * rng.normal(size=128)) for _ in range(6)]
    alone = score_matrix(photos, [unit(person)])[:, 0]
    assert float(score_matrix([fuse_templates(photos)], [unit(person)])[0, 0]) > alone.max()


def test_what_cannot_be_fused_is_said_so() -> None:
    here, there = unit(np.array([1.0, 2.0])), unit(np.array([-1.0, -2.0]))
    with pytest.raises(Conflict, match="one by one"):
        fuse_templates([here, there])
    with pytest.raises(PackConflict):
        fuse_templates([here, template([1.0, 0.0], pack=PackDigest("b" * 64))])
    with pytest.raises(ValueError, match="no template"):
        fuse_templates([])
