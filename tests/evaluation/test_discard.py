import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semblance.evaluation.discard import (
    DiscardCurve,
    count_discarded,
    measure_discard,
    order_by_quality,
    weigh_measures,
)
from semblance.evaluation.identification import measure_fnir
from semblance.evaluation.outcomes import UNRANKED, SearchOutcomes


def make_searches(missed: Sequence[bool], *, extracted: Sequence[bool] | None = None) -> SearchOutcomes:
    size = len(missed)
    gone = np.asarray(missed)
    return SearchOutcomes(
        tuple(f"s{i}" for i in range(size)),
        np.ones(size, dtype=np.bool_),
        np.ones(size, dtype=np.bool_) if extracted is None else np.asarray(extracted),
        np.where(gone, 0.1, 0.9).astype(np.float32),
        np.where(gone, UNRANKED, 1).astype(np.int64),
        np.full(size, 0.2, dtype=np.float32),
    )


def discard(found: SearchOutcomes, quality: Sequence[int]) -> DiscardCurve | None:
    return measure_discard(
        found, quality, [f"k{i}" for i in range(len(quality))], scope="all", threshold=None, target=None, seed=1
    )


def test_refusing_the_worst_tenth_by_a_perfect_score_removes_those_misses() -> None:
    # 20 searches, 4 missed; the two worst qualities are two of them: 4 of 20 becomes 2 of 18.
    quality = [5, 6, *range(50, 68)]
    missed = [True, True] + [False] * 16 + [True, True]
    curve = discard(make_searches(missed), quality)
    assert curve is not None
    tenth = next(reduction for reduction in curve.reductions if reduction.fraction == 0.10)
    assert (tenth.before.count, tenth.before.of, tenth.after.count, tenth.after.of) == (4, 20, 2, 18)
    assert tenth.value == pytest.approx(1 - (2 / 18) / (4 / 20))
    assert tenth.lower is not None
    assert tenth.upper is not None
    assert tenth.value is not None
    assert tenth.lower <= tenth.value <= tenth.upper
    point = curve.points[10]
    assert (point.discarded, point.lowest_kept) == (2, 50)
    assert point.ideal == pytest.approx(2 / 18)


def test_probes_without_quality_are_refused_first_and_counted() -> None:
    found = make_searches([False] * 9 + [True], extracted=[True] * 9 + [False])
    curve = discard(found, [*range(40, 49), -1])
    assert curve is not None
    tenth = curve.reductions[1]
    assert (tenth.after.count, tenth.of_failures, tenth.value) == (0, 1, 1.0)


def test_nothing_missed_leaves_nothing_to_fall() -> None:
    curve = discard(make_searches([False] * 10), list(range(10)))
    assert curve is not None
    assert [reduction.value for reduction in curve.reductions] == [None, None, None]


def test_no_quality_gives_no_curve() -> None:
    assert discard(make_searches([False, True]), [-1, -1]) is None
    assert discard(make_searches([]), []) is None


def test_counts_are_whole_and_never_above_the_fraction() -> None:
    assert [count_discarded(f, 74) for f in (0, 0.05, 0.1, 0.2)] == [0, 3, 7, 14]
    assert count_discarded(0.29, 100) == 29


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.integers(-1, 5)), min_size=1, max_size=30))
def test_discarding_nothing_is_the_plain_rate(rows: list[tuple[bool, int]]) -> None:
    found = make_searches([missed for missed, _ in rows])
    curve = discard(found, [quality for _, quality in rows])
    if curve is not None:
        assert curve.points[0].fnir == measure_fnir(found, threshold=-math.inf)
        assert all(p.fnir.value is None or p.ideal <= p.fnir.value + 1e-12 for p in curve.points)


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_ties_are_broken_by_key_and_not_by_place(quality: list[int], random: object) -> None:
    keys = [f"k{i}" for i in range(len(quality))]
    order = list(range(len(quality)))
    random.shuffle(order)  # type: ignore[attr-defined]
    plain = [keys[i] for i in order_by_quality(quality, keys)]
    shuffled_keys = [keys[i] for i in order]
    shuffled = [shuffled_keys[i] for i in order_by_quality([quality[i] for i in order], shuffled_keys)]
    assert plain == shuffled
    assert [quality[keys.index(key)] for key in plain] == sorted(quality)


def test_a_measure_that_orders_the_scores_correlates_fully_and_a_constant_one_not_at_all() -> None:
    size = 30
    found = make_searches([False] * size)
    found.mate_score[:] = np.linspace(0.1, 0.9, size)
    scalars = [
        {"UnifiedQualityScore": i, "Sharpness": 100 - i, "SingleFacePresent": 100, "HeadSize": 50 if i < 4 else -1}
        for i in range(size)
    ]
    weights = {
        subject.measure: subject
        for subject in weigh_measures(found, scalars, [f"k{i}" for i in range(size)], threshold=-math.inf, seed=2)
    }
    assert weights["UnifiedQualityScore"].correlation == pytest.approx(1)
    assert weights["UnifiedQualityScore"].weight is None
    assert weights["Sharpness"].correlation == pytest.approx(-1)
    assert (weights["Sharpness"].weight or 0) < 0
    assert weights["SingleFacePresent"].correlation is None
    assert weights["SingleFacePresent"].why == "the same (100) for every probe"
    assert weights["HeadSize"].why == "assessed on 4 probes only; 10 are needed"
    assert "LuminanceMean" not in weights


def test_a_measure_that_hardly_varies_gets_no_false_certainty() -> None:
    size = 40
    found = make_searches([False] * size)
    found.mate_score[:] = np.random.default_rng(4).uniform(0.1, 0.9, size)
    scalars = [{"HeadPosePitch": 99 if i == 7 else 100} for i in range(size)]
    (weight,) = weigh_measures(found, scalars, [f"k{i}" for i in range(size)], threshold=-math.inf, seed=2)
    assert weight.lower is not None
    assert weight.upper is not None
    assert -0.9 < weight.lower <= weight.upper < 0.9
