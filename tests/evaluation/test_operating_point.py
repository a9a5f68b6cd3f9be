"""Above which score how many false candidates are expected: held to galleries of made-up scores."""

import numpy as np
import pytest

from semblance.evaluation.calibration import Missing, NoCalibration
from semblance.evaluation.operating_point import OperatingPoint, find_operating_point


@pytest.mark.parametrize(("people", "compared", "wanted"), [(2000, 50, 0.05), (2000, 2000, 5.0), (500, 100, 0.2)])
def test_about_as_many_come_as_are_expected(people: int, compared: int, wanted: float) -> None:
    chance = np.random.default_rng(7)
    trials = chance.normal(size=(3000, people)).max(axis=1)
    point = find_operating_point(trials, gallery=people, compared=compared, wanted=wanted)
    assert isinstance(point, OperatingPoint)
    assert point.supported
    assert point.expected <= wanted
    came = (chance.normal(size=(2000, compared)) >= point.threshold).sum() / 2000
    assert came == pytest.approx(point.expected, rel=0.25)
    assert came == pytest.approx(wanted, rel=0.3)


def test_what_no_trial_tells_is_not_looked_at() -> None:
    trials = np.linspace(0, 1, 50, dtype=np.float32)
    point = find_operating_point(trials, gallery=50, compared=50, wanted=0.001)
    assert isinstance(point, OperatingPoint)
    assert (point.supported, point.expected) == (False, 0.0)
    assert point.threshold > 1.0
    lenient = find_operating_point(trials, gallery=50, compared=1, wanted=1000)
    assert isinstance(lenient, OperatingPoint)
    assert 0.0 < lenient.threshold < 0.1
    assert find_operating_point(trials[:19], gallery=50, compared=50, wanted=1) == NoCalibration(Missing.FEW_TRIALS)
