"""The end of the ledger as a writing transaction knows it: what it appended, written to the database many rows at once.

A transaction that appends a hundred entries asks the database for the ledger's size once and sends four statements, not
hundreds. Writers wait for each other, so nobody else appends meanwhile.
"""

from typing import Any, Final

import sqlalchemy as sa

_UNWRITTEN_AT_MOST: Final = 2000
_REMEMBERED_AT_MOST: Final = 8192


class LedgerTail:
    """Rows that are not written yet, the size once it is known, and the hashes that were added last.

    Whoever reads a table of the ledger, or deletes from one, in a transaction that may have appended, calls ``flush``
    before; the transaction does at its end.
    """

    def __init__(self) -> None:
        self.size: int | None = None
        self._hashes: dict[tuple[int, int], bytes] = {}
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {}
        self._count = 0

    def add_rows(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Keep rows to be written; tables are written in the order in which they were named first."""
        self._rows.setdefault(table, []).extend(rows)
        self._count += len(rows)

    def remember_hash(self, level: int, position: int, found: bytes) -> None:
        """Keep a hash, so that the next entries need not ask the database for it."""
        if len(self._hashes) >= _REMEMBERED_AT_MOST and not self._count:
            self._hashes.clear()
        self._hashes[level, position] = found

    def find_hash(self, level: int, position: int) -> bytes | None:
        """Return a hash that this transaction added, or None where the database has to be asked."""
        return self._hashes.get((level, position))

    @property
    def is_long(self) -> bool:
        """Return whether so much is waiting that it is better written now."""
        return self._count >= _UNWRITTEN_AT_MOST

    def flush(self, connection: sa.Connection) -> None:
        """Write what is waiting."""
        waiting, self._rows, self._count = self._rows, {}, 0
        for table, rows in waiting.items():
            connection.execute(sa.insert(table), rows)
