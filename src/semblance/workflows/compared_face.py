"""Which face of the original probe people compare: never one in prepared pixels."""

from semblance.audit.search_record import SearchRecord
from semblance.store.probes import StoredProbe
from semblance.terms.samples import FaceSample


def find_compared_face(stored: StoredProbe, record: SearchRecord) -> FaceSample | None:
    """Return the searched face in the original's pixels; None where none was searched.

    Where it was found in a prepared version only, it is that face, traced back.
    """
    if record.face is None:
        return None if record.prepared is None else record.prepared.original
    return next((one for one in stored.faces if one.ordinal == record.face), None)
