"""From a score matrix to what each search came to: the mate's score and rank, and the best of everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from semblance.errors import ModelError

UNRANKED: Final = 2**31 - 1
"""The rank of a mate that is in no candidate list: the probe or all references of the subject gave no template."""


@dataclass(frozen=True, slots=True, eq=False)
class SearchOutcomes:
    """One row a search, in the order of the probes; all arrays have the length of ``subjects``.

    ``mated``: the probe's subject has a reference in the set, even one that could not be enrolled. ``extracted``: the
    probe gave a template. ``mate_score``: float32, -inf where there is none. ``mate_rank``: 1 is first, UNRANKED where
    there is none. ``rival_score``: float32, the highest score of any other subject, -inf where there is none.
    """

    subjects: tuple[str, ...]
    mated: NDArray[np.bool_]
    extracted: NDArray[np.bool_]
    mate_score: NDArray[np.float32]
    mate_rank: NDArray[np.int64]
    rival_score: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.subjects)

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return all but the subjects."""
        return self.mated, self.extracted, self.mate_score, self.mate_rank, self.rival_score

    def select(self, rows: ArrayLike) -> "SearchOutcomes":
        """Return the named rows (indices, or one boolean a row)."""
        asked = np.asarray(rows)
        index = np.flatnonzero(asked) if asked.dtype == np.bool_ else asked.astype(np.intp)
        return SearchOutcomes(tuple(self.subjects[i] for i in index), *(column[index] for column in self.columns))

    @classmethod
    def join(cls, parts: Sequence["SearchOutcomes"]) -> "SearchOutcomes":
        """Return the searches of all parts, one after the other."""
        columns = zip(*(part.columns for part in parts), strict=True)
        return cls(tuple(subject for part in parts for subject in part.subjects), *map(np.concatenate, columns))


def fuse_references(
    scores: NDArray[np.float32], reference_subjects: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the gallery's subjects, sorted, and each probe's score with each: the maximum over the references."""
    if not reference_subjects:
        return (), np.zeros((scores.shape[0], 0), dtype=np.float32)
    names, which = np.unique(np.asarray(reference_subjects, dtype=np.str_), return_inverse=True)
    order = np.argsort(which, kind="stable")
    starts = np.searchsorted(which[order], np.arange(names.size))
    fused: NDArray[np.float32] = np.maximum.reduceat(scores[:, order], starts, axis=1)
    return tuple(str(name) for name in names), fused


def tabulate_searches(
    matrix: ArrayLike,
    *,
    probe_subjects: Sequence[str],
    extracted: Sequence[bool],
    reference_subjects: Sequence[str],
    known_subjects: Sequence[str],
) -> SearchOutcomes:
    """Return the outcome of every search.

    ``matrix``: comparison scores, higher is more alike, shape (probes that gave a template, references that gave one).
    ``probe_subjects`` and ``extracted``: one a probe. ``reference_subjects``: one a column. ``known_subjects``: whoever
    has a reference in the set. A tie counts against the mate. Raises ModelError where a score is not a number.
    """
    found = np.asarray(extracted, dtype=np.bool_)
    scores = np.asarray(matrix, dtype=np.float32).reshape(int(found.sum()), len(reference_subjects))
    if np.isnan(scores).any():
        raise ModelError(
            "operator.evaluation.no-score",
            "A comparison score is not a number: run 'semblance models verify' on the pack.",
        )
    names, fused = fuse_references(scores, reference_subjects)
    column = {name: place for place, name in enumerate(names)}
    known = set(known_subjects) | set(names)
    searches = len(probe_subjects)
    mate_score = np.full(searches, -np.inf, dtype=np.float32)
    mate_rank = np.full(searches, UNRANKED, dtype=np.int64)
    rival_score = np.full(searches, -np.inf, dtype=np.float32)
    for row, probe in enumerate(np.flatnonzero(found).tolist()):
        others = fused[row]
        mate = column.get(probe_subjects[probe])
        if mate is not None:
            own = others[mate]
            others = np.delete(others, mate)
            mate_score[probe] = own
            mate_rank[probe] = 1 + int((others >= own).sum())
        if others.size:
            rival_score[probe] = others.max()
    return SearchOutcomes(
        tuple(probe_subjects),
        np.asarray([subject in known for subject in probe_subjects], dtype=np.bool_),
        found,
        mate_score,
        mate_rank,
        rival_score,
    )
