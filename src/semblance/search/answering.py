"""Answer searches exactly, and read a quarter of what is held.

A search multiplies the probe with the coarse plane alone, takes what is best there, and learns from its fine form how
good the k-th candidate is at least. Whatever could still reach that, by the bounds of ``bounds``, is looked at in its
fine form; whatever still could then, as it is stored. All else is proven not to belong to the answer.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.batch import find_undecided
from semblance.search.best import find_bar, take_best
from semblance.search.canonical import canonical_scores
from semblance.search.index import Scored
from semblance.search.plan import Plan
from semblance.search.planes import Planes
from semblance.search.registry import Registry
from semblance.terms.samples import Metric

_SAMPLE: Final = 65_536
_FEW: Final = 4_096
_AT_ONCE: Final = 16_384
_TOGETHER: Final = 4
"""So many probes are multiplied in the time of one."""

_BATCH: Final = 12
"""From so many probes on, a batch costs less than a pass for every few."""


class Answering:
    """One set of rows as they are now; ``read_stored`` gives the templates in slots as they are stored."""

    def __init__(
        self,
        planes: Planes,
        registry: Registry,
        metric: Metric,
        read_stored: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    ) -> None:
        self._planes, self._registry = planes, registry
        self._metric, self._read_stored = metric, read_stored

    def answer(self, plans: Sequence[Plan]) -> Iterator[tuple[Scored, ...]]:
        """Give the best subjects of each plan, in one pass for all where that is quicker."""
        if len(plans) >= _BATCH and all(one.bounds.provable for one in plans):
            undecided = self._find_undecided_of_all(plans)
        else:
            undecided = self._find_undecided_of_few(plans)
        for plan, slots in zip(plans, undecided, strict=True):
            yield self._compare(plan, slots)

    def _find_undecided_of_few(self, plans: Sequence[Plan]) -> Iterator[NDArray[np.int64]]:
        planes = self._planes
        for first in range(0, len(plans), _TOGETHER):
            part = plans[first : first + _TOGETHER]
            products = planes.multiply(np.stack([one.bounds.codes for one in part]))
            for plan, mine in zip(part, products, strict=True):
                slots = self._find_undecided(plan, mine)
                odd = planes.list_odd()
                if len(odd):
                    slots = np.union1d(slots, odd[planes.find_open(odd, plan.lets, plan.chosen)])
                yield slots

    def _find_undecided_of_all(self, plans: Sequence[Plan]) -> Iterator[NDArray[np.int64]]:
        planes = self._planes
        odd = planes.list_odd()
        for plan, slots in zip(plans, find_undecided(planes, plans), strict=True):
            yield np.union1d(slots, odd[planes.find_open(odd, plan.lets, plan.chosen)]) if len(odd) else slots

    def _compare(self, plan: Plan, slots: NDArray[np.int64]) -> tuple[Scored, ...]:
        """Return the best subjects among these rows, by their templates as they are stored."""
        planes = self._planes
        parts = [self._score(plan.values, slots[at : at + _AT_ONCE]) for at in range(0, len(slots), _AT_ONCE)]
        scores = np.concatenate(parts) if parts else np.empty(0, dtype=np.float32)
        best = take_best(scores, planes.sequences[slots], planes.owners[slots], plan.wanted)
        names = self._registry.name_references(slots[best])
        return tuple(
            Scored(
                self._registry.name_subject(int(planes.owners[slots[place]])),
                name,
                int(planes.sequences[slots[place]]),
                float(scores[place]),
            )
            for place, name in zip(best, names, strict=True)
        )

    def _find_undecided(self, plan: Plan, products: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the regular slots that may belong to the answer; all others are proven not to."""
        planes, bounds, wanted, lets, chosen = self._planes, plan.bounds, plan.wanted, plan.lets, plan.chosen
        references, everything = plan.references, np.iinfo(np.int32).min
        if not bounds.provable or references <= wanted:
            return planes.find_above(products, everything, lets, chosen)
        sampled = slice(0, planes.slots, max(1, planes.slots // _SAMPLE))
        sample = products[sampled][planes.find_open(sampled, lets, chosen)]
        rank = max(8, -(-4 * wanted * len(sample) // references))
        while True:
            least = everything
            if references > _FEW and rank < len(sample):
                least = int(np.partition(sample, len(sample) - rank)[len(sample) - rank])
            slots = planes.find_above(products, least, lets, chosen)
            middles = bounds.measure_fine(*planes.read(slots))
            lows = np.where(planes.odd[slots], -np.inf, middles - bounds.fine_radius)
            bar = find_bar(lows, planes.owners[slots], wanted)
            if np.isfinite(bar) or least == everything:
                break
            rank *= 8
        lower = bounds.find_least(bounds.lower(bar)) if np.isfinite(bar) else everything
        if lower < least:
            more = planes.find_above(products, lower, lets, chosen)
            more = more[products[more] < least]
            coarse, rest = planes.read(more)
            near = bounds.bound_coarse(coarse) >= bounds.lower(bar)
            slots = np.concatenate([slots, more[near]])
            middles = np.concatenate([middles, bounds.measure_fine(coarse[near], rest[near])])
            lows = np.where(planes.odd[slots], -np.inf, middles - bounds.fine_radius)
            bar = find_bar(lows, planes.owners[slots], wanted)
        if not np.isfinite(bar):
            return slots
        reaches = (middles + bounds.fine_radius >= bounds.lower(bar)) & ~planes.odd[slots]
        slots, middles = slots[reaches], middles[reaches]
        return slots[bounds.find_best_rows(middles, planes.owners[slots])]

    def _score(self, probe: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = canonical_scores(probe[None], self._read_stored(slots), self._metric)[0]
        return scores
