"""From the rows of an index in memory to chunks of bytes, and back."""

from collections.abc import Iterable

import numpy as np

from semblance.search.embedded.planes import CLOSED, Planes
from semblance.search.embedded.registry import Registry
from semblance.search.embedded.saved_frame import Frame
from semblance.search.embedded.saved_rows import ROWS_PER_CHUNK, SavedChunk, What, Who, read_what, read_who, write_chunk
from semblance.search.embedded.stored_rows import StoredRows


def count_chunks(slots: int) -> int:
    """Return how many chunks the slots need."""
    return -(-slots // ROWS_PER_CHUNK)


def save_chunk(planes: Planes, stored: StoredRows | None, registry: Registry, number: int) -> SavedChunk:
    """Return the rows of one chunk as bytes; those that are free, or beyond the last, are zero."""
    first = number * ROWS_PER_CHUNK
    slots = np.arange(first, min(first + ROWS_PER_CHUNK, planes.slots))
    coarse, rest = planes.read_coarse(slots), planes.read_rest(slots)
    owners, compartments = planes.owners[slots], planes.compartments[slots]
    references, subjects = registry.read_ids(slots, owners)
    subjects[compartments == CLOSED] = 0
    missing = ROWS_PER_CHUNK - len(slots)

    def pad(values: np.ndarray) -> np.ndarray:
        return np.pad(values, [(0, missing)] + [(0, 0)] * (values.ndim - 1)) if missing else values

    exact = stored.read(slots) if stored is not None else np.empty((len(slots), 0), dtype=np.float32)
    return write_chunk(
        number,
        Who(
            pad(references),
            pad(subjects),
            pad(planes.sequences[slots]),
            pad(owners),
            pad(compartments),
            pad(planes.odd[slots]),
        ),
        What(pad(coarse), pad(rest), pad(exact)),
    )


def restore_rows(
    frame: Frame, chunks: Iterable[SavedChunk], workers: int
) -> tuple[Planes, StoredRows | None, Registry]:
    """Return what held these rows when they were saved; rows of chunks that are not given are free.

    Raises ValueError where the bytes are not such rows.
    """
    planes, registry = Planes(frame.quantizer, workers), Registry()
    stored = StoredRows(frame.kind.dimension) if frame.stored else None
    planes.widen(frame.slots)
    planes.coarse_error, planes.fine_error, planes.rest_error, planes.length, planes.norm = frame.errors
    size = count_chunks(frame.slots) * ROWS_PER_CHUNK
    references, subjects = np.zeros((size, 16), dtype=np.uint8), np.zeros((size, 16), dtype=np.uint8)
    for chunk in chunks:
        who, what = read_who(chunk.who), read_what(chunk.what, frame.widths)
        first = chunk.number * ROWS_PER_CHUNK
        count = min(ROWS_PER_CHUNK, frame.slots - first)
        if count <= 0:
            raise ValueError(f"chunk {chunk.number} lies beyond the {frame.slots} rows")
        place = slice(first, first + count)
        references[first : first + ROWS_PER_CHUNK] = who.references
        subjects[first : first + ROWS_PER_CHUNK] = who.subjects
        planes.sequences[place], planes.owners[place] = who.sequences[:count], who.owners[:count]
        planes.compartments[place], planes.odd[place] = who.compartments[:count], who.odd[:count]
        planes.load(first, what.coarse[:count], what.rest[:count])
        if stored is not None:
            stored.load(first, what.stored[:count])
    planes.settle()
    used = np.flatnonzero(planes.compartments[: planes.slots] != CLOSED)
    registry.restore(references, subjects[used], used, planes.owners[used], planes.compartments[used], frame.facts)
    return planes, stored, registry
