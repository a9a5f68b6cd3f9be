"""The operating point of a night: the score above which the policy's number of false candidates is expected."""

from datetime import UTC, datetime
from typing import Final

from semblance.cases.check import find_searchable
from semblance.cases.policy import Policy
from semblance.evaluation.calibration import Missing, NoCalibration, read_trials
from semblance.evaluation.operating_point import OperatingPoint, find_operating_point
from semblance.messages.message import Message
from semblance.store import calibrations, gallery
from semblance.store.calibrations import Calibration, OpenGallery
from semblance.store.engine import Transaction
from semblance.store.new_references import count_new
from semblance.terms.ids import AuthorityCode, PackDigest
from semblance.terms.permission import Purpose


def find_night_calibration(
    tx: Transaction, policy: Policy, authority: AuthorityCode, purpose: Purpose, pack: PackDigest, now: datetime
) -> Calibration | NoCalibration:
    """Return the calibration that holds now for what the purpose opens to the authority."""
    allowed = find_searchable(policy, purpose, authority, now.astimezone(UTC).date())
    open_now = count_new(tx, after=0, allowed=allowed)
    searched = OpenGallery(gallery.read_version(tx), open_now.references, allowed)
    found = calibrations.find_calibration(tx, authority, pack, purpose, searched=searched)
    if found is not None:
        return found
    earlier = calibrations.has_calibration(tx, authority, pack, purpose)
    return NoCalibration(Missing.CHANGED if earlier else Missing.NONE)


def set_threshold(calibration: Calibration, *, compared: int, wanted: float) -> OperatingPoint | NoCalibration:
    """Return above which score one search looks that is compared with so many people, where it may expect so much."""
    trials = read_trials(calibration.scores)
    return find_operating_point(trials, gallery=calibration.subjects, compared=compared, wanted=wanted)


def explain_uncalibrated(
    tx: Transaction, policy: Policy, authority: AuthorityCode, purpose: Purpose, pack: PackDigest, now: datetime
) -> Message | None:
    """Return why standing searches for a purpose do not run, where their operating point is not known; else None."""
    found = find_night_calibration(tx, policy, authority, purpose, pack, now)
    if not isinstance(found, NoCalibration):
        return None
    return _NOT_CALIBRATED[found.reason]


_NOT_CALIBRATED: Final = {
    Missing.NONE: Message(
        "standing.no-calibration",
        "no calibration of the gallery says above which score how many false candidates are expected; `semblance "
        "calibrate` makes one, and then what was enrolled meanwhile is compared, too",
    ),
    Missing.CHANGED: Message(
        "standing.calibration-old",
        "the gallery has changed too much since it was calibrated to say how many false candidates are expected; "
        "calibrate it again (`semblance calibrate`), and then what was enrolled meanwhile is compared, too",
    ),
}
