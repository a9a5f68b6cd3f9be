"""Hold an index that outlives this process against the store: what it lacks, what it should not hold, what is old."""

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

    ``missing``: not held. ``stray``: held, and not in the store any more. ``stale``: held with another template,
    subject or state of the record than the store's. ``repaired``: it agrees now.
    """

    references: int
    missing: int
    stray: int
    stale: int
    repaired: bool

    @property
    def agrees(self) -> bool:
        """Return whether the index held what the store holds, and nothing else."""
        return not (self.missing or self.stray or self.stale)


def reconcile(tx: Transaction, index: MilvusIndex, *, repair: bool, on_progress: Progress | None = None) -> Reconciled:
    """Compare every row both ways, and mend the index where asked to; what was searched before may have been wrong."""
    pack = gallery.read_pack(tx)
    stray: list[ReferenceId] = []
    stale: list[ReferenceId] = []
    looked = 0
    for rows in index.iterate_held():
        held = {} if pack is None else templates.read_rows(tx, [row.reference for row in rows], pack=pack)
        for row in rows:
            mine = held.get(row.reference)
            if mine is None:
                stray.append(row.reference)
            elif mine != row:
                stale.append(row.reference)
        looked += len(rows)
        if on_progress is not None:
            on_progress(looked)
    references, missing = 0, list[ReferenceId]()
    for some in _iterate_store(tx, pack):
        references += len(some)
        there = index.find_held(some)
        missing += [one for one in some if one not in there]
        looked += len(some)
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
    return Reconciled(references, len(missing), len(stray), len(stale), repaired)


def _iterate_store(tx: Transaction, pack: PackDigest | None) -> Iterator[list[ReferenceId]]:
    after = 0
    while pack is not None:
        some = templates.list_references(tx, after=after, pack=pack)
        if not some:
            return
        yield [one for one, _ in some]
        after = some[-1][1]
