"""What a score means: laws that hold for every sample, and how often the interval holds the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semblance.evaluation.calibration import (
    FEWEST_TRIALS,
    LEAST_TRIALS_ABOVE,
    NOTHING,
    SHIFT_SPREAD,
    Missing,
    NoCalibration,
    ScoreMeaning,
    bound_share,
    describe_score,
    interpret_score,
    read_trials,
)

numbers = st.floats(-2.0, 1.0, width=32)
samples = st.lists(numbers, min_size=FEWEST_TRIALS, max_size=200)


def explain(score: float, trials: list[float], *, gallery: int = 0, subjects: int = 0) -> ScoreMeaning:
    size = gallery or len(trials)
    meaning = interpret_score(score, trials, gallery=size, subjects=subjects or size)
    assert isinstance(meaning, ScoreMeaning)
    return meaning


@given(samples, numbers, numbers, st.floats(0.5, 2.0))
def test_a_higher_score_is_never_more_frequent(trials: list[float], one: float, other: float, ratio: float) -> None:
    subjects = round(ratio * 1000)
    low = explain(min(one, other), trials, gallery=1000, subjects=subjects)
    high = explain(max(one, other), trials, gallery=1000, subjects=subjects)
    assert high.frequency <= low.frequency
    assert high.lower <= low.lower
    assert high.upper <= low.upper
    assert high.supported <= low.supported


@given(samples, numbers, st.floats(0.5, 2.0))
def test_the_interval_holds_the_estimate_and_never_claims_certainty(
    trials: list[float], score: float, ratio: float
) -> None:
    meaning = explain(score, trials, gallery=1000, subjects=round(ratio * 1000))
    assert 0.0 <= meaning.lower <= meaning.frequency <= meaning.upper <= 1.0
    assert meaning.upper > 0.0
    assert meaning.lower < 1.0
    sentence = str(describe_score(meaning))
    assert "{" not in sentence


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0.0, 2.0))
def test_more_above_is_never_less_frequent_and_spread_only_widens(above: int, trials: int, spread: float) -> None:
    above = min(above, trials)
    narrow = bound_share(above, trials, gallery=1000, spread=0.0)
    wide = bound_share(above, trials, gallery=1000, spread=spread)
    fewer = bound_share(above - 1, trials, gallery=1000, spread=spread)
    assert wide[0] <= narrow[0] + 1e-12
    assert narrow[1] <= wide[1] + 1e-12
    assert fewer[0] <= wide[0]
    assert fewer[1] <= wide[1]


@given(samples, numbers)
def test_a_larger_gallery_shows_such_a_candidate_more_often(trials: list[float], score: float) -> None:
    here = explain(score, trials, gallery=1000)
    larger = explain(score, trials, gallery=1000, subjects=2000)
    smaller = explain(score, trials, gallery=1000, subjects=500)
    assert smaller.frequency <= here.frequency <= larger.frequency
    assert (here.converted, larger.converted, smaller.converted) == (False, True, True)
    # twice as many people: the share of searches in which neither half shows one
    assert 1 - larger.frequency == pytest.approx((1 - here.frequency) ** 2)


@pytest.mark.parametrize("share", [0.3, 0.1, 0.05, 0.02])
def test_the_interval_covers_the_truth_in_19_of_20_calibrations(share: float) -> None:
    random = np.random.default_rng(20251)
    runs, trials = 2000, 500
    threshold = float(np.float32(-math.log(share)))
    held = plain = 0
    for _ in range(runs):
        scores = random.exponential(size=trials).astype(np.float32)
        above = int((scores >= np.float32(threshold)).sum())
        lower, upper = bound_share(above, trials, gallery=100_000, spread=0.0)
        plain += lower <= share <= upper
        # the searched photos come from another source, whose rate lies elsewhere
        odds = math.log(share / (1 - share)) + random.normal(0.0, SHIFT_SPREAD)
        lower, upper = bound_share(above, trials, gallery=100_000, spread=SHIFT_SPREAD)
        held += lower <= 1 / (1 + math.exp(-odds)) <= upper
    error = 3 * math.sqrt(0.95 * 0.05 / runs)
    assert plain / runs >= 0.95 - error
    assert held / runs >= 0.95 - error


def test_trials_that_are_each_others_best_rivals_come_in_pairs() -> None:
    random = np.random.default_rng(7)
    runs, pairs, held = 2000, 100, 0
    for _ in range(runs):
        # many shares, because the counts of one are so coarse that Wilson's interval is now too wide, now too narrow
        share = random.uniform(0.02, 0.5)
        above = 2 * int((random.random(pairs) < share).sum())
        lower, upper = bound_share(above, 2 * pairs, gallery=2 * pairs, spread=0.0)
        held += lower <= share <= upper
    assert held / runs >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)


def test_beyond_the_highest_trials_only_a_bound_is_told() -> None:
    trials = [float(n) for n in range(1000)]
    for reached in range(LEAST_TRIALS_ABOVE):
        meaning = explain(1000.0 - reached, trials, gallery=100_000)
        assert (meaning.supported, meaning.one_in, meaning.one_in_high) == (False, None, None)
        # the rule of three: never rarer than 3 in the number of trials
        assert meaning.one_in_low < 1000 / 3
        assert "less often than 1 time in" in str(describe_score(meaning))
    named = explain(1000.0 - LEAST_TRIALS_ABOVE, trials, gallery=100_000)
    assert named.supported
    assert named.one_in == pytest.approx(1000 / 3)


def test_sentences() -> None:
    trials = [float(n) for n in range(1000)]
    sized = {"gallery": 3200, "subjects": 3200}
    assert str(describe_score(explain(975.0, trials, **sized))) == (
        "In a gallery of 3\N{NARROW NO-BREAK SPACE}200 people, a search for someone who is not in it would show a "
        "candidate this strong about 1 time in 40 (95 % interval: 1 in 8.1 to 1 in 190)."
    )
    often = str(describe_score(explain(300.0, trials, **sized)))
    assert "about 70 of 100 searches" in often
    assert "says very little" in often
    converted = str(describe_score(explain(975.0, trials, gallery=3200, subjects=3201)))
    assert converted.endswith("The calibration was made in a gallery of another size and converted to this one.")
    assert "3\N{NARROW NO-BREAK SPACE}200" not in converted


def test_what_cannot_be_said_is_said() -> None:
    trials = [0.5] * FEWEST_TRIALS
    cases = {
        Missing.FEW_TRIALS: interpret_score(0.5, trials[1:], gallery=100, subjects=100),
        Missing.OTHER_SIZE: interpret_score(0.5, trials, gallery=100, subjects=201),
    }
    assert interpret_score(0.5, trials, gallery=100, subjects=49) == cases[Missing.OTHER_SIZE]
    assert interpret_score(0.5, trials, gallery=100, subjects=0) == cases[Missing.OTHER_SIZE]
    for reason, found in cases.items():
        assert found == NoCalibration(reason)
        assert describe_score(found) == NOTHING[reason]
    assert set(NOTHING) == set(Missing)


def test_stored_trials_are_read_as_they_were_written() -> None:
    written = np.asarray([0.25, -1.5, 1e-7], dtype="<f4")
    assert read_trials(written.tobytes()).tolist() == written.tolist()
    # a score that equals a trial has been reached by it
    assert explain(float(written[2]), [*written.tolist()] * 10).frequency == pytest.approx(2 / 3)
