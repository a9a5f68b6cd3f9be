"""Above which score so many false candidates are expected, by the trials of a calibration.

A calibration tells how often a search among N people, for somebody not among them, shows a score at least so high. If
every person is as likely as any other to be that candidate, such scores come at a rate of -ln(1 - p) / N a comparison
with one person, and so many comparisons are expected to show that many times as many. Photos that are searched are not
photos of the gallery, and people who are enrolled together are not drawn by chance: the true number may be several
times higher or lower.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semblance.evaluation.calibration import FEWEST_TRIALS, LEAST_TRIALS_ABOVE, Missing, NoCalibration


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What is looked at: scores at or above ``threshold``; ``expected`` false candidates by the trials.

    ``supported`` is False where fewer trials than can be trusted reached it: then ``expected`` may be far too low.
    """

    threshold: float
    expected: float
    supported: bool


def find_operating_point(
    trials: Sequence[float] | NDArray[np.float32], *, gallery: int, compared: int, wanted: float
) -> OperatingPoint | NoCalibration:
    """Return the lowest score above which at most ``wanted`` false candidates are expected among ``compared`` people.

    ``trials`` were made among ``gallery`` people. Where they cannot tell so rare a score, nothing is looked at that
    any trial reached.
    """
    scores = np.sort(np.asarray(trials, dtype=np.float32))[::-1]
    if len(scores) < FEWEST_TRIALS:
        return NoCalibration(Missing.FEW_TRIALS)
    share = -math.expm1(-wanted * gallery / max(compared, 1))
    above = min(int(share * len(scores)), len(scores) - 1)
    # beyond the first score that one trial too many reached
    threshold = np.nextafter(scores[above], np.float32(np.inf))
    reached = int(np.count_nonzero(scores >= threshold))
    expected = abs(math.log1p(-reached / len(scores))) * compared / gallery
    return OperatingPoint(float(threshold), expected, reached >= LEAST_TRIALS_ABOVE)
