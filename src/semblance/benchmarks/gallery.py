"""Synthetic galleries for measuring: their templates lie in a file, as a node's lie in its store."""

import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from semblance.benchmarks.synthetic import TemplateModel, make_mates, make_templates
from semblance.search.canonical import canonical_scores
from semblance.search.index import IndexRow
from semblance.terms.ids import AuthorityCode, PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts, RecordKind, RecordState
from semblance.terms.samples import Metric, Template

BLOCK: Final = 50_000
"""So many rows are made at once."""

CANDIDATES: Final = 20
_PACK: Final = PackDigest("0" * 64)
_KEPT: Final = 200
_KINDS: Final = (RecordKind.RED, RecordKind.YELLOW, RecordKind.BLUE)
_LAST: Final = date(2100, 1, 1)


class SyntheticGallery:
    """Synthetic rows: their templates in a temporary file, found again by the number in their identifiers."""

    def __init__(self, model: TemplateModel, metric: Metric, rows: int, photos: int = 1) -> None:
        self._model, self.metric, self.photos = model, metric, photos
        self._salt = secrets.token_hex(12)
        self._file = Path(f"semblance-benchmark-{secrets.token_hex(8)}.npy")
        self.values = np.lib.format.open_memmap(self._file, mode="w+", dtype=np.float32, shape=(rows, model.dimension))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        del self.values
        self._file.unlink(missing_ok=True)

    def make(self, first: int, count: int, random: np.random.Generator) -> list[IndexRow]:
        """Return new rows, and keep their templates."""
        people = -(-count // self.photos)
        values = make_templates(self._model, people, self.photos, random)[:count]
        self.values[first : first + count] = values
        return [self.make_row(first + place, row) for place, row in enumerate(values)]

    def make_row(self, number: int, values: NDArray[np.float32]) -> IndexRow:
        """Return the row of a template; its subject is that of the rows made with it."""
        subject = self.find_subject(number)
        kind = _KINDS[subject % len(_KINDS)]
        facts = RecordFacts(AuthorityCode("FR"), RecordState.ACTIVE, kind=kind, retain_until=_LAST)
        reference = ReferenceId(f"{secrets.token_hex(12)}{number:08x}")
        return IndexRow(reference, SubjectId(f"{self._salt}{subject:08x}"), number + 1, self.wrap(values), facts)

    def find_subject(self, number: int) -> int:
        """Return the number of the subject that a row is of."""
        # each block begins with another subject, whether the one before was whole or not
        block, place = divmod(number, BLOCK)
        return block * BLOCK + place // self.photos

    def make_probes(self, count: int, random: np.random.Generator, *, among: int | None = None) -> list[Template]:
        """Return probes of which every other one has a mate in the gallery, or among its first rows."""
        rows = self.values[random.integers(0, among or len(self.values), count)]
        mates, strangers = make_mates(self._model, rows, random), make_templates(self._model, count, 1, random)
        return [self.wrap((mates, strangers)[place % 2][place]) for place in range(count)]

    def wrap(self, values: NDArray[np.float32]) -> Template:
        """Return numbers as a template."""
        return Template(_PACK, self.metric, self._model.dimension, values.astype("<f4").tobytes())

    def fetch(self, references: Sequence[ReferenceId]) -> list[bytes]:
        """Return templates as they are stored."""
        return [self.values[int(reference[-8:], 16)].astype("<f4").tobytes() for reference in references]

    def search_plainly(self, probes: NDArray[np.float32], *, third: bool) -> list[list[tuple[int, float]]]:
        """Return number and score of each probe's candidates by brute force; ``third``: of every third row alone.

        A float32 product over everything leaves far more rows than there are candidates, which are then scored.
        """
        kept, numbers = _KEPT * self.photos, np.empty((len(probes), 0), dtype=np.int64)
        values = np.empty((len(probes), 0), dtype=np.float32)
        for first in range(0, len(self.values), BLOCK):
            rows = self.values[first : first + BLOCK]
            products = probes @ rows.T
            if self.metric is Metric.EUCLIDEAN:
                products -= 0.5 * np.einsum("ij,ij->i", rows, rows)
            if third:
                subjects = np.array([self.find_subject(number) for number in range(first, first + len(rows))])
                products[:, subjects % len(_KINDS) != 0] = -np.inf
            best = np.argpartition(-products, min(kept, len(rows)) - 1, axis=1)[:, :kept]
            numbers = np.hstack([numbers, first + best])
            values = np.hstack([values, np.take_along_axis(products, best, axis=1)])
            best = np.argpartition(-values, min(kept, values.shape[1]) - 1, axis=1)[:, :kept]
            numbers, values = np.take_along_axis(numbers, best, axis=1), np.take_along_axis(values, best, axis=1)
        return [self._order(probe, np.sort(mine)) for probe, mine in zip(probes, numbers, strict=True)]

    def _order(self, probe: NDArray[np.float32], numbers: NDArray[np.int64]) -> list[tuple[int, float]]:
        scores = canonical_scores(probe[None], self.values[numbers], self.metric)[0]
        best: dict[int, tuple[int, float]] = {}
        for place in np.lexsort((numbers, -scores)):
            number = int(numbers[place])
            best.setdefault(self.find_subject(number), (number, float(scores[place])))
        return list(best.values())[:CANDIDATES]


def allow_all(_facts: RecordFacts) -> bool:
    """Let every record be a candidate."""
    return True


def allow_third(facts: RecordFacts) -> bool:
    """Let a third of the records be candidates."""
    return facts.kind is _KINDS[0]
