"""What a comparison score means: how often a search for somebody who is not in the gallery shows one this high.

A trial is the highest score of such a search: a reference of one subject against all other subjects. The share of
trials at or above a score estimates FPIR(N, T) (ISO/IEC 19795-1), one trial a subject.

Three things make the interval wider than that of a plain share. Trials of one gallery are not independent: two subjects
who look alike are each other's best candidate, so that in the worst case trials come in pairs. Photos that are searched
are not photos of the gallery: how far the two rates lie apart was measured (``SHIFT_SPREAD``), and is added as the
variance between sets is in a random-effects model (DerSimonian and Laird, 1986), in log odds. And nothing is said of
scores that hardly a trial reached, beyond that they are rarer.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.evaluation.intervals import Z
from semblance.messages.message import Message

SHIFT_SPREAD: Final = 0.8
"""Standard deviation, in log odds, of the rate of searched photos about that of the trials; docs/measurements.md."""

LEAST_TRIALS_ABOVE: Final = 3
"""A frequency is named only where so many trials reached the score."""

FEWEST_TRIALS: Final = 20
"""With fewer trials a score means nothing that could be said."""

FARTHEST_SIZE: Final = 2.0
"""A search among so many times more or fewer subjects than the trials is not explained by them."""


@dataclass(frozen=True, slots=True)
class ScoreMeaning:
    """How often a search among ``subjects`` for somebody not among them shows a candidate at least this strong.

    ``frequency`` with its 95 % interval ``lower`` to ``upper``, all shares of such searches. ``supported`` is False
    where fewer than LEAST_TRIALS_ABOVE of the ``trials`` reached the score; then only ``upper`` may be told.
    ``converted``: the trials were made in a gallery of another size, ``gallery`` subjects.
    """

    subjects: int
    frequency: float
    lower: float
    upper: float
    trials: int
    gallery: int
    supported: bool
    converted: bool

    @property
    def one_in(self) -> float | None:
        """Return the k of "1 time in k", None where no frequency is supported."""
        return 1.0 / self.frequency if self.supported else None

    @property
    def one_in_low(self) -> float:
        """Return the k of the interval's upper end: the score is at least this rare."""
        return 1.0 / self.upper

    @property
    def one_in_high(self) -> float | None:
        """Return the k of the interval's lower end, None where no frequency is supported."""
        return 1.0 / self.lower if self.supported and self.lower > 0 else None


class Missing(StrEnum):
    """Why nothing can be said of a score."""

    NONE = "none"
    CHANGED = "changed"
    FEW_TRIALS = "few-trials"
    OTHER_SIZE = "other-size"
    SEVERAL_PHOTOS = "several-photos"
    NOT_SEARCHED = "not-searched"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class NoCalibration:
    """There is nothing to say what a score means, and why."""

    reason: Missing


def read_trials(scores: bytes) -> NDArray[np.float32]:
    """Return the trials that are stored as little-endian float32."""
    return np.frombuffer(scores, dtype="<f4").astype(np.float32)


def interpret_score(
    score: float,
    trials: Sequence[float] | NDArray[np.float32],
    *,
    gallery: int,
    subjects: int,
    spread: float | None = None,
) -> ScoreMeaning | NoCalibration:
    """Return what a score of a search among ``subjects`` means by trials made among ``gallery`` subjects.

    ``spread`` is the standard deviation in log odds for the difference between the trials' photos and the searched one;
    None for SHIFT_SPREAD, 0 where both are of one kind. For another size the share p becomes 1 - (1 - p)^(n/N): every
    subject is as likely as any other to be the candidate.
    """
    scores = np.asarray(trials, dtype=np.float32)
    if len(scores) < FEWEST_TRIALS:
        return NoCalibration(Missing.FEW_TRIALS)
    if subjects < 1 or not 1 / FARTHEST_SIZE <= subjects / gallery <= FARTHEST_SIZE:
        return NoCalibration(Missing.OTHER_SIZE)
    above = int(np.count_nonzero(scores >= np.float32(score)))
    share = above / len(scores)
    lower, upper = bound_share(above, len(scores), gallery=gallery, spread=SHIFT_SPREAD if spread is None else spread)
    ratio = subjects / gallery
    return ScoreMeaning(
        subjects=subjects,
        frequency=_convert(share, ratio),
        lower=_convert(lower, ratio),
        upper=_convert(upper, ratio),
        trials=len(scores),
        gallery=gallery,
        supported=above >= LEAST_TRIALS_ABOVE,
        converted=subjects != gallery,
    )


def bound_share(above: int, trials: int, *, gallery: int, spread: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of trials among ``gallery`` subjects, widened by ``spread`` in log odds.

    Wilson's interval over the number of independent trials that these are worth at least, its two halves each joined
    in quadrature with the spread.
    """
    share = above / trials
    worth = trials / (1.0 + (trials - 1) / max(gallery - 1, trials - 1, 1))
    square = Z * Z
    centre = (share * worth + square / 2) / (worth + square)
    half = Z / (worth + square) * math.sqrt(worth * share * (1 - share) + square / 4)
    low, high = max(centre - half, 0.0), min(centre + half, 1.0)
    middle, added = _logit(centre), Z * spread
    lower = _expit(middle - math.hypot(middle - _logit(low), added)) if above else 0.0
    upper = _expit(middle + math.hypot(_logit(high) - middle, added)) if above < trials else 1.0
    return min(lower, share), max(upper, share)


def _convert(share: float, ratio: float) -> float:
    return share if ratio == 1.0 else -math.expm1(ratio * math.log1p(-share)) if share < 1.0 else 1.0


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share) if 0.0 < share < 1.0 else math.copysign(math.inf, share - 0.5)


def _expit(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds)) if odds > -700 else 0.0


NOTHING: Final = {
    Missing.NONE: Message(
        "score.no-calibration",
        "There is no calibration for this gallery and model pack, so that nothing can be said of the score.",
    ),
    Missing.CHANGED: Message(
        "score.gallery-changed",
        "The gallery has changed too much since it was calibrated, so that nothing can be said of the score.",
    ),
    Missing.FEW_TRIALS: Message(
        "score.few-trials",
        "The calibration has fewer than {n} trials, so that nothing can be said of the score.",
        n=FEWEST_TRIALS,
    ),
    Missing.OTHER_SIZE: Message(
        "score.other-size",
        "The calibrated gallery was more than {n:g} times larger or smaller than the one that was searched, so that "
        "nothing can be said of the score.",
        n=FARTHEST_SIZE,
    ),
    Missing.SEVERAL_PHOTOS: Message(
        "score.several-photos",
        "The search joined several photos, and calibrations are made of searches with one, so that nothing can be said "
        "of the score.",
    ),
    Missing.STANDING: Message(
        "score.of-standing-search",
        "A standing search compares only what is new, and calibrations are made of searches of the whole gallery, so "
        "that nothing can be said of the score.",
    ),
    Missing.NOT_SEARCHED: Message("score.not-searched", "Nothing was searched, so that there is no score to explain."),
}
_OFTEN_FROM: Final = 0.5


def describe_score(meaning: ScoreMeaning | NoCalibration) -> Message:
    """Return what is said of a score: one sentence or two.

    Nothing finer than two digits is said; the ends of the interval are rounded outwards.
    """
    if isinstance(meaning, NoCalibration):
        return NOTHING[meaning.reason]
    sentence = _describe_frequency(meaning)
    if not meaning.converted:
        return sentence
    return Message(
        "score.converted",
        "{sentence} The calibration was made in a gallery of another size and converted to this one.",
        sentence=sentence,
    )


def _describe_frequency(meaning: ScoreMeaning) -> Message:
    subjects, low = _space(meaning.subjects), _round(meaning.one_in_low, math.floor)
    if meaning.one_in is None or meaning.one_in_high is None:
        return Message(
            "score.rare",
            "In a gallery of {subjects} people, a search for someone who is not in it would show a candidate this "
            "strong less often than 1 time in {low}. The calibration has {trials} trials and cannot show how much less "
            "often.",
            subjects=subjects,
            low=low,
            trials=_space(meaning.trials),
        )
    if meaning.frequency > _OFTEN_FROM:
        return Message(
            "score.often",
            "In a gallery of {subjects} people, about {share} of 100 searches for someone who is not in it would show "
            "a candidate this strong (95 % interval: {lower} to {upper}). By itself this score says very little.",
            subjects=subjects,
            share=round(100 * meaning.frequency),
            lower=math.floor(100 * meaning.lower),
            upper=math.ceil(100 * meaning.upper),
        )
    return Message(
        "score.about",
        "In a gallery of {subjects} people, a search for someone who is not in it would show a candidate this strong "
        "about 1 time in {k} (95 % interval: 1 in {low} to 1 in {high}).",
        subjects=subjects,
        k=_round(meaning.one_in, round),
        low=low,
        high=_round(meaning.one_in_high, math.ceil),
    )


def _round(value: float, direction: Callable[[float], float]) -> str:
    """Return the number with two digits, rounded in the direction; 1 and 10 stay whole."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    # the quotient of a value that is whole already must not be pushed over by the last bit of a division
    rounded = direction(round(value / step, 6)) * step
    return f"{rounded:.1f}".removesuffix(".0") if rounded < 10 else _space(round(rounded))


def _space(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
