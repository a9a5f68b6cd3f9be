"""Rows of an index as bytes, a fixed number of them in a chunk: who they are of apart from what they look like.

Where a reference stands can be found without reading a template, and one row be taken out without reading the others'
chunks.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.terms.ids import ReferenceId

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
