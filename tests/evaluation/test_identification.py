"""Cases worked by hand, and laws that hold for every score matrix."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semblance.errors import ModelError
from semblance.evaluation.identification import (
    NonMatedSource,
    choose_source,
    count_allowed,
    find_threshold,
    measure_cmc,
    measure_det,
    measure_fnir,
    measure_fpir,
    measure_operating_points,
    supports_target,
)
from semblance.evaluation.intervals import draw_weights, measure_rate
from semblance.evaluation.outcomes import UNRANKED, SearchOutcomes, fuse_references, tabulate_searches

MATRIX = [
    # a1   a2   b    c
    [0.2, 0.9, 0.3, 0.1],  # probe of a: its second reference is its best, rank 1
    [0.6, 0.1, 0.5, 0.4],  # probe of b: a is above, rank 2
    [0.1, 0.2, 0.3, 0.3],  # probe of c: tied with b, which counts against it, rank 2
    [0.4, 0.1, 0.7, 0.2],  # nobody's: 0.7 at best
    [0.1, 0.1, 0.2, 0.1],  # nobody's: 0.2 at best
]


def worked() -> SearchOutcomes:
    return tabulate_searches(
        MATRIX,
        probe_subjects=["a", "b", "a", "c", "x", "y", "z", "d"],
        extracted=[True, True, False, True, True, True, False, False],
        reference_subjects=["a", "a", "b", "c"],
        known_subjects=["a", "b", "c", "d"],
    )


def test_each_search_comes_to_what_was_worked_out_by_hand() -> None:
    found = worked()
    assert found.mated.tolist() == [True, True, True, True, False, False, False, True]
    assert found.mate_rank.tolist() == [1, 2, UNRANKED, 2, UNRANKED, UNRANKED, UNRANKED, UNRANKED]
    assert np.allclose(found.mate_score[[0, 1, 3]], [0.9, 0.5, 0.3])
    assert np.allclose(found.rival_score[[0, 1, 3, 4, 5]], [0.3, 0.6, 0.3, 0.7, 0.2])
    assert np.isneginf(found.rival_score[[2, 6, 7]]).all()


def test_fnir_counts_failures_and_subjects_without_template_as_misses() -> None:
    # Mated: a (rank 1), b (rank 2), a (no template), c (rank 2), d (not enrolled).
    found = worked()
    assert (measure_fnir(found).count, measure_fnir(found).of) == (4, 5)
    assert measure_fnir(found, rank=2).count == 2
    assert measure_fnir(found, rank=2, threshold=0.4).count == 3
    assert measure_fnir(found, rank=50).count == 2


def test_fpir_counts_a_failure_as_showing_nobody() -> None:
    found = worked()
    source = NonMatedSource.PROBES
    assert [measure_fpir(found, threshold=t, source=source).count for t in (-math.inf, 0.2, 0.5, 0.71)] == [2, 2, 1, 0]
    assert measure_fpir(found, threshold=0.5, source=source).of == 3


def test_a_threshold_is_the_lowest_that_lets_through_no_more_than_allowed() -> None:
    found = worked()
    threshold = find_threshold(found, allowed=1, source=NonMatedSource.PROBES)
    assert threshold == float(np.nextafter(np.float32(0.2), np.float32(1)))
    assert find_threshold(found, allowed=3, source=NonMatedSource.PROBES) == -math.inf
    assert measure_fpir(found, threshold=threshold, source=NonMatedSource.PROBES).count == 1


def test_only_rates_that_the_sample_can_show_are_reported() -> None:
    assert [count_allowed(target, 140) for target in (0.1, 0.05, 0.02, 0.01)] == [14, 7, 2, 1]
    assert [supports_target(target, 140) for target in (0.1, 0.05, 0.02, 0.01, 0.001)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert count_allowed(0.29, 100) == 29
    assert measure_operating_points(worked(), (0.1, 0.05), NonMatedSource.PROBES) == ()


def test_mates_are_taken_out_only_where_the_set_has_too_few_others() -> None:
    found = worked()
    assert choose_source(found, (0.05,)) is NonMatedSource.MATE_REMOVED
    assert choose_source(found, (0.7,)) is NonMatedSource.PROBES
    assert choose_source(found.select([]), (0.7,)) is NonMatedSource.NONE
    rate = measure_fpir(found, threshold=0.55, source=NonMatedSource.MATE_REMOVED)
    assert (rate.count, rate.of) == (2, 8)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ModelError, match="not a number"):
        tabulate_searches(
            [[math.nan]], probe_subjects=["a"], extracted=[True], reference_subjects=["a"], known_subjects=["a"]
        )


def test_an_empty_gallery_misses_everybody_and_shows_nobody() -> None:
    found = tabulate_searches(
        np.zeros((2, 0)), probe_subjects=["a", "x"], extracted=[True, True], reference_subjects=[], known_subjects=["a"]
    )
    assert measure_fnir(found).count == 1
    assert measure_fpir(found, threshold=-math.inf, source=NonMatedSource.PROBES).count == 0


def test_euclidean_scores_below_nought_are_ranked_the_same_way() -> None:
    found = tabulate_searches(
        [[-0.3, -0.8]], probe_subjects=["a"], extracted=[True], reference_subjects=["a", "b"], known_subjects=["a", "b"]
    )
    assert found.mate_rank.tolist() == [1]


def test_wilson_is_the_published_interval() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611.
    rate = measure_rate(81, 263)
    assert (round(rate.lower, 4), round(rate.upper, 4)) == (0.2553, 0.3662)
    assert round(measure_rate(0, 20).upper, 4) == 0.1611
    assert measure_rate(0, 0).value is None


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilson_holds_the_point_estimate(case: tuple[int, int]) -> None:
    rate = measure_rate(*case)
    assert rate.value is not None
    assert 0 <= rate.lower <= rate.value <= rate.upper <= 1


@st.composite
def searches(draw: st.DrawFn) -> SearchOutcomes:
    references = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8))
    probes = draw(st.lists(st.sampled_from("abcdefxyz"), min_size=1, max_size=10))
    extracted = draw(st.lists(st.booleans(), min_size=len(probes), max_size=len(probes)))
    count = sum(extracted) * len(references)
    # Few different values, so that ties are common.
    values = draw(st.lists(st.integers(-4, 4), min_size=count, max_size=count))
    matrix = np.asarray(values, dtype=np.float32).reshape(sum(extracted), len(references)) / 4
    return tabulate_searches(
        matrix, probe_subjects=probes, extracted=extracted, reference_subjects=references, known_subjects=references
    )


thresholds = st.floats(-1.5, 1.5, width=32)


@given(searches(), thresholds, thresholds)
def test_a_higher_threshold_never_misses_less_and_never_shows_more(
    found: SearchOutcomes, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert measure_fnir(found, threshold=low).count <= measure_fnir(found, threshold=high).count
    for source in NonMatedSource:
        low_rate, high_rate = (measure_fpir(found, threshold=t, source=source) for t in (low, high))
        assert low_rate.count >= high_rate.count


@given(searches(), st.integers(0, 10))
def test_a_threshold_never_lets_through_more_than_allowed(found: SearchOutcomes, allowed: int) -> None:
    for source in (NonMatedSource.PROBES, NonMatedSource.MATE_REMOVED):
        threshold = find_threshold(found, allowed=allowed, source=source)
        assert measure_fpir(found, threshold=threshold, source=source).count <= allowed


@settings(deadline=None, max_examples=30)
@given(searches())
def test_the_cumulative_match_curve_never_falls_and_lies_in_its_band(found: SearchOutcomes) -> None:
    points = measure_cmc(found, seed=3, ranks=9)
    values = [point.value for point in points]
    assert values == sorted(values)
    assert all(point.lower <= point.value <= point.upper for point in points)
    if points:
        assert values[0] == pytest.approx(1 - (measure_fnir(found).value or 0))


@settings(deadline=None, max_examples=30)
@given(searches(), st.randoms(use_true_random=False))
def test_the_order_of_probes_changes_nothing(found: SearchOutcomes, random: object) -> None:
    order = list(range(len(found)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = found.select(order)
    source = choose_source(found, (0.5,))
    assert measure_fnir(shuffled) == measure_fnir(found)
    for point, other in zip(measure_det(found, source, seed=5), measure_det(shuffled, source, seed=5), strict=True):
        assert (point.at, point.value, point.lower, point.upper) == pytest.approx(
            (other.at, other.value, other.lower, other.upper)
        )


@given(searches())
def test_the_order_of_references_changes_nothing(found: SearchOutcomes) -> None:
    scores = np.asarray(MATRIX, dtype=np.float32)
    names = ["b", "a", "c", "a"]
    forwards = fuse_references(scores, names)
    backwards = fuse_references(scores[:, ::-1], names[::-1])
    assert forwards[0] == backwards[0] == ("a", "b", "c")
    assert np.array_equal(forwards[1], backwards[1])


def test_the_detection_error_curve_passes_through_the_operating_points() -> None:
    rng = np.random.default_rng(1)
    subjects = [f"s{i}" for i in range(40)]
    probes = subjects + [f"x{i}" for i in range(100)]
    matrix = rng.normal(0, 1, (140, 40)).astype(np.float32)
    matrix[np.arange(40), np.arange(40)] += 3
    found = tabulate_searches(
        matrix, probe_subjects=probes, extracted=[True] * 140, reference_subjects=subjects, known_subjects=subjects
    )
    curve = {round(p.at, 6): p.value for p in measure_det(found, NonMatedSource.PROBES, seed=1)}
    for point in measure_operating_points(found, (0.1, 0.05, 0.02), NonMatedSource.PROBES):
        assert point.fpir.value is not None
        assert curve[round(point.fpir.value, 6)] == point.fnir.value
    assert min(curve) >= 0.02


def test_subjects_are_drawn_with_all_their_rows() -> None:
    weights = draw_weights(["a", "b", "a", "c"], seed=9)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()
    assert np.array_equal(weights, draw_weights(["a", "b", "a", "c"], seed=9))
