"""The bytes of submitted files in sealed pieces: none is ever written in clear, nor all of them read at once."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Final

import sqlalchemy as sa

from semblance.errors import NotFound, VerificationError
from semblance.gallery.submission import SubmittedFile
from semblance.store.engine import Store, Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.rows import count_rows, read_key
from semblance.store.schema.submission import submission_chunk, submission_file
from semblance.store.vault import seal, unseal
from semblance.terms.ids import SubmissionFileId

CHUNK: Final = 1024 * 1024
"""So many bytes has each piece but the last."""

_KEPT: Final = 8
_SWEPT: Final = 64


def count_chunks(size: int) -> int:
    """Return in how many pieces a file of that size comes."""
    return -(-size // CHUNK)


def measure_chunk(size: int, number: int) -> int:
    """Return how many bytes that piece of a file of that size has."""
    return min(CHUNK, size - number * CHUNK)


def add_chunk(tx: Transaction, file_id: SubmissionFileId, number: int, data: bytes, *, at: datetime) -> None:
    """Seal a piece under the file's key; it must not be held yet."""
    sealed = seal(tx, read_key(tx, submission_file, file_id), _place(file_id, number), data)
    row = {"file_id": file_id, "number": number, "received_at": at, "data": sealed}
    tx.connection.execute(sa.insert(submission_chunk).values(**row))


def read_chunk(tx: Transaction, file_id: SubmissionFileId, number: int) -> bytes | None:
    """Return a piece, None where it is not held; raises VerificationError where it was changed or moved."""
    row = tx.connection.execute(
        sa.select(submission_chunk.c.data, submission_file.c.key_id)
        .join(submission_file, submission_file.c.id == submission_chunk.c.file_id)
        .where(submission_chunk.c.file_id == file_id, submission_chunk.c.number == number)
        .where(submission_file.c.key_id.is_not(None))
    ).one_or_none()
    return None if row is None else unseal(tx, KeyId(row.key_id), _place(file_id, number), bytes(row.data))


def list_chunks(tx: Transaction, file_id: SubmissionFileId) -> tuple[int, ...]:
    """Return the numbers of the pieces that are held, in order."""
    mine = submission_chunk.c.file_id == file_id
    asked = sa.select(submission_chunk.c.number).where(mine).order_by(submission_chunk.c.number)
    return tuple(tx.connection.scalars(asked))


def find_stray_chunks(tx: Transaction, *, limit: int) -> list[tuple[str, int]]:
    """Return pieces whose file is gone, or holds none any more, by file and number."""
    holding = sa.exists().where(
        submission_file.c.id == submission_chunk.c.file_id, submission_file.c.key_id.is_not(None)
    )
    asked = sa.select(submission_chunk.c.file_id, submission_chunk.c.number).where(~holding).limit(limit)
    return [(row.file_id, row.number) for row in tx.connection.execute(asked)]


def delete_stray_chunks(tx: Transaction) -> int:
    """Delete some of these pieces, and return how many."""
    stray = find_stray_chunks(tx, limit=_SWEPT)
    if stray:
        which = sa.tuple_(submission_chunk.c.file_id, submission_chunk.c.number).in_(stray)
        tx.connection.execute(sa.delete(submission_chunk).where(which))
    return len(stray)


class SealedSource:
    """The bytes of a whole file, unsealed piece by piece as they are asked for; the last few stay in memory.

    Thread-safe. Raises VerificationError where a piece is missing, was changed, or was moved, and NotFound where the
    file was erased meanwhile.
    """

    def __init__(self, store: Store, file: SubmittedFile) -> None:
        self._store = store
        self._file = file
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def size(self) -> int:
        """Return how many bytes there are."""
        return self._file.size

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes from ``offset`` on: ``length`` of them, fewer at the end, none beyond it."""
        end = min(max(offset, 0) + max(length, 0), self.size)
        start = min(max(offset, 0), end)
        if start == end:
            return b""
        parts = [self._find(number) for number in range(start // CHUNK, (end - 1) // CHUNK + 1)]
        first = start // CHUNK * CHUNK
        whole = parts[0] if len(parts) == 1 else b"".join(parts)
        return whole[start - first : end - first]

    def _find(self, number: int) -> bytes:
        with self._lock:
            piece = self._pieces.get(number)
            if piece is None:
                piece = self._open(number)
                self._pieces[number] = piece
                if len(self._pieces) > _KEPT:
                    self._pieces.popitem(last=False)
            else:
                self._pieces.move_to_end(number)
            return piece

    def _open(self, number: int) -> bytes:
        with self._store.reading() as tx:
            piece = read_chunk(tx, self._file.id, number)
            if piece is None and not count_rows(tx, submission_file, submission_file.c.id == self._file.id):
                raise NotFound("submission.file-erased", "{name} was erased meanwhile.", name=self._file.name)
        if piece is None or len(piece) != measure_chunk(self.size, number):
            raise VerificationError(
                "submission.piece-missing",
                "A piece of a submitted file is missing in the database; restore it from a copy.",
            )
        return piece


def _place(file_id: SubmissionFileId, number: int) -> str:
    return f"submission.chunk/{file_id}/{number}"
