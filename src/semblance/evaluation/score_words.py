"""What a score means, in sentences; each is a whole pattern with named parts, so that it can be translated."""

import math
from collections.abc import Callable
from typing import Final

from semblance.evaluation.calibration import FARTHEST_SIZE, FEWEST_TRIALS, Missing, NoCalibration, ScoreMeaning

ABOUT: Final = (
    "In a gallery of {subjects} people, a search for someone who is not in it would show a candidate this strong "
    "about 1 time in {k} (95 % interval: 1 in {low} to 1 in {high})."
)
OFTEN: Final = (
    "In a gallery of {subjects} people, about {share} of 100 searches for someone who is not in it would show a "
    "candidate this strong (95 % interval: {lower} to {upper}). By itself this score says very little."
)
RARE: Final = (
    "In a gallery of {subjects} people, a search for someone who is not in it would show a candidate this strong less "
    "often than 1 time in {low}. The calibration has {trials} trials and cannot show how much less often."
)
CONVERTED: Final = "The calibration was made in a gallery of another size and converted to this one."
BASIS: Final = (
    "This rests on {trials} trials: photos of people in the gallery, each searched among everybody else. The interval "
    "allows for a searched photo that is unlike them. It is not the probability that two photos show the same person."
)
NOTHING: Final[dict[Missing, str]] = {
    Missing.NONE: "There is no calibration for this gallery and model pack, so that nothing can be said of the score.",
    Missing.CHANGED: "The gallery has changed too much since it was calibrated, so that nothing can be said of the "
    "score.",
    Missing.FEW_TRIALS: f"The calibration has fewer than {FEWEST_TRIALS} trials, so that nothing can be said of the "
    "score.",
    Missing.OTHER_SIZE: f"The calibrated gallery was more than {FARTHEST_SIZE:g} times larger or smaller than the one "
    "that was searched, so that nothing can be said of the score.",
    Missing.SEVERAL_PHOTOS: "The search joined several photos, and calibrations are made of searches with one, so that "
    "nothing can be said of the score.",
    Missing.NOT_SEARCHED: "Nothing was searched, so that there is no score to explain.",
}

Translate = Callable[[str], str]
_OFTEN_FROM: Final = 0.5


def say_score(meaning: ScoreMeaning | NoCalibration, translate: Translate = str) -> str:
    """Return what is said of a score: one sentence or two.

    ``translate`` is given each pattern as it stands in this module, before its parts are put in. Nothing finer than two
    digits is said; the ends of the interval are rounded outwards.
    """
    if isinstance(meaning, NoCalibration):
        return translate(NOTHING[meaning.reason])
    said = translate(_choose_pattern(meaning)).format_map(_list_parts(meaning))
    return f"{said} {translate(CONVERTED)}" if meaning.converted else said


def say_basis(meaning: ScoreMeaning, translate: Translate = str) -> str:
    """Return what the sentence rests on, and what it is not."""
    return translate(BASIS).format(trials=_space(meaning.trials))


def _choose_pattern(meaning: ScoreMeaning) -> str:
    if not meaning.supported:
        return RARE
    return OFTEN if meaning.frequency > _OFTEN_FROM else ABOUT


def _list_parts(meaning: ScoreMeaning) -> dict[str, str]:
    return {
        "subjects": _space(meaning.subjects),
        "trials": _space(meaning.trials),
        "k": _round(1 / meaning.frequency, round) if meaning.frequency else "",
        "low": _round(meaning.one_in_low, math.floor),
        "high": "" if meaning.one_in_high is None else _round(meaning.one_in_high, math.ceil),
        "share": str(round(100 * meaning.frequency)),
        "lower": str(math.floor(100 * meaning.lower)),
        "upper": str(math.ceil(100 * meaning.upper)),
    }


def _round(value: float, direction: Callable[[float], float]) -> str:
    """Return the number with two digits, rounded in the direction; 1 and 10 stay whole."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    # the quotient of a value that is whole already must not be pushed over by the last bit of a division
    rounded = direction(round(value / step, 6)) * step
    return f"{rounded:.1f}".removesuffix(".0") if rounded < 10 else _space(round(rounded))


def _space(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
