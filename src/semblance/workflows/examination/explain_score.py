"""Say what the scores of candidates mean, by the calibration that holds for what was open to their search."""

from collections.abc import Callable

from semblance.audit.search_record import SearchRecord
from semblance.cases.check import find_searchable
from semblance.cases.policy import Policy
from semblance.evaluation.calibration import Missing, NoCalibration, ScoreMeaning, interpret_score, read_trials
from semblance.store import calibrations
from semblance.store.calibrations import OpenGallery
from semblance.store.engine import Transaction
from semblance.terms.permission import Purpose

Explain = Callable[[float], ScoreMeaning | NoCalibration]
"""Says what a score of one search means."""


def explain_scores(tx: Transaction, policy: Policy, record: SearchRecord, *, photos: int = 1) -> Explain:
    """Return what says how often a search like the recorded one, for somebody not in the gallery, shows such a score.

    The newest calibration of the searching authority is taken that was made with the same pack, for the same purpose,
    and of nearly the same references, counted only among those that are open to the search. ``photos``: how many photos
    of the unknown person the search joined. Whoever may see the score may see this: it is no act of its own and leaves
    no entry.
    """
    if record.pack is None:
        return _say_nothing(Missing.NOT_SEARCHED)
    if photos > 1:
        return _say_nothing(Missing.SEVERAL_PHOTOS)
    purpose = Purpose(record.purpose)
    which = record.authority, record.pack, purpose
    allowed = find_searchable(policy, purpose, record.authority, record.when.date())
    searched = OpenGallery(record.gallery_version, record.gallery_references, allowed)
    found = calibrations.find_calibration(tx, *which, searched=searched)
    if found is None:
        earlier = calibrations.has_calibration(tx, *which)
        return _say_nothing(Missing.CHANGED if earlier else Missing.NONE)
    trials = read_trials(found.scores)
    return lambda score: interpret_score(score, trials, gallery=found.subjects, subjects=record.gallery_subjects)


def _say_nothing(why: Missing) -> Explain:
    return lambda _score: NoCalibration(why)
