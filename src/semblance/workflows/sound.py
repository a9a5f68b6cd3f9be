"""Bad input never reaches the store: every fault of a record is said at once, and nothing is changed."""

from semblance.errors import RecordFaulty
from semblance.gallery.record_faults import Fault


def require_sound(faults: tuple[Fault, ...]) -> None:
    """Raise RecordFaulty with every fault, unless there is none."""
    if faults:
        sentences = tuple(str(fault) for fault in faults)
        raise RecordFaulty(f"The record cannot be taken: {'; '.join(sentences)}. Nothing was changed.", sentences)
