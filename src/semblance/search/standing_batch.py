"""Many standing searches against what is new, in one pass: every pair's exact score, and what is above a threshold.

The answer of each is that of a search by itself; what is not allowed is in no figure of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.canonical import canonical_scores
from semblance.search.index import Allowed, IndexRow, Scored
from semblance.search.templates import require_same_pack, stack_templates
from semblance.terms.ids import SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Template

_PROBES_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """One standing search of a batch.

    Looked at are allowed references newer than the change ``after``, with a score of at least ``threshold``. Of the
    subjects in ``passed_over`` people examined what was enrolled up to that change: only later photos are looked at.
    Searches that share an ``allowed`` share its answers.
    """

    template: Template
    threshold: float
    after: int
    allowed: Allowed
    passed_over: Mapping[SubjectId, int]


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """What one standing search found: every subject above its threshold, the most alike first.

    ``comparisons`` counts the references that it was compared with.
    """

    scored: tuple[Scored, ...]
    comparisons: int


class StandingBatch:
    """Takes what is new part by part and keeps what each search found; of templates only those that are sought."""

    def __init__(self, sought: Sequence[Sought]) -> None:
        self._sought = tuple(sought)
        self._values = stack_templates([search.template for search in sought])
        self._after = np.array([search.after for search in sought], dtype=np.int64)
        self._thresholds = np.array([search.threshold for search in sought], dtype=np.float32)
        groups = {id(search.allowed): search.allowed for search in sought}
        self._allowed = tuple(groups.values())
        numbers = {key: number for number, key in enumerate(groups)}
        self._group = np.array([numbers[id(search.allowed)] for search in sought], dtype=np.int64)
        self._seen: dict[tuple[int, RecordFacts], bool] = {}
        self._comparisons = np.zeros(len(sought), dtype=np.int64)
        self._best: list[dict[SubjectId, Scored]] = [{} for _ in sought]

    def compare(self, rows: Sequence[IndexRow], versions: Sequence[int]) -> None:
        """Compare these references, each with the change by which it is new, with all searches; each is given once.

        Raises PackConflict where they are of another pack.
        """
        if not rows or not self._sought:
            return
        require_same_pack(self._sought[0].template, rows[0].template)
        references = stack_templates([row.template for row in rows])
        moments = np.array(versions, dtype=np.int64)
        lets = np.array([[self._lets(group, row.facts) for row in rows] for group in range(len(self._allowed))])
        for top in range(0, len(self._sought), _PROBES_AT_ONCE):
            part = slice(top, top + _PROBES_AT_ONCE)
            compared = lets[self._group[part]] & (moments[None, :] > self._after[part, None])
            self._comparisons[part] += compared.sum(axis=1)
            columns = np.flatnonzero(compared.any(axis=0))
            if not len(columns):
                continue
            scores = canonical_scores(self._values[part], references[columns], self._sought[0].template.metric)
            above = compared[:, columns] & (scores >= self._thresholds[part, None])
            self._keep(top, above, scores, [rows[int(column)] for column in columns])

    def answer(self) -> tuple[BatchAnswer, ...]:
        """Return what each search found, in their order."""
        return tuple(
            BatchAnswer(tuple(sorted(best.values(), key=_order)), int(comparisons))
            for best, comparisons in zip(self._best, self._comparisons, strict=True)
        )

    def _keep(self, top: int, above: NDArray[np.bool_], scores: NDArray[np.float32], rows: Sequence[IndexRow]) -> None:
        for number, column in np.argwhere(above):
            row, best = rows[column], self._best[top + number]
            if row.sequence <= self._sought[top + number].passed_over.get(row.subject, 0):
                continue
            scored = Scored(row.subject, row.reference, row.sequence, float(scores[number, column]))
            held = best.get(row.subject)
            if held is None or _order(scored) < _order(held):
                best[row.subject] = scored

    def _lets(self, group: int, facts: RecordFacts) -> bool:
        key = (group, facts)
        if key not in self._seen:
            self._seen[key] = self._allowed[group](facts)
        return self._seen[key]


def _order(scored: Scored) -> tuple[float, int]:
    return -scored.score, scored.sequence
