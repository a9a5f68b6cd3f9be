"""What a score means, as messages: each a whole sentence with named parts, so that it can be translated."""

import math
from collections.abc import Callable
from typing import Final

from semblance.evaluation.calibration import FARTHEST_SIZE, FEWEST_TRIALS, Missing, NoCalibration, ScoreMeaning
from semblance.messages.message import Message

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
