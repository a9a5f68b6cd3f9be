"""The Merkle tree of an append-only log (RFC 6962, section 2.1; proofs checked as in RFC 9162, section 2.1).

The log keeps the hash of every complete subtree: ``level`` 0 holds the leaves, and position p of level n covers the
leaves from p * 2**n up to (p + 1) * 2**n. ``read(level, position)`` hands one of them out.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

ReadNode = Callable[[int, int], bytes]


def hash_leaf(data: bytes) -> bytes:
    """Return the hash of a leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def list_fresh_nodes(number: int, leaf: bytes, read: ReadNode) -> Iterator[tuple[int, int, bytes]]:
    """Give the nodes (level, position, hash) that leaf ``number`` completes: itself first, then its ancestors."""
    level, position, found = 0, number, leaf
    yield level, position, found
    while position % 2:
        found = hash_pair(read(level, position - 1), found)
        level, position = level + 1, position // 2
        yield level, position, found


def find_root(size: int, read: ReadNode) -> bytes:
    """Return the tree head over the first ``size`` leaves."""
    return _hash_range(0, size, read) if size else hashlib.sha256(b"").digest()


def prove_inclusion(number: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """Return the audit path of leaf ``number`` in the tree over ``size`` leaves, from the leaf's sibling up."""
    if not 0 <= number < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {number}")
    return tuple(_walk_inclusion(number, 0, size, read))


def prove_consistency(older: int, newer: int, read: ReadNode) -> tuple[bytes, ...]:
    """Return the proof that the tree over ``older`` leaves is the beginning of that over ``newer``."""
    if not 0 < older <= newer:
        raise ValueError(f"no tree of {older} leaves is proven to begin one of {newer}")
    return () if older == newer else tuple(_walk_consistency(older, 0, newer, read, whole=True))


def check_inclusion(leaf: bytes, number: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Return whether the path proves the leaf's hash at that place of the tree (RFC 9162, section 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    place, last, found = number, size - 1, leaf
    for sibling in path:
        if not last:
            return False
        if place % 2 or place == last:
            found = hash_pair(sibling, found)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            found = hash_pair(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(older: int, newer: int, older_root: bytes, newer_root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether the path proves that the older tree begins the newer one (RFC 9162, section 2.1.4.2)."""
    if not 0 < older <= newer:
        return False
    if older == newer:
        return not path and older_root == newer_root
    # a complete older tree is its own first node, and the proof leaves it out
    nodes = [older_root, *path] if older & (older - 1) == 0 else list(path)
    if not nodes:
        return False
    place, last = older - 1, newer - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    first = second = nodes[0]
    for node in nodes[1:]:
        if not last:
            return False
        if place % 2 or place == last:
            first, second = hash_pair(node, first), hash_pair(node, second)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            second = hash_pair(second, node)
        place, last = place >> 1, last >> 1
    return last == 0 and first == older_root and second == newer_root


class Frontier:
    """The complete subtrees on the right edge of a growing tree: enough to know its head at any moment.

    ``peaks`` are their hashes from the left, one for each bit of the size; with both a tree goes on elsewhere.
    """

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        return tuple(self._peaks)

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Take in the hash of the next leaf, and return the nodes that it completes, as ``list_fresh_nodes`` does."""
        level, place = 0, self.size
        fresh = [(level, place, leaf)]
        while place % 2:
            leaf = hash_pair(self._peaks.pop(), leaf)
            level, place = level + 1, place // 2
            fresh.append((level, place, leaf))
        self._peaks.append(leaf)
        self.size += 1
        return fresh

    @property
    def root(self) -> bytes:
        """Return the tree head over all leaves so far."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        found = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            found = hash_pair(peak, found)
        return found


def _split(count: int) -> int:
    """Return the largest power of two below the count."""
    return 1 << ((count - 1).bit_length() - 1)


def _hash_range(start: int, end: int, read: ReadNode) -> bytes:
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(count)
    return hash_pair(_hash_range(start, middle, read), _hash_range(middle, end, read))


def _walk_inclusion(number: int, start: int, end: int, read: ReadNode) -> Iterator[bytes]:
    if end - start == 1:
        return
    middle = start + _split(end - start)
    if number < middle:
        yield from _walk_inclusion(number, start, middle, read)
        yield _hash_range(middle, end, read)
    else:
        yield from _walk_inclusion(number, middle, end, read)
        yield _hash_range(start, middle, read)


def _walk_consistency(older: int, start: int, end: int, read: ReadNode, *, whole: bool) -> Iterator[bytes]:
    if older == end:
        if not whole:
            yield _hash_range(start, end, read)
        return
    middle = start + _split(end - start)
    if older <= middle:
        yield from _walk_consistency(older, start, middle, read, whole=whole)
        yield _hash_range(middle, end, read)
    else:
        yield from _walk_consistency(older, middle, end, read, whole=False)
        yield _hash_range(start, middle, read)
