"""An index as bytes, and back: a frame with all but its rows, and the rows, a fixed number of them in a chunk.

Who rows are of is apart from what they look like: where a reference stands can be found without reading a template, and
one row be taken out without reading the others' chunks.
"""

import io
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.planes import CLOSED, Planes
from semblance.search.embedded.quantizer import Quantizer
from semblance.search.embedded.registry import Registry
from semblance.search.embedded.stored_rows import StoredRows
from semblance.search.numpy_files import DAMAGED
from semblance.search.written_facts import read_facts, write_facts
from semblance.terms.ids import PackDigest, ReferenceId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template

ROWS_PER_CHUNK: Final = 1_024

_ID: Final = 16


@dataclass(frozen=True, slots=True)
class SavedChunk:
    """The rows from ``number * ROWS_PER_CHUNK`` on as bytes; all chunks of one index are equally long."""

    number: int
    who: bytes
    what: bytes


@dataclass(frozen=True, slots=True)
class Who:
    """Whose a chunk's rows are, arrays of ROWS_PER_CHUNK; all zero where nobody's.

    ``references`` and ``subjects``: the identifiers' bytes, shape (rows, 16).
    """

    references: NDArray[np.uint8]
    subjects: NDArray[np.uint8]
    sequences: NDArray[np.int64]
    owners: NDArray[np.int32]
    compartments: NDArray[np.int32]
    odd: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class What:
    """What a chunk's rows hold: their coarse and other bytes, and the templates as they are stored, where kept."""

    coarse: NDArray[np.int8]
    rest: NDArray[np.int8]
    stored: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Widths:
    """How many numbers a row has in each part; ``stored`` is 0 where templates as they are stored are not kept."""

    coarse: int
    rest: int
    stored: int

    @property
    def who(self) -> int:
        """Return how many bytes a chunk's first part has."""
        return ROWS_PER_CHUNK * sum(kind.itemsize * width for kind, width in _WHO.values())

    @property
    def what(self) -> int:
        """Return how many bytes a chunk's second part has."""
        return ROWS_PER_CHUNK * (self.coarse + self.rest + 4 * self.stored)


_WHO: Final[dict[str, tuple[np.dtype[Any], int]]] = {
    "references": (np.dtype(np.uint8), _ID),
    "subjects": (np.dtype(np.uint8), _ID),
    "sequences": (np.dtype("<i8"), 1),
    "owners": (np.dtype("<i4"), 1),
    "compartments": (np.dtype("<i4"), 1),
    "odd": (np.dtype(np.bool_), 1),
}


def write_chunk(number: int, who: Who, what: What) -> SavedChunk:
    """Return the rows as bytes."""
    parts = [getattr(who, name).astype(kind).tobytes() for name, (kind, _) in _WHO.items()]
    return SavedChunk(
        number, b"".join(parts), b"".join([what.coarse.tobytes(), what.rest.tobytes(), what.stored.tobytes()])
    )


def read_who(data: bytes) -> Who:
    """Return whose the rows of a chunk are; raises ValueError where the bytes are no chunk's."""
    arrays, at = {}, 0
    for field in fields(Who):
        kind, width = _WHO[field.name]
        flat = np.frombuffer(data, dtype=kind, count=ROWS_PER_CHUNK * width, offset=at)
        arrays[field.name] = flat.reshape(ROWS_PER_CHUNK, width) if width > 1 else flat
        at += flat.nbytes
    return Who(**arrays)


def read_what(data: bytes, widths: Widths) -> What:
    """Return what the rows of a chunk hold; raises ValueError where the bytes are no such chunk's."""
    middle, end = ROWS_PER_CHUNK * widths.coarse, ROWS_PER_CHUNK * (widths.coarse + widths.rest)
    return What(
        np.frombuffer(data, dtype=np.int8, count=middle).reshape(ROWS_PER_CHUNK, widths.coarse),
        np.frombuffer(data, dtype=np.int8, count=end - middle, offset=middle).reshape(ROWS_PER_CHUNK, widths.rest),
        np.frombuffer(data, dtype="<f4", offset=end).reshape(ROWS_PER_CHUNK, widths.stored),
    )


def find_rows(who: bytes, references: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return which rows of a chunk are those of these references (``pack_references``)."""
    own = read_who(who).references
    return np.flatnonzero(np.isin(_as_keys(own), _as_keys(references)))


def pack_references(references: Iterable[ReferenceId]) -> NDArray[np.uint8]:
    """Return the identifiers' bytes, shape (references, 16)."""
    return np.frombuffer(b"".join(bytes.fromhex(reference) for reference in references), dtype=np.uint8).reshape(
        -1, _ID
    )


def blank_rows(chunk: SavedChunk, rows: Collection[int] | NDArray[np.int64], widths: Widths) -> SavedChunk:
    """Return the chunk with these rows zero."""
    places = np.asarray(rows, dtype=np.int64)
    who = _blank(chunk.who, places, [kind.itemsize * width for kind, width in _WHO.values()])
    return SavedChunk(chunk.number, who, _blank(chunk.what, places, [widths.coarse, widths.rest, 4 * widths.stored]))


def _blank(data: bytes, places: NDArray[np.int64], widths: Iterable[int]) -> bytes:
    """Return the bytes of columns, each so many bytes wide, with zeros in these places of all of them."""
    blank, at = np.frombuffer(data, dtype=np.uint8).copy(), 0
    for width in widths:
        size = ROWS_PER_CHUNK * width
        blank[at : at + size].reshape(ROWS_PER_CHUNK, width)[places] = 0
        at += size
    return blank.tobytes()


def _as_keys(ids: NDArray[np.uint8]) -> NDArray[np.bytes_]:
    # all are equally long, so that the zeros at an end, which this type drops, tell none apart
    return np.ascontiguousarray(ids).view(f"S{_ID}").reshape(-1)


_ERRORS: Final = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """An index without its rows.

    ``kind`` is a template without values. ``errors``: coarse, fine and rest error, length and norm of the planes.
    ``facts`` are those of the compartments from 1 on. ``stored``: whether templates as they are stored are in the rows.
    """

    kind: Template
    quantizer: Quantizer
    slots: int
    errors: tuple[float, ...]
    facts: tuple[RecordFacts, ...]
    learnt_from: int
    learnt_at: int
    stored: bool

    @property
    def widths(self) -> Widths:
        """Return how wide the parts of its rows are."""
        stored = self.kind.dimension if self.stored else 0
        return Widths(self.quantizer.coarse_width, self.quantizer.rest_width, stored)


def write_frame(frame: Frame) -> bytes:
    """Return the frame as bytes."""
    grid = frame.quantizer
    facts: dict[str, Any] = {
        "pack": frame.kind.pack,
        "metric": frame.kind.metric.value,
        "dimension": frame.kind.dimension,
        "lead": grid.lead,
        "tail_step": grid.tail_step,
        "slots": frame.slots,
        "errors": frame.errors,
        "facts": [write_facts(fact) for fact in frame.facts],
        "learnt": [frame.learnt_from, frame.learnt_at],
        "stored": frame.stored,
    }
    file = io.BytesIO()
    said_bytes = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    arrays = {"centre": grid.centre, "rotation": grid.rotation, "mean": grid.mean, "steps": grid.steps}
    np.savez(file, allow_pickle=False, said=said_bytes, **arrays)
    return file.getvalue()


def read_frame(data: bytes) -> Frame:
    """Return the frame that was written; raises ValueError where the bytes are none of this version's."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["said"].tobytes())
            centre, rotation, mean, steps = (arrays[name] for name in ("centre", "rotation", "mean", "steps"))
        metric = Metric(facts["metric"])
        from_rows, at = facts["learnt"]
        errors = tuple(map(float, facts["errors"]))
        if len(errors) != _ERRORS:
            raise ValueError(f"a frame has {_ERRORS} errors, not {len(errors)}")
        return Frame(
            kind=Template(PackDigest(facts["pack"]), metric, facts["dimension"], b""),
            quantizer=Quantizer(metric, centre, rotation, mean, steps, facts["lead"], facts["tail_step"]),
            slots=facts["slots"],
            errors=errors,
            facts=tuple(map(read_facts, facts["facts"])),
            learnt_from=from_rows,
            learnt_at=at,
            stored=facts["stored"],
        )
    except DAMAGED as error:
        raise ValueError(f"this is no index of this version ({error})") from error


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
