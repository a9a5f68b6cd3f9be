"""From identifiers to numbers, with few bytes for each: millions of Python strings would outweigh the templates."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_MERGED_AT: Final = 65_536
_GONE: Final = -1
_HALF: Final = 16
_LENGTH: Final = 2 * _HALF


class IdTable:
    """Numbers of identifiers of 32 hexadecimal digits, such as ``terms.ids.make_id`` makes.

    Each number's identifier is kept in 16 bytes; it is found by a 64-bit digest. What came last is in a dictionary, the
    rest lies sorted in arrays.
    """

    def __init__(self) -> None:
        self.count = 0
        self._ids = np.zeros((0, _HALF), dtype=np.uint8)
        self._digests = np.empty(0, dtype=np.uint64)
        self._numbers = np.empty(0, dtype=np.int32)
        self._recent: dict[int, list[int]] = {}
        self._waiting = 0

    def put(self, identifier: str, number: int) -> None:
        """Let a number stand for an identifier; raises ValueError where that is not of 32 hexadecimal digits."""
        if len(identifier) != _LENGTH:
            raise ValueError(f"an identifier has {_LENGTH} hexadecimal digits, not {len(identifier)} characters")
        packed = bytes.fromhex(identifier)
        if number >= len(self._ids):
            grown = np.zeros((max(number + 1, len(self._ids) * 5 // 4 + 1024), _HALF), dtype=np.uint8)
            grown[: len(self._ids)] = self._ids
            self._ids = grown
        self._ids[number] = np.frombuffer(packed, dtype=np.uint8)
        self._recent.setdefault(_digest(packed), []).append(number)
        self.count += 1
        self._waiting += 1
        if self._waiting >= _MERGED_AT:
            self._merge()

    def find(self, identifier: str) -> int | None:
        """Return the number of an identifier, or None."""
        try:
            packed = bytes.fromhex(identifier) if len(identifier) == _LENGTH else b""
        except ValueError:
            packed = b""
        if not packed:
            return None
        digest = _digest(packed)
        for number in (*self._recent.get(digest, ()), *self._find_sorted(digest)):
            if self._ids[number].tobytes() == packed:
                return int(number)
        return None

    def drop(self, identifier: str) -> int | None:
        """Forget an identifier and return the number that it had; what was kept of it is zero afterwards."""
        number = self.find(identifier)
        if number is None:
            return None
        digest = _digest(bytes.fromhex(identifier))
        numbers = self._recent.get(digest, [])
        if number in numbers:
            numbers.remove(number)
            self._waiting -= 1
            if not numbers:
                del self._recent[digest]
        else:
            place = int(np.searchsorted(self._digests, np.uint64(digest)))
            while self._numbers[place] != number:
                place += 1
            self._numbers[place] = _GONE
        self._ids[number] = 0
        self.count -= 1
        return number

    def name(self, number: int) -> str:
        """Return the identifier that a number stands for."""
        packed: bytes = self._ids[number].tobytes()
        return packed.hex()

    def name_all(self, numbers: NDArray[np.int64]) -> list[str]:
        """Return the identifiers that these numbers stand for."""
        return [row.tobytes().hex() for row in self._ids[numbers]]

    @property
    def ids(self) -> NDArray[np.uint8]:
        """Return the identifiers of all numbers, 16 bytes each; zeros where there is none."""
        return self._ids

    def restore(self, ids: NDArray[np.uint8], numbers: NDArray[np.int64]) -> None:
        """Take in what ``ids`` and the numbers in use were when it was saved."""
        self._ids = ids
        halves = ids[numbers].view(">u8").astype(np.uint64)
        digests = halves[:, 0] ^ halves[:, 1]
        order = np.argsort(digests, kind="stable")
        self._digests, self._numbers = digests[order], numbers[order].astype(np.int32)
        self._recent, self._waiting, self.count = {}, 0, len(numbers)

    def _find_sorted(self, digest: int) -> list[int]:
        wanted = np.uint64(digest)
        place, found = int(np.searchsorted(self._digests, wanted)), []
        while place < len(self._digests) and self._digests[place] == wanted:
            if self._numbers[place] != _GONE:
                found.append(int(self._numbers[place]))
            place += 1
        return found

    def _merge(self) -> None:
        fresh = sorted((digest, number) for digest, same in self._recent.items() for number in same)
        digests = np.array([digest for digest, _ in fresh], dtype=np.uint64)
        numbers = np.array([number for _, number in fresh], dtype=np.int32)
        kept = self._numbers != _GONE
        if not kept.all():
            self._digests, self._numbers = self._digests[kept], self._numbers[kept]
        places = np.searchsorted(self._digests, digests)
        self._digests, self._numbers = (
            np.insert(self._digests, places, digests),
            np.insert(self._numbers, places, numbers),
        )
        self._recent, self._waiting = {}, 0


def _digest(packed: bytes) -> int:
    return int.from_bytes(packed[:8], "big") ^ int.from_bytes(packed[8:], "big")
