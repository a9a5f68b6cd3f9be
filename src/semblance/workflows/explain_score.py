"""Say what the score of a candidate means, by the calibration that holds for the gallery that was searched."""

from semblance.audit.search_record import SearchRecord
from semblance.evaluation.calibration import Missing, NoCalibration, ScoreMeaning, interpret_score, read_trials
from semblance.store import calibrations
from semblance.store.engine import Transaction
from semblance.terms.purpose import Purpose


def explain_score(
    tx: Transaction, record: SearchRecord, score: float, *, photos: int = 1
) -> ScoreMeaning | NoCalibration:
    """Return how often a search like the recorded one, for somebody not in the gallery, shows such a score.

    The newest calibration of the searching authority is taken that was made with the same pack, for the same purpose,
    in a gallery that had nearly the same references. ``photos``: how many photos of the unknown person the search
    joined. Whoever may see the score may see this: it is no act of its own and leaves no entry.
    """
    if record.pack is None:
        return NoCalibration(Missing.NOT_SEARCHED)
    if photos > 1:
        return NoCalibration(Missing.SEVERAL_PHOTOS)
    which = record.authority, record.pack, Purpose(record.purpose)
    found = calibrations.find_calibration(tx, *which, gallery_version=record.gallery_version)
    if found is None:
        earlier = calibrations.has_calibration(tx, *which)
        return NoCalibration(Missing.CHANGED if earlier else Missing.NONE)
    return interpret_score(score, read_trials(found.scores), gallery=found.subjects, subjects=record.gallery_subjects)
