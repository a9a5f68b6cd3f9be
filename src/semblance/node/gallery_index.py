"""The gallery in memory, kept in step with the store."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from semblance.errors import IndexUnreachable, KeyDestroyed, OutOfMemory, PackConflict, SemblanceError
from semblance.node.index_snapshot import IndexSnapshot
from semblance.node.reconcile_index import Reconciled, reconcile
from semblance.search.embedded.index import EmbeddedIndex, Fetch
from semblance.search.index import Allowed, Found, Question, TemplateIndex
from semblance.search.milvus.index import MilvusIndex
from semblance.store import gallery, templates
from semblance.store.engine import Store, Transaction
from semblance.terms.ids import PackDigest, ReferenceId, SubjectId
from semblance.terms.record import RecordFacts
from semblance.terms.samples import Template
from semblance.terms.search import Candidate, CandidateList

_TOGETHER: Final = 16
"""So many searches share a pass at most: a longer line would wait for all of it."""

MEMORY_FILE: Final = Path("/proc/meminfo")
"""Where the machine says how much memory is free; one that does not say is believed to have enough."""


class GalleryIndex:
    """Templates in memory: loaded at the first search, brought up to date with the store before each; thread-safe.

    Searches that wait for each other share a pass.

    ``make_index`` makes what holds and searches them; it is given a way to read templates as they are stored.
    ``snapshots``: the folder in which what is in memory is kept sealed, so that the next start need not do it again.
    ``pack``: whose templates these are; None is the one that the node searches with.
    """

    def __init__(
        self,
        store: Store,
        make_index: Callable[[Fetch], TemplateIndex] = EmbeddedIndex,
        *,
        snapshots: Path | None = None,
        pack: PackDigest | None = None,
    ) -> None:
        self._store = store
        self._pack = pack
        self._make_index = make_index
        self._folder = snapshots
        self._snapshot: IndexSnapshot | None = None
        self._reading: Transaction | None = None
        self._made: TemplateIndex | None = None
        self._damaged: set[SubjectId] = set()
        self._lock = Lock()
        self._queue = Lock()
        self._waiting: list[_Waiting] = []

    def search(
        self,
        probe: Template,
        *,
        limit: int,
        pack_name: str,
        allowed: Allowed,
        among: Collection[SubjectId] | None = None,
    ) -> CandidateList:
        """Return the candidates among the allowed records of the gallery as it stands in the store now.

        ``among`` narrows them to these subjects; None narrows nothing.
        Raises PackConflict where the gallery was filled by another pack than the probe's.
        """
        mine = _Waiting(Question(probe, limit, allowed, among), pack_name)
        with self._queue:
            self._waiting.append(mine)
        with self._loading() as saved, self._lock:
            if not mine.over:
                self._answer(self._take_waiting(mine), saved)
        self._keep()
        if mine.error is not None:
            raise mine.error
        assert mine.answer is not None
        return mine.answer

    def _take_waiting(self, mine: "_Waiting") -> list["_Waiting"]:
        """Return this search and those that wait with it, in one pass with which it takes little longer."""
        with self._queue:
            if mine in self._waiting:
                self._waiting.remove(mine)
            others, self._waiting = self._waiting[: _TOGETHER - 1], self._waiting[_TOGETHER - 1 :]
        return [mine, *others]

    def _answer(self, asked: Sequence["_Waiting"], saved: IndexSnapshot | None) -> None:
        """Answer these searches, or the first of them alone where one spoils it for the others; those ask again."""
        try:
            self._answer_together(asked, saved)
        except KeyDestroyed:
            # somebody was erased between that state of the store and the reading of a template; the next one knows
            self._answer_together(asked[:1], saved)
        except (SemblanceError, ValueError):
            if len(asked) == 1:
                raise
            self._answer_together(asked[:1], saved)

    def _answer_together(self, asked: Sequence["_Waiting"], saved: IndexSnapshot | None) -> None:
        with self._store.reading() as tx:
            fitting = [search for search in asked if self._pack is not None or search.fits(tx)]
            if not fitting:
                return
            self._catch_up(tx, saved)
            self._reading = tx
            try:
                found = self._index.search([search.question for search in fitting])
            finally:
                self._reading = None
            # what is shown is held against the store once more: the index may be older than what was done by hand
            facts = gallery.read_facts_of(tx, {scored.subject for answer in found for scored in answer.scored})
            for search, answer in zip(fitting, found, strict=True):
                search.answer = self._list(search.question, answer, facts)

    def _list(self, question: Question, found: Found, facts: Mapping[SubjectId, RecordFacts]) -> CandidateList:
        open_to = {subject for subject, seen in facts.items() if question.allowed(seen)}
        shown = [scored for scored in found.scored if scored.subject in open_to]
        closed = {scored.subject for scored in found.scored} - open_to
        return CandidateList(
            pack=question.probe.pack,
            gallery_subjects=found.subjects,
            gallery_references=found.references,
            gallery_version=self._index.checkpoint,
            candidates=tuple(
                Candidate(rank, scored.subject, scored.reference, scored.score)
                for rank, scored in enumerate(shown, start=1)
            ),
            left_out=len(self._damaged | closed),
        )

    @contextmanager
    def removing(self) -> Iterator[Callable[[Collection[ReferenceId]], None]]:
        """Give what overwrites the templates of references in memory and in the snapshot, at once.

        The ``with`` block begins before the transaction that removes them, and what it gives is called after the
        commit: that destroys the snapshot's key, so that only who opened it before can write it anew.
        """
        snapshot = self._find_snapshot()
        if snapshot is None:
            yield self._forget
            return
        with snapshot.removing() as removal:

            def forget(references: Collection[ReferenceId]) -> None:
                self._forget(references)
                if not references:
                    return
                with self._lock:
                    if removal.table is not None:
                        snapshot.carve(removal.table)
                    elif removal.own and isinstance(self._made, EmbeddedIndex):
                        snapshot.save_alone(self._made)

            yield forget

    def reconcile(self, *, repair: bool, on_progress: Callable[[int], None] | None = None) -> Reconciled:
        """Compare an index that is elsewhere with the store, and repair it where asked to.

        ``on_progress`` is told how many rows were looked at.
        """
        with self._lock, self._store.reading() as tx:
            if not isinstance(self._index, MilvusIndex):
                return Reconciled(elsewhere=False)
            self._catch_up(tx, None)
            return reconcile(tx, self._index, repair=repair, on_progress=on_progress)

    def _forget(self, references: Collection[ReferenceId]) -> None:
        if isinstance(self._made, EmbeddedIndex):
            # without waiting for the search that is going on
            self._made.overwrite(references)
        with self._lock:
            try:
                self._index.remove(references)
            except IndexUnreachable:
                # the index is elsewhere, and learns it from the store before it is searched again
                return

    @property
    def size(self) -> int:
        """Return the number of references in memory; 0 before the first search."""
        return 0 if self._made is None else self._made.size

    @property
    def _index(self) -> TemplateIndex:
        # opened when it is first needed: a node whose index is elsewhere works on while that does not answer
        if self._made is None:
            self._made = self._make_index(self._fetch)
        return self._made

    @contextmanager
    def _loading(self) -> Iterator[IndexSnapshot | None]:
        """Give the snapshot, where one may be read now, and keep other programs from writing it meanwhile."""
        loaded = self._made is not None and not (isinstance(self._made, EmbeddedIndex) and not self._made.size)
        snapshot = None if loaded else self._find_snapshot()
        if snapshot is None:
            yield None
            return
        with snapshot.loading() as readable:
            yield snapshot if readable else None

    def _find_snapshot(self) -> IndexSnapshot | None:
        """Return the snapshot of the gallery's pack; None where there can be none."""
        if self._folder is None:
            return None
        with self._store.reading() as tx:
            pack = self._pack or gallery.read_pack(tx)
        if pack is not None and (self._snapshot is None or self._snapshot.pack != pack):
            self._snapshot = IndexSnapshot(self._store, self._folder, pack)
        return self._snapshot

    def _keep(self) -> None:
        """Write the snapshot where enough has changed; a search that is answered already waits for it."""
        snapshot, index = self._snapshot, self._made
        if snapshot is not None and isinstance(index, EmbeddedIndex) and snapshot.is_due(index):
            with self._lock:
                snapshot.save(index)

    def _catch_up(self, tx: Transaction, saved: IndexSnapshot | None) -> None:
        version, pack = gallery.read_version(tx), self._pack or gallery.read_pack(tx)
        if self._index.pack is not None and self._index.pack != pack:
            self._index.clear()
        if version == self._index.checkpoint:
            return
        if version < self._index.checkpoint:
            # the database was replaced by an older copy: nothing in memory can be trusted to be in it
            self._index.clear()
        if not self._index.checkpoint:
            _require_memory(self._index.estimate(*templates.read_size(tx, pack)))
            if saved is not None and isinstance(self._index, EmbeddedIndex):
                saved.load(tx, self._index)
        loaded = self._index.checkpoint
        try:
            if self._index.checkpoint:
                removed = gallery.read_removed(tx, after=self._index.checkpoint)
                self._index.remove(removed)
                if removed and self._snapshot is not None:
                    self._snapshot.doubt()
                self._index.alter(gallery.read_altered(tx, after=self._index.checkpoint))
            if not self._index.checkpoint:
                self._damaged.clear()
            fresh = templates.iterate_references(tx, after=self._index.checkpoint, pack=pack, damaged=self._damaged)
            for rows in fresh:
                self._index.add(rows)
            if saved is not None and loaded and pack is not None and isinstance(self._index, EmbeddedIndex):
                _complete(tx, self._index, saved, pack)
        except BaseException:
            # half caught up: an index elsewhere does it all once more, one in memory begins at nothing
            if not self._index.durable:
                self._index.clear()
            raise
        self._index.checkpoint = version

    def _fetch(self, references: Sequence[ReferenceId]) -> list[bytes]:
        assert self._reading is not None
        return templates.read_templates(self._reading, references, pack=self._pack)


@dataclass(eq=False, slots=True)
class _Waiting:
    """A search that waits for the index, and what came of it."""

    question: Question
    pack_name: str
    answer: CandidateList | None = None
    error: PackConflict | None = None

    @property
    def over(self) -> bool:
        return self.answer is not None or self.error is not None

    def fits(self, tx: Transaction) -> bool:
        """Return whether the gallery is of the probe's pack; if not, the search ends with that."""
        try:
            gallery.require_pack(tx, self.question.probe.pack, self.pack_name)
        except PackConflict as error:
            self.error = error
        return self.error is None


def _complete(tx: Transaction, index: EmbeddedIndex, saved: IndexSnapshot, pack: PackDigest) -> None:
    """Complete an index loaded from a snapshot with some torn chunks from the store."""
    stored, _ = templates.read_size(tx, pack)
    if index.size == stored:
        return
    structlog.get_logger().warning("the snapshot of the index is damaged", references=stored, found=index.size)
    saved.distrust()
    for rows in templates.iterate_missing(tx, index.holds, pack=pack):
        index.add(rows)
    if index.size != stored:
        # it held what the store does not
        index.clear()
        for rows in templates.iterate_references(tx, after=0, pack=pack):
            index.add(rows)


def _require_memory(needed: int) -> None:
    """Raise OutOfMemory where the machine says that less is free than is needed."""
    try:
        lines = MEMORY_FILE.read_text(encoding="ascii").splitlines()
    except OSError:
        return
    free = next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)
    if free is not None and needed > free:
        raise OutOfMemory(
            "index.out-of-memory",
            "The gallery's templates need about {needed:.1f} GB of memory, and {free:.1f} GB are free on this "
            "machine. Stop other programs, or give the machine more memory; nothing was searched.",
            needed=needed / 1e9,
            free=free / 1e9,
        )
