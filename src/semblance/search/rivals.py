"""The best rivals of references: for each of some, the highest score that any other subject's reference gives it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.canonical import canonical_scores
from semblance.search.index import Allowed, IndexRow
from semblance.search.templates import require_same_pack, stack_templates
from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.samples import Metric, Template

_NOBODY: Final = -1


class RivalMatrix:
    """The templates of all allowed references, for trials in which each subject is searched among the others.

    It holds them as they are stored, in the blocks in which they come, and a trial block beside them: for 54 000
    templates of 512 numbers about 130 MB.
    """

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._kind: Template | None = None
        self._blocks: list[NDArray[np.float32]] = []
        self._owners: list[NDArray[np.int64]] = []
        self._places: dict[ReferenceId, tuple[int, int]] = {}
        self._numbers: dict[SubjectId, int] = {}

    @property
    def subjects(self) -> int:
        """Return the number of subjects with at least one reference taken."""
        return len(self._numbers)

    @property
    def references(self) -> int:
        """Return the number of references held now."""
        return len(self._places)

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Take the allowed ones of these references; raises PackConflict or ModelError."""
        fresh = [row for row in rows if self._allowed(row.facts)]
        if not fresh:
            return
        values = stack_templates([row.template for row in fresh])
        if self._kind is None:
            self._kind = replace(fresh[0].template, values=b"")
        require_same_pack(self._kind, fresh[0].template)
        owners = [self._numbers.setdefault(row.subject, len(self._numbers)) for row in fresh]
        for place, row in enumerate(fresh):
            self._places[row.reference] = (len(self._blocks), place)
        self._blocks.append(values)
        self._owners.append(np.asarray(owners, dtype=np.int64))

    def remove(self, references: Collection[ReferenceId]) -> None:
        """Overwrite these references with zeros; they are nobody's rival any more."""
        for reference in references:
            block, place = self._places.pop(reference, (0, _NOBODY))
            if place != _NOBODY:
                self._blocks[block][place] = 0.0
                self._owners[block][place] = _NOBODY

    def draw_trials(self, count: int, seed: int) -> tuple[ReferenceId, ...]:
        """Return one reference of each of ``count`` subjects, or of all where there are fewer, in a random order.

        The same references added in the same order, the same seed and a greater count begin with the same trials.
        """
        random = np.random.default_rng(seed)
        turn = random.permutation(self.subjects)
        picks = random.random(self.subjects)
        references: list[list[ReferenceId]] = [[] for _ in range(self.subjects)]
        for reference, (block, place) in self._places.items():
            references[int(self._owners[block][place])].append(reference)
        drawn = [references[owner][int(picks[owner] * len(references[owner]))] for owner in turn if references[owner]]
        return tuple(drawn[:count])

    def score_best_rivals(self, trials: Sequence[ReferenceId]) -> bytes:
        """Return the highest score of each trial, little-endian float32, in the order of the trials.

        References removed meanwhile, and those without any rival, give none. The rival is found in float32, so that
        between two that are equal to six digits either may be taken; its score is the canonical one.
        """
        places = [self._places[trial] for trial in trials if trial in self._places]
        if not places or self._kind is None:
            return b""
        probes = np.stack([self._blocks[block][place] for block, place in places])
        own = np.asarray([self._owners[block][place] for block, place in places])
        best = np.full(len(places), -np.inf, dtype=np.float32)
        rivals = np.zeros_like(probes)
        for block, owners in zip(self._blocks, self._owners, strict=True):
            near = probes @ block.T
            if self._kind.metric is Metric.EUCLIDEAN:
                near -= np.einsum("ij,ij->i", block, block)[None, :] / 2
            near[:, owners == _NOBODY] = -np.inf
            near[own[:, None] == owners[None, :]] = -np.inf
            here = near.argmax(axis=1)
            most = near[np.arange(len(places)), here]
            better = most > best
            best[better] = most[better]
            rivals[better] = block[here[better]]
        met = np.isfinite(best)
        scores = canonical_scores(probes[met], rivals[met], self._kind.metric).diagonal()
        return scores.astype("<f4").tobytes()
