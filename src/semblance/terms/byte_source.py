"""Bytes that are read piece by piece, so that a long video is never whole in memory, nor in clear on a disk."""

from dataclasses import dataclass
from typing import Protocol


class ByteSource(Protocol):
    """Something of a known size that can be read anywhere; it does not change while it is read."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset`` on, fewer only where the end is nearer; none behind the end."""
        ...


@dataclass(frozen=True, slots=True)
class MemorySource:
    """A source over bytes that are in memory anyway."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """Return them as ``ByteSource.read`` says."""
        return self.data[offset : offset + length]
