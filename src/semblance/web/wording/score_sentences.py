"""What ``evaluation.score_words`` says of a score, marked for translation; a page hands ``_`` to it."""

from typing import Final

from semblance.web.wording.language import N_

SCORE_SENTENCES: Final = (
    N_(
        "In a gallery of {subjects} people, a search for someone who is not in it would show a candidate this strong "
        "about 1 time in {k} (95 % interval: 1 in {low} to 1 in {high})."
    ),
    N_(
        "In a gallery of {subjects} people, about {share} of 100 searches for someone who is not in it would show a "
        "candidate this strong (95 % interval: {lower} to {upper}). By itself this score says very little."
    ),
    N_(
        "In a gallery of {subjects} people, a search for someone who is not in it would show a candidate this strong "
        "less often than 1 time in {low}. The calibration has {trials} trials and cannot show how much less often."
    ),
    N_("The calibration was made in a gallery of another size and converted to this one."),
    N_(
        "This rests on {trials} trials: photos of people in the gallery, each searched among everybody else. The "
        "interval allows for a searched photo that is unlike them. It is not the probability that two photos show the "
        "same person."
    ),
    N_("There is no calibration for this gallery and model pack, so that nothing can be said of the score."),
    N_("The gallery has changed too much since it was calibrated, so that nothing can be said of the score."),
    N_("The calibration has fewer than 20 trials, so that nothing can be said of the score."),
    N_(
        "The calibrated gallery was more than 2 times larger or smaller than the one that was searched, so that "
        "nothing can be said of the score."
    ),
    N_(
        "The search joined several photos, and calibrations are made of searches with one, so that nothing can be said "
        "of the score."
    ),
    N_("Nothing was searched, so that there is no score to explain."),
)
