"""Answer searches exactly, and read an eighth of what brute force reads.

A search multiplies the probe with the coarse plane alone. A sample of the products sets a floor, and whatever could
still reach it, by the bounds of ``bounds``, is looked at in its fine form; whatever still could then, as it is stored.
All else is proven not to belong to the answer.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.canonical import canonical_scores
from semblance.search.embedded.batch import find_undecided
from semblance.search.embedded.bounds import Plan
from semblance.search.embedded.floor import Floor, take_best
from semblance.search.embedded.planes import Planes
from semblance.search.embedded.registry import Registry
from semblance.search.index import Scored
from semblance.terms.samples import Metric

_SHARE: Final = 8
_LEAST: Final = 4_096
_SAMPLE: Final = 32_768
"""A sample is one row of so many, but never fewer rows than the second number, nor more than the third."""

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
        if len(plans) >= _BATCH and all(plan.bounds.provable for plan in plans):
            undecided = iter(find_undecided(self._planes, plans))
        else:
            undecided = self._find_undecided_of_few(plans)
        odd = self._planes.list_odd()
        for plan, slots in zip(plans, undecided, strict=True):
            open_odd = odd[self._planes.find_open(odd, plan.lets, plan.chosen)]
            yield self._compare(plan, np.union1d(slots, open_odd) if len(open_odd) else slots)

    def _find_undecided_of_few(self, plans: Sequence[Plan]) -> Iterator[NDArray[np.int64]]:
        planes = self._planes
        sample = planes.sample(min(_SAMPLE, max(_LEAST, planes.slots // _SHARE)))
        for first in range(0, len(plans), _TOGETHER):
            part = plans[first : first + _TOGETHER]
            products = planes.multiply(np.stack([plan.bounds.codes for plan in part]))
            for plan, mine in zip(part, products, strict=True):
                floor, seen = Floor(planes, plan), sample[planes.find_open(sample, plan.lets, plan.chosen)]
                floor.rise(seen, mine[seen])
                slots = planes.find_above(mine, floor.least, plan.lets, plan.chosen)
                yield floor.settle(slots, mine[slots])

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

    def _score(self, probe: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = canonical_scores(probe[None], self._read_stored(slots), self._metric)[0]
        return scores
