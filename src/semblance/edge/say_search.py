"""What was particular about a search, in words: a prepared version, several photos, a narrowed gallery."""

from semblance.audit.search_record import PreparedFace, SearchRecord
from semblance.terms.narrowing import EVERYBODY


def say_particulars(record: SearchRecord) -> tuple[tuple[str, str], ...]:
    """Return names and values for what was particular; nothing for a plain search of one original photo."""
    said = []
    if record.prepared is not None:
        said.append(("Prepared", say_prepared(record.prepared)))
    for one in record.also:
        words = one.name if one.face is None else f"{one.name}, face {one.face}"
        if one.prepared is not None:
            words = f"{one.name}; prepared: {say_prepared(one.prepared)}"
        said.append(("Searched together with", words))
    if record.narrowed != EVERYBODY:
        said.append(("Narrowed to", record.narrowed.words))
    return tuple(said)


def say_prepared(prepared: PreparedFace) -> str:
    """Return what was done before the search, and that it was for the search alone."""
    return f"version {prepared.number}: {'; '.join(prepared.steps)}. For searching only; the original is compared"
