"""Compare an index that outlives this process with the store: what it lacks, what it should not hold, what is old."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from semblance.search.milvus.index import MilvusIndex
from semblance.store import gallery, templates
from semblance.store.engine import Transaction
from semblance.terms.ids import PackDigest, ReferenceId

Progress = Callable[[int], None]

_ADDED_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many references the store has for the index, and where the index differed from it.

    ``elsewhere``: False for an index in memory, which is made of the store at each start and cannot differ.
    ``missing``: not held. ``stray``: held, and not in the store any more. ``stale``: held with another template,
    subject or state of the record than the store's. ``repaired``: it agrees now.
    """

    elsewhere: bool
    references: int = 0
    missing: int = 0
    stray: int = 0
    stale: int = 0
    repaired: bool = False

    @property
    def agrees(self) -> bool:
        """Return whether the index held what the store holds, and nothing else."""
        return not (self.missing or self.stray or self.stale)


def reconcile(tx: Transaction, index: MilvusIndex, *, repair: bool, on_progress: Progress | None = None) -> Reconciled:
    """Compare every row both ways, and repair the index where asked to; earlier searches may have been wrong."""
    pack = gallery.read_pack(tx)
    stray: list[ReferenceId] = []
    stale: list[ReferenceId] = []
    looked = 0
    for rows in index.iterate_held():
        stored = {} if pack is None else templates.read_rows(tx, [row.reference for row in rows], pack=pack)
        for row in rows:
            mine = stored.get(row.reference)
            if mine is None:
                stray.append(row.reference)
            elif mine != row:
                stale.append(row.reference)
        looked += len(rows)
        if on_progress is not None:
            on_progress(looked)
    references, missing = 0, list[ReferenceId]()
    for part in _iterate_store(tx, pack):
        references += len(part)
        there = index.find_held(part)
        missing += [reference for reference in part if reference not in there]
        looked += len(part)
        if on_progress is not None:
            on_progress(looked)
    repaired = repair and bool(stray or stale or missing)
    if repaired:
        index.remove([*stray, *stale])
        wanted = [*stale, *missing]
        for start in range(0, len(wanted), _ADDED_AT_ONCE):
            # whatever is stale or missing is in the store, which has a pack then
            assert pack is not None
            index.add(templates.read_rows(tx, wanted[start : start + _ADDED_AT_ONCE], pack=pack).values())
    return Reconciled(True, references, len(missing), len(stray), len(stale), repaired)


def _iterate_store(tx: Transaction, pack: PackDigest | None) -> Iterator[list[ReferenceId]]:
    after = 0
    while pack is not None:
        part = templates.list_references(tx, after=after, pack=pack)
        if not part:
            return
        yield [reference for reference, _ in part]
        after = part[-1][1]
