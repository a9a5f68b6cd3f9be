"""Exact search: a float32 pass over all templates selects, and what it cannot decide is scored to the last bit.

The pass over the matrix is only as good as float32 addition in an unknown order, but its error is bounded (Higham,
Accuracy and Stability of Numerical Algorithms, 2nd edition, section 3.1: at most gamma_n |a| |b|). So each subject's
score lies in a known interval. Whatever reaches the k-th best lower end may belong to the answer and gets its canonical
score; everything else is proven not to.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.arrays import require_same_pack, stack_templates
from semblance.search.canonical import canonical_scores, gamma, measure_norms
from semblance.search.index import Allowed, Found, IndexRow, Scored
from semblance.search.rows import RowBlocks
from semblance.terms.candidates import CANDIDATE_CAP
from semblance.terms.ids import ReferenceId, SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template

_SINGLE_ROUNDOFF: Final = 2.0**-24
_TINY: Final = 2.0**-120
"""More than all underflow of a float32 inner product together, at any dimension that a template has."""


class ExactIndex:
    """A TemplateIndex that compares the probe with every template in memory."""

    def __init__(self) -> None:
        self.checkpoint = 0
        self._rows: RowBlocks | None = None
        self._kind: Template | None = None
        self._slots: dict[ReferenceId, int] = {}
        self._references: dict[int, ReferenceId] = {}
        self._subjects: list[SubjectId] = []
        self._owners: dict[SubjectId, int] = {}
        self._held: dict[int, int] = {}
        self._compartments: list[RecordFacts] = []
        self._numbers: dict[RecordFacts, int] = {}

    @property
    def size(self) -> int:
        """Return the number of references held."""
        return len(self._slots)

    @property
    def subjects(self) -> int:
        """Return the number of subjects that have at least one reference here."""
        return len(self._held)

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Hold these references, too; none of them where one raises PackConflict or ModelError."""
        fresh = [row for row in {row.reference: row for row in rows}.values() if row.reference not in self._slots]
        if not fresh:
            return
        values = stack_templates([row.template for row in fresh])
        if self._kind is not None:
            require_same_pack(self._kind, fresh[0].template)
        if self._rows is None:
            self._rows = RowBlocks(fresh[0].template.dimension)
            kind = fresh[0].template
            self._kind = Template(kind.pack, kind.metric, kind.dimension, b"")
        for row, numbers in zip(fresh, values, strict=True):
            owner = self._number_subject(row.subject)
            compartment = self._number_compartment(row.facts)
            slot = self._rows.put(numbers, sequence=row.sequence, owner=owner, compartment=compartment)
            self._slots[row.reference] = slot
            self._references[slot] = row.reference
            self._held[owner] = self._held.get(owner, 0) + 1

    def remove(self, references: Collection[ReferenceId]) -> None:
        """Forget these references; their rows are zero when this returns."""
        for reference in references:
            slot = self._slots.pop(reference, None)
            if slot is None or self._rows is None:
                continue
            owner = int(self._rows.owners[slot])
            self._rows.clear(slot)
            del self._references[slot]
            self._held[owner] -= 1
            if not self._held[owner]:
                del self._held[owner]
        if not self._slots:
            # an empty gallery may be filled by another pack
            self._rows = self._kind = None
            self._subjects.clear()
            self._owners.clear()
            self._compartments.clear()
            self._numbers.clear()

    def alter(self, facts: Mapping[ReferenceId, RecordFacts]) -> None:
        """Take in what the records of these references are now; unknown references are passed over."""
        for reference, now in facts.items():
            slot = self._slots.get(reference)
            if slot is not None and self._rows is not None:
                self._rows.compartments[slot] = self._number_compartment(now)

    def search(
        self,
        probes: Sequence[Template],
        *,
        limit: int,
        allowed: Allowed,
        among: Collection[SubjectId] | None = None,
    ) -> tuple[Found, ...]:
        """Return the best allowed subjects of each probe; an empty gallery has none."""
        if limit < 1:
            raise ValueError(f"a candidate list needs room for at least one candidate, not {limit}")
        return tuple(self._search(probe, limit, allowed, among) for probe in probes)

    def _search(self, probe: Template, limit: int, allowed: Allowed, among: Collection[SubjectId] | None) -> Found:
        values = stack_templates([probe])
        if self._rows is None or self._kind is None:
            return Found((), 0, 0)
        require_same_pack(self._kind, probe)
        wanted = min(limit, CANDIDATE_CAP)
        open_rows = self._select(allowed, among)
        # over all rows, so that the time tells nothing of how many were not allowed
        owners = np.bincount(self._rows.owners[: self._rows.slots], weights=open_rows)
        subjects = int(np.count_nonzero(owners))
        low, high = _bound_scores(self._rows, values[0], probe.metric, open_rows)
        undecided = np.flatnonzero(open_rows & (high >= self._find_bar(low, wanted, subjects)))
        scores = canonical_scores(values, self._rows.read(undecided), probe.metric)[0]
        return Found(self._fuse(undecided, scores, wanted), subjects, int(open_rows.sum()))

    def _select(self, allowed: Allowed, among: Collection[SubjectId] | None) -> NDArray[np.bool_]:
        """Return which slots hold a reference that may be a candidate; each compartment is asked about once."""
        assert self._rows is not None
        lets = np.fromiter((allowed(facts) for facts in self._compartments), np.bool_, len(self._compartments))
        used = slice(self._rows.slots)
        chosen: NDArray[np.bool_] = self._rows.alive[used] & lets[self._rows.compartments[used]]
        if among is not None:
            wanted = np.zeros(len(self._subjects), dtype=np.bool_)
            wanted[[self._owners[subject] for subject in among if subject in self._owners]] = True
            chosen &= wanted[self._rows.owners[used]]
        return chosen

    def _number_compartment(self, facts: RecordFacts) -> int:
        number = self._numbers.get(facts)
        if number is None:
            number = self._numbers[facts] = len(self._compartments)
            self._compartments.append(facts)
        return number

    def _number_subject(self, subject: SubjectId) -> int:
        number = self._owners.get(subject)
        if number is None:
            number = self._owners[subject] = len(self._subjects)
            self._subjects.append(subject)
        return number

    def _find_bar(self, low: NDArray[np.float64], wanted: int, subjects: int) -> float:
        """Return a score that at least ``wanted`` different subjects reach for certain, or minus infinity."""
        assert self._rows is not None
        if subjects <= wanted:
            return -np.inf
        taken = min(len(low), max(4 * wanted, 256))
        while True:
            best = np.argpartition(-low, taken - 1)[:taken]
            best = best[np.argsort(-low[best], kind="stable")]
            best = best[np.isfinite(low[best])]
            _, firsts = np.unique(self._rows.owners[best], return_index=True)
            if len(firsts) >= wanted or taken == len(low):
                return float(low[best[np.sort(firsts)[wanted - 1]]]) if len(firsts) >= wanted else -np.inf
            taken = min(len(low), 4 * taken)

    def _fuse(self, slots: NDArray[np.int64], scores: NDArray[np.float32], wanted: int) -> tuple[Scored, ...]:
        assert self._rows is not None
        order = np.lexsort((self._rows.sequences[slots], -scores))
        seen: set[int] = set()
        answer: list[Scored] = []
        for position in order:
            slot = int(slots[position])
            owner = int(self._rows.owners[slot])
            if owner in seen:
                continue
            seen.add(owner)
            sequence = int(self._rows.sequences[slot])
            answer.append(Scored(self._subjects[owner], self._references[slot], sequence, float(scores[position])))
            if len(answer) == wanted:
                break
        return tuple(answer)


def _bound_scores(
    rows: RowBlocks, probe: NDArray[np.float32], metric: Metric, alive: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the intervals that hold the canonical scores; slots that may not count get minus infinity."""
    products = rows.multiply(probe).astype(np.float64)
    norms = rows.norms[: rows.slots]
    probe_norm = float(measure_norms(probe.astype(np.float64)[None, :])[0])
    error = gamma(rows.dimension + 2, _SINGLE_ROUNDOFF) * probe_norm * norms + _TINY
    if metric is Metric.COSINE:
        low, high = products - error, products + error
    else:
        squares = norms**2 + probe_norm**2 - 2.0 * products
        # the norms are upper bounds to 1e-12
        error = 2.0 * error + 1e-11 * (norms + probe_norm) ** 2
        low = -np.sqrt(np.maximum(squares + error, 0.0))
        high = -np.sqrt(np.maximum(squares - error, 0.0))
    # a canonical score is rounded to float32 at the end: half a unit in the last place, and some to spare
    with np.errstate(invalid="ignore"):  # products beyond float32 are infinite; they stay undecided below
        low -= 2.0 * _SINGLE_ROUNDOFF * np.abs(low) + _TINY
        high += 2.0 * _SINGLE_ROUNDOFF * np.abs(high) + _TINY
    decided = np.isfinite(products)
    low = np.where(alive & decided, low, -np.inf)
    high = np.where(alive, np.where(decided, high, np.inf), -np.inf)
    return low, high
