"""The index of a node by itself: what it holds in memory, and how that changes; ``answering`` searches it."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from semblance.search.embedded.answering import Answering
from semblance.search.embedded.bounds import Plan, ProbeBounds
from semblance.search.embedded.planes import CLOSED, Planes
from semblance.search.embedded.quantizer import encode_rows, learn_quantizer
from semblance.search.embedded.registry import Registry
from semblance.search.embedded.saving import ROWS_PER_CHUNK, Frame, SavedChunk, count_chunks, restore_rows, save_chunk
from semblance.search.embedded.stored_rows import StoredRows
from semblance.search.index import Found, IndexRow, Question
from semblance.search.templates import require_same_pack, stack_templates
from semblance.terms.ids import PackDigest, ReferenceId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Metric, Template
from semblance.terms.search import CANDIDATE_CAP

Fetch = Callable[[Sequence[ReferenceId]], Sequence[bytes]]
"""Reads the values of templates as they are stored, in the order asked for."""

_MEMORY: Final = 1 << 30
_LEARNT_FROM: Final = 65_536
_AT_ONCE: Final = 16_384
_ODD_KEPT: Final = 16_384
"""So many templates that the grid does not hold stay in memory where the others are read from the store."""
_BESIDES: Final = 120
"""Bytes a row besides its templates: whose it is, under which identifiers, and room to grow."""

_IDENTIFIER: Final = re.compile(r"[0-9a-f]{32}")


class EmbeddedIndex:
    """A TemplateIndex in this process's memory.

    Templates as they are stored stay in memory up to ``memory`` bytes, and are read by ``fetch`` beyond that; without
    it they always stay. Identifiers have 32 hexadecimal digits.

    Not thread-safe, but for ``overwrite``, which need not wait for a search that is going on.
    """

    durable = False

    def __init__(self, fetch: Fetch | None = None, *, memory: int = _MEMORY, workers: int | None = None) -> None:
        self.checkpoint = 0
        self._fetch = fetch
        self._memory = memory
        self._workers = workers or len(os.sched_getaffinity(0))
        self._kind: Template | None = None
        self._planes: Planes | None = None
        self._stored: StoredRows | None = None
        self._registry = Registry()
        self._learnt_from = self._learnt_at = 0
        self._touched: set[int] = set()
        self._whole = True
        self._odd_rows: dict[int, NDArray[np.float32]] = {}
        self._changing = RLock()
        self._overwritten: list[ReferenceId] = []

    @property
    def size(self) -> int:
        """Return the number of references held."""
        return self._registry.references.count

    @property
    def pack(self) -> PackDigest | None:
        """Return which pack made the templates held; None where nothing is."""
        return None if self._kind is None else self._kind.pack

    @property
    def subjects(self) -> int:
        """Return the number of subjects that have at least one reference here."""
        return self._registry.subjects

    def estimate(self, references: int, dimension: int) -> int:
        """Return about how many bytes so many references need: rounded rows, identifiers, and stored rows at first."""
        stored = 4 * dimension * references
        kept = stored if self._fetch is None else min(stored, self._memory + 4 * dimension * _LEARNT_FROM)
        return references * (2 * dimension + _BESIDES) + kept

    @property
    def bytes_read(self) -> int:
        """Return how many bytes a search reads of the plane that is read whole."""
        return 0 if self._planes is None else self._planes.slots * self._planes.quantizer.coarse_width

    def add(self, rows: Iterable[IndexRow]) -> None:
        """Hold these references, too; none of them where one raises PackConflict, ModelError or ValueError."""
        with self._changing:
            known = self._registry.references
            fresh = [row for row in {row.reference: row for row in rows}.values() if known.find(row.reference) is None]
            if not fresh:
                return
            values = stack_templates([row.template for row in fresh])
            kind = fresh[0].template
            if self._kind is not None:
                require_same_pack(self._kind, kind)
            for identifier in (name for row in fresh for name in (row.reference, row.subject)):
                if not _IDENTIFIER.fullmatch(identifier):
                    raise ValueError(f"{identifier[:40]!r} is no identifier of 32 hexadecimal digits")
            if self._planes is None:
                self._kind = replace(kind, values=b"")
                sample = values[:: max(1, len(values) // _LEARNT_FROM)]
                self._planes = Planes(learn_quantizer(sample, kind.metric), self._workers)
                self._learnt_from = self._learnt_at = len(sample)
                self._stored = StoredRows(kind.dimension)
            compartments = [self._registry.number_facts(row.facts) for row in fresh]
            owners = [
                self._registry.enter(row.subject, compartment)
                for row, compartment in zip(fresh, compartments, strict=True)
            ]
            codes = encode_rows(self._planes.quantizer, values)
            slots = self._planes.put(codes, owners, compartments, [row.sequence for row in fresh])
            for row, slot in zip(fresh, slots, strict=True):
                known.put(row.reference, slot)
            if self._stored is not None:
                self._stored.put(slots, values)
            self._touch(slots)
            self._review()

    def remove(self, references: Collection[ReferenceId]) -> None:
        """Forget these references; their rows are zero when this returns."""
        with self._changing:
            for reference in references:
                slot = self._registry.references.drop(reference)
                if slot is None or self._planes is None:
                    continue
                self._registry.leave(int(self._planes.owners[slot]), int(self._planes.compartments[slot]))
                self._planes.clear(slot)
                self._blank_kept(slot)
                self._touch([slot])
            if not self.size:
                # an empty gallery may be filled by another pack
                self._empty()

    def overwrite(self, references: Collection[ReferenceId]) -> None:
        """Overwrite the templates of these references at once; a search that is going on begins again without them.

        They count as held until ``remove`` is called, or the next search.
        """
        with self._changing:
            for reference in references:
                slot = self._registry.references.find(reference)
                if slot is None or self._planes is None:
                    continue
                self._planes.blank(slot)
                self._blank_kept(slot)
                self._overwritten.append(reference)

    def alter(self, facts: Mapping[ReferenceId, RecordFacts]) -> None:
        """Take in what the records of these references are now; unknown references are passed over."""
        with self._changing:
            for reference, now in facts.items():
                slot = self._registry.references.find(reference)
                if slot is not None and self._planes is not None:
                    old, new = int(self._planes.compartments[slot]), self._registry.number_facts(now)
                    self._registry.move(int(self._planes.owners[slot]), old, new)
                    self._planes.compartments[slot] = new
                    self._touch([slot])

    def holds(self, reference: ReferenceId) -> bool:
        """Return whether the reference is held."""
        return self._registry.references.find(reference) is not None

    @property
    def touched(self) -> frozenset[int] | None:
        """Return the chunks that changed since ``mark_saved``; None where all did, or nothing was saved yet."""
        return None if self._whole else frozenset(self._touched)

    def mark_saved(self) -> None:
        """Take what is held now for saved."""
        self._touched, self._whole = set(), False

    def save(self) -> tuple[Frame, int]:
        """Return what the index is besides its rows, and in how many chunks they are; raises ValueError if empty."""
        planes = self._planes
        if planes is None or self._kind is None:
            raise ValueError("an empty index is not saved")
        errors = (planes.coarse_error, planes.fine_error, planes.rest_error, planes.length, planes.norm)
        frame = Frame(
            kind=self._kind,
            quantizer=planes.quantizer,
            slots=planes.slots,
            errors=errors,
            facts=self._registry.facts,
            learnt_from=self._learnt_from,
            learnt_at=self._learnt_at,
            stored=self._stored is not None,
        )
        return frame, count_chunks(planes.slots)

    def save_chunk(self, number: int) -> SavedChunk:
        """Return the rows of one chunk as bytes."""
        assert self._planes is not None
        return save_chunk(self._planes, self._stored, self._registry, number)

    def restore(self, frame: Frame, chunks: Iterable[SavedChunk]) -> None:
        """Hold what was saved, and nothing else; chunks may be missing. Raises ValueError and is empty then."""
        with self._changing:
            self.clear()
            planes, stored, registry = restore_rows(frame, chunks, self._workers)
            if not registry.references.count:
                return
            self._kind, self._planes, self._stored, self._registry = frame.kind, planes, stored, registry
            self._learnt_from, self._learnt_at = frame.learnt_from, frame.learnt_at
            self.mark_saved()

    def clear(self) -> None:
        """Forget everything."""
        with self._changing:
            self._empty()
            self.checkpoint = 0

    def search(self, questions: Sequence[Question]) -> tuple[Found, ...]:
        """Return the best allowed subjects of each probe; an empty gallery has none."""
        values = stack_templates([question.probe for question in questions])
        while True:
            gone, self._overwritten = self._overwritten, []
            self.remove(gone)
            found = self._answer(questions, values)
            if not self._overwritten:
                return found

    def _answer(self, questions: Sequence[Question], values: NDArray[np.float32]) -> tuple[Found, ...]:
        if self._planes is None or self._kind is None or not questions:
            return tuple(Found((), 0, 0) for _ in questions)
        require_same_pack(self._kind, questions[0].probe)
        plans = self._plan(self._planes, questions, values)
        answering = Answering(self._planes, self._registry, self._kind.metric, self._read_stored)
        return tuple(
            Found(scored, plan.subjects, plan.references)
            for plan, scored in zip(plans, answering.answer(plans), strict=True)
        )

    def _plan(self, planes: Planes, questions: Sequence[Question], values: NDArray[np.float32]) -> list[Plan]:
        """Ask the policy, and choose among subjects, once where several questions have it in common."""
        lets: dict[int, NDArray[np.bool_]] = {}
        chosen: dict[tuple[int, int], tuple[NDArray[np.bool_] | None, int, int]] = {}
        plans = []
        for question, probe in zip(questions, values, strict=True):
            asked, narrowed = id(question.allowed), id(question.among)
            if asked not in lets:
                lets[asked] = self._registry.judge(question.allowed)
            if (asked, narrowed) not in chosen:
                chosen[asked, narrowed] = (
                    (None, *self._registry.count(lets[asked]))
                    if question.among is None
                    else self._registry.choose(question.among, lets[asked])
                )
            among, subjects, references = chosen[asked, narrowed]
            # no bar is high enough for more subjects than there are
            wanted = max(1, min(question.limit, CANDIDATE_CAP, subjects))
            plans.append(Plan(probe, ProbeBounds(planes, probe), wanted, lets[asked], among, subjects, references))
        return plans

    def _read_stored(self, slots: NDArray[np.int64]) -> NDArray[np.float32]:
        if self._stored is not None:
            return self._stored.read(slots)
        assert self._kind is not None
        rows = np.empty((len(slots), self._kind.dimension), dtype=np.float32)
        kept = [self._odd_rows.get(slot) for slot in slots.tolist()]
        for place, row in enumerate(kept):
            if row is not None:
                rows[place] = row
        missing = np.flatnonzero([row is None for row in kept])
        if len(missing):
            rows[missing] = self._fetch_rows(slots[missing], self._kind.dimension)
        return rows

    def _fetch_rows(self, slots: NDArray[np.int64], dimension: int) -> NDArray[np.float32]:
        """Read templates from where they are stored, and keep those that every search compares."""
        assert self._fetch is not None
        assert self._planes is not None
        values = b"".join(self._fetch(self._registry.name_references(slots)))
        rows: NDArray[np.float32] = np.frombuffer(values, dtype="<f4").astype(np.float32).reshape(-1, dimension)
        for place in np.flatnonzero(self._planes.odd[slots]).tolist():
            if len(self._odd_rows) < _ODD_KEPT:
                self._odd_rows[int(slots[place])] = rows[place].copy()
        return rows

    def _blank_kept(self, slot: int) -> None:
        if self._stored is not None:
            self._stored.clear(slot)
        kept = self._odd_rows.pop(slot, None)
        if kept is not None:
            kept[:] = 0.0

    def _review(self) -> None:
        """Learn the grid anew while the gallery is small or does not fit it; give up stored rows that need too much."""
        assert self._planes is not None
        assert self._kind is not None
        grown = self.size >= 4 * self._learnt_from and self._learnt_from < _LEARNT_FROM
        strange = self._planes.odd_count > max(1024, self.size // 16) and self.size >= 2 * self._learnt_at
        if (grown or strange) and self._stored is not None:
            self._rebuild(self._planes, self._stored, self._kind.metric)
        if self._fetch is not None and self._stored is not None and 4 * self._kind.dimension * self.size > self._memory:
            self._stored.wipe()
            self._stored, self._whole = None, True

    def _rebuild(self, old: Planes, stored: StoredRows, metric: Metric) -> None:
        used = np.flatnonzero(old.compartments[: old.slots] != CLOSED)
        sample = stored.read(used[:: max(1, len(used) // _LEARNT_FROM)])
        self._planes = old.regrid(learn_quantizer(sample, metric))
        self._learnt_from = len(sample)
        for at in range(0, len(used), _AT_ONCE):
            part = used[at : at + _AT_ONCE]
            self._planes.write(part, encode_rows(self._planes.quantizer, stored.read(part)))
        self._learnt_at, self._whole = self.size, True

    def _empty(self) -> None:
        self._kind = self._planes = self._stored = None
        self._registry = Registry()
        self._learnt_from = self._learnt_at = 0
        self._touched, self._whole, self._odd_rows = set(), True, {}

    def _touch(self, slots: Iterable[int]) -> None:
        self._touched.update(slot // ROWS_PER_CHUNK for slot in slots)
