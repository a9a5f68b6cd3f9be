"""The rows of the ledger as the database holds them: a hand that changes one may change its type, too."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from semblance.audit.checkpoint import Checkpoint, read_checkpoint
from semblance.audit.merkle import ReadNode
from semblance.errors import LedgerBroken
from semblance.store.engine import Transaction
from semblance.store.schema.ledger import ledger_checkpoint, ledger_entry, ledger_node

DATA: Final = sa.type_coerce(ledger_entry.c.data, sa.types.NullType()).label("data")
HASH: Final = sa.type_coerce(ledger_node.c.hash, sa.types.NullType()).label("hash")

_LAST: Final = ledger_entry.c.number.desc()
_END: Final = sa.select(
    sa.select(ledger_checkpoint.c.note).order_by(ledger_checkpoint.c.size.desc()).limit(1).scalar_subquery(),
    sa.select(ledger_entry.c.number).order_by(_LAST).limit(1).scalar_subquery(),
    sa.select(DATA).order_by(_LAST).limit(1).scalar_subquery(),
)


def read_size(tx: Transaction) -> int:
    """Return how many entries the ledger has."""
    if tx.ledger_tail.size is not None:
        return tx.ledger_tail.size
    last = tx.connection.scalar(sa.select(sa.func.max(ledger_entry.c.number)))
    return 0 if last is None else require_number(last) + 1


def read_end(tx: Transaction) -> tuple[Checkpoint | None, int, bytes]:
    """Return the newest checkpoint, how many entries there are, and the newest one's bytes."""
    note, number, data = tx.connection.execute(_END).one()
    checkpoint = None if note is None else read_checkpoint(str(note))
    return checkpoint, 0 if number is None else require_number(number) + 1, b"" if data is None else require_bytes(data)


def read_checkpoint_note(tx: Transaction) -> Checkpoint | None:
    """Return the newest checkpoint, or None before the first."""
    note = tx.connection.scalar(sa.select(ledger_checkpoint.c.note).order_by(ledger_checkpoint.c.size.desc()).limit(1))
    return None if note is None else read_checkpoint(str(note))


def load_nodes(tx: Transaction, walk: Callable[[ReadNode], object]) -> None:
    """Ask the database once for all the hashes that the walk over the tree will read."""
    wanted: list[tuple[int, int]] = []

    def note(level: int, position: int) -> bytes:
        wanted.append((level, position))
        return b""

    walk(note)
    places = sorted({place for place in wanted if tx.ledger_tail.find_hash(*place) is None})
    if not places:
        return
    # numbers of this program's own, written out: binding pairs of them costs more than the whole question
    which = " OR ".join(f"level = {level:d} AND position = {position:d}" for level, position in places)
    for row in tx.connection.exec_driver_sql(f"SELECT level, position, hash FROM ledger_node WHERE {which}"):  # noqa: S608
        tx.ledger_tail.remember_hash(require_number(row.level), require_number(row.position), require_bytes(row.hash))


def make_reader(tx: Transaction) -> ReadNode:
    """Return what reads a hash of the tree, of this transaction's own or of the database."""

    def read(level: int, position: int) -> bytes:
        remembered = tx.ledger_tail.find_hash(level, position)
        if remembered is not None:
            return remembered
        stored = sa.select(HASH).where(ledger_node.c.level == level, ledger_node.c.position == position)
        found: object = tx.connection.scalar(stored)
        if found is None:
            raise LedgerBroken(
                "ledger.hash-missing", "A hash of the ledger is missing; the ledger was changed by hand."
            )
        return require_bytes(found)

    return read


def require_bytes(value: object) -> bytes:
    """Raise LedgerBroken unless the database holds bytes there."""
    if not isinstance(value, bytes):
        raise LedgerBroken(
            "ledger.type-changed", "What the ledger holds was changed by hand: something in it is of another type."
        )
    return value


def require_number(value: object) -> int:
    """Raise LedgerBroken unless the database holds a number there."""
    if not isinstance(value, int):
        raise LedgerBroken(
            "ledger.number-changed", "The ledger's numbers were changed by hand: one of them is no number any more."
        )
    return value
