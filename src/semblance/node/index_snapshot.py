"""The sealed copy of the index on disk, from which a start takes seconds; the store stays the truth."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from semblance.errors import StoreError
from semblance.search.embedded.index import EmbeddedIndex
from semblance.search.embedded.saving import blank_rows, find_rows, pack_references, read_frame, write_frame
from semblance.store import gallery
from semblance.store.engine import Store, Transaction
from semblance.store.snapshot_files import SnapshotFiles, Table
from semblance.terms.ids import PackDigest

WORTH: Final = 8_192
"""Smaller galleries are loaded from the store in a second."""

_MANY: Final = 32
"""When so many chunks have changed, they are written; until then a start catches up with the store."""

_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Removal:
    """Whether this program wrote the snapshot last and has it alone; otherwise ``table`` is what it was opened with."""

    own: bool
    table: Table | None


class IndexSnapshot:
    """Loads and saves the rows of one pack's index; other programs may do so, too. Not thread-safe but for the lock."""

    def __init__(self, store: Store, folder: Path, pack: PackDigest) -> None:
        self._store = store
        self._files = SnapshotFiles(folder, pack)
        self._saved: Table | None = None
        self._doubtful = False
        self.pack = pack

    @contextmanager
    def loading(self) -> Iterator[bool]:
        """Yield whether there may be a snapshot; nobody writes it during the ``with`` block."""
        if not self._files.exists:
            yield False
            return
        with self._files.lock(shared=True, wait=_PATIENCE) as locked:
            yield locked

    def load(self, tx: Transaction, index: EmbeddedIndex) -> None:
        """Bring the index to where it was when it was saved; one that cannot be read leaves it empty.

        Chunks that are torn are left out; ``gallery_index`` counts what is held, and asks the store for the rest.
        """
        table = self._files.read_table(tx)
        if table is None or table.checkpoint > gallery.read_version(tx):
            return
        try:
            index.restore(read_frame(table.frame), self._files.read_chunks(table))
        except ValueError as error:
            structlog.get_logger().warning("the snapshot of the index cannot be read", reason=str(error))
            return
        if index.size:
            index.checkpoint, self._saved = table.checkpoint, table

    def doubt(self) -> None:
        """Note that a removal elsewhere may have left the snapshot unreadable; the next save checks."""
        self._doubtful = True

    def distrust(self) -> None:
        """Have the next save write all of it."""
        self._saved = None

    def is_due(self, index: EmbeddedIndex) -> bool:
        """Return whether there is enough that a start would have to do again."""
        if index.size < WORTH:
            return self._saved is not None
        return self._doubtful or self._saved is None or index.touched is None or len(index.touched) >= _MANY

    def save(self, index: EmbeddedIndex) -> None:
        """Write what changed, unless another program is at it; what goes wrong is logged, and the next start slower."""
        with self._files.lock(shared=False, wait=0.0) as alone:
            if alone:
                self.save_alone(index)

    def save_alone(self, index: EmbeddedIndex) -> None:
        """Write what changed; the caller has seen to it that no other program is at it."""
        try:
            if index.size < WORTH:
                self._saved, self._doubtful = None, False
                self._files.delete()
                return
            if self._doubtful and self._is_readable():
                self._doubtful = False
                if not self.is_due(index):
                    return
            base, self._saved = self._saved, None
            if base is not None and (index.touched is None or self._files.read_key() != base.key):
                base = None
            frame, count = index.save()
            changed = set(range(0 if base is None else len(base.keys), count)).union(index.touched or ())
            draft = self._files.write_rows(
                map(index.save_chunk, sorted(changed)), base=base, who=frame.widths.who, what=frame.widths.what
            )
            with self._store.writing() as tx:
                if any(index.holds(gone) for gone in gallery.read_removed(tx, after=index.checkpoint)):
                    # another program removed what this one still holds: it learns so before it searches again
                    return
                table, sealed = self._files.seal_table(tx, draft, checkpoint=index.checkpoint, frame=write_frame(frame))
            self._files.keep_table(table, sealed)
        except StoreError as error:
            structlog.get_logger().warning("the snapshot of the index is not written", error=str(error))
            return
        self._saved, self._doubtful = table, False
        index.mark_saved()

    @contextmanager
    def removing(self) -> Iterator[Removal]:
        """Keep other programs from the snapshot while references are removed; they wait, or go without it.

        Where this program did not write it or load it, it is opened now, as nobody can afterwards.
        """
        if not self._files.exists:
            yield Removal(own=False, table=None)
            return
        with self._files.lock(shared=False, wait=_PATIENCE) as alone:
            own = alone and self._saved is not None and self._files.read_key() == self._saved.key
            table = None
            if alone and not own:
                with self._store.reading() as tx:
                    table = self._files.read_table(tx)
            yield Removal(own, table)

    def _is_readable(self) -> bool:
        with self._store.reading() as tx:
            return self._files.read_table(tx) is not None

    def carve(self, table: Table) -> None:
        """Take out of the snapshot what the store does not hold any more, by the rows that it was opened with."""
        try:
            with self._store.reading() as tx:
                gone = frozenset(gallery.read_removed(tx, after=table.checkpoint))
            keys, widths, changed = pack_references(gone), read_frame(table.frame).widths, []
            for number, who in self._files.read_who(table):
                rows = find_rows(who, keys)
                if not len(rows):
                    continue
                chunk = self._files.read_chunk(table, number)
                if chunk is None:
                    return
                changed.append(blank_rows(chunk, rows, widths))
            draft = self._files.write_rows(changed, base=table, who=table.who, what=table.what)
            with self._store.writing() as tx:
                if not gone.issuperset(gallery.read_removed(tx, after=table.checkpoint)):
                    return
                made, sealed = self._files.seal_table(tx, draft, checkpoint=table.checkpoint, frame=table.frame)
            self._files.keep_table(made, sealed)
        except (StoreError, ValueError) as error:
            structlog.get_logger().warning("the snapshot of the index is not written", error=str(error))
