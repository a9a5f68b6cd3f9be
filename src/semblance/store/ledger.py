"""The ledger in the database: appended to in the transaction of the act itself, and never changed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from semblance.audit.act import Act
from semblance.audit.bundle import Verified, add_entry, check_head
from semblance.audit.checkpoint import Checkpoint, VerifyingKey, read_checkpoint, sign_checkpoint
from semblance.audit.entry import Opening, write_entry
from semblance.audit.merkle import (
    Frontier,
    ReadNode,
    find_root,
    hash_leaf,
    list_fresh_nodes,
    prove_consistency,
    prove_inclusion,
)
from semblance.errors import VerificationError
from semblance.store.engine import Transaction
from semblance.store.ledger_seat import write_witness
from semblance.store.schema_ledger import ledger_checkpoint, ledger_entry, ledger_node, ledger_opening
from semblance.store.touched import note_touched

_CHUNK: Final = 4096


def append(tx: Transaction, act: Act, *, at: datetime) -> int:
    """Append an entry and return its number; the transaction's end signs one checkpoint over all that it appended."""
    number = read_size(tx)
    written = write_entry(number, act, at)
    tx.connection.execute(sa.insert(ledger_entry).values(number=number, data=written.data))
    tx.connection.execute(
        sa.insert(ledger_node),
        [
            {"level": level, "position": position, "hash": found}
            for level, position, found in list_fresh_nodes(number, hash_leaf(written.data), _reader(tx))
        ],
    )
    tx.connection.execute(
        sa.insert(ledger_opening),
        [
            {"number": number, "label": opening.label, "salt": opening.salt, "text": opening.text}
            for opening in written.openings
        ],
    )
    note_touched(tx, number, act.touched)
    if tx.ledger is not None:
        tx.before_commit["ledger"] = lambda: _sign(tx)
    return number


def read_size(tx: Transaction) -> int:
    """Return how many entries the ledger has."""
    last: int | None = tx.connection.scalar(sa.select(sa.func.max(ledger_entry.c.number)))
    return 0 if last is None else last + 1


def read_root(tx: Transaction, size: int) -> bytes:
    """Return the tree head over the first ``size`` entries."""
    return find_root(size, _reader(tx))


def read_checkpoint_note(tx: Transaction) -> Checkpoint | None:
    """Return the newest checkpoint, or None before the first."""
    note = tx.connection.scalar(sa.select(ledger_checkpoint.c.note).order_by(ledger_checkpoint.c.size.desc()).limit(1))
    return None if note is None else read_checkpoint(note)


def read_data(tx: Transaction, number: int) -> bytes | None:
    """Return the bytes of the entry with that number."""
    data = tx.connection.scalar(sa.select(ledger_entry.c.data).where(ledger_entry.c.number == number))
    return None if data is None else bytes(data)


def read_openings(tx: Transaction, number: int) -> tuple[Opening, ...]:
    """Return what opens the entry's commitments, as far as it was not erased."""
    rows = tx.connection.execute(
        sa.select(ledger_opening).where(ledger_opening.c.number == number).order_by(ledger_opening.c.label)
    )
    return tuple(Opening(row.label, bytes(row.salt), row.text) for row in rows)


def prove_entry(tx: Transaction, number: int, size: int) -> tuple[bytes, ...]:
    """Return the audit path of an entry in the tree over the first ``size`` entries."""
    return prove_inclusion(number, size, _reader(tx))


def prove_growth(tx: Transaction, older: int, newer: int) -> tuple[bytes, ...]:
    """Return the proof that the ledger of ``older`` entries is the beginning of that of ``newer``."""
    return prove_consistency(older, newer, _reader(tx))


def iterate_entries(tx: Transaction, *, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Give the entries' numbers and bytes in order, a few thousand at a time in memory."""
    for chunk in _iterate_chunks(tx, start):
        yield from chunk


def iterate_backwards(tx: Transaction, *, before: int) -> Iterator[tuple[int, bytes]]:
    """Give the entries below that number, newest first, a few thousand at a time in memory."""
    while True:
        rows = tx.connection.execute(
            sa.select(ledger_entry)
            .where(ledger_entry.c.number < before)
            .order_by(ledger_entry.c.number.desc())
            .limit(_CHUNK)
        ).all()
        for row in rows:
            yield row.number, bytes(row.data)
        if not rows:
            return
        before = rows[-1].number


def verify_ledger(tx: Transaction, key: VerifyingKey) -> Verified | None:
    """Recompute the whole ledger against its nodes and every checkpoint; None where nothing was ever appended.

    Raises VerificationError with the first fault. Older entries that vanished together with all newer checkpoints are
    found by what lies outside the database only: the witness, or a checkpoint that another node signed.
    """
    tree, newest = Frontier(), None
    waiting = iter(tx.connection.execute(sa.select(ledger_checkpoint).order_by(ledger_checkpoint.c.size)).all())
    note, expected = next(waiting, None), 0
    for chunk in _iterate_chunks(tx, 0):
        nodes: dict[tuple[int, int], bytes] = {}
        heads: list[tuple[str, int, bytes]] = []
        for number, data in chunk:
            if number != tree.size:
                raise VerificationError(f"Entry {tree.size} of the ledger is missing; it was removed by hand.")
            nodes.update({(level, position): found for level, position, found in add_entry(tree, data)})
            if note is not None and note.size == tree.size:
                heads.append((note.note, tree.size, tree.root))
                note = next(waiting, None)
        # before the heads over them: these say which entry it is
        _check_nodes(tx, nodes)
        for text, size, root in heads:
            newest = read_checkpoint(text)
            check_head(size, root, newest, key)
        expected += len(nodes)
    if note is not None:
        raise VerificationError(f"A checkpoint was signed over {note.size} entries, and {tree.size} are here.")
    held = tx.connection.scalar(sa.select(sa.func.count()).select_from(ledger_node)) or 0
    if held != expected:
        raise VerificationError("The ledger holds hashes that belong to no entry; they were added by hand.")
    if newest is None or newest.size != tree.size:
        if not tree.size:
            return None
        signed = 0 if newest is None else newest.size
        raise VerificationError(
            f"Only {signed} of the {tree.size} entries are signed; the others were appended by hand."
        )
    return Verified(tree.size, newest, key)


def _iterate_chunks(tx: Transaction, start: int) -> Iterator[list[tuple[int, bytes]]]:
    after = start - 1
    while True:
        rows = tx.connection.execute(
            sa.select(ledger_entry).where(ledger_entry.c.number > after).order_by(ledger_entry.c.number).limit(_CHUNK)
        ).all()
        if not rows:
            return
        yield [(row.number, bytes(row.data)) for row in rows]
        after = rows[-1].number


def _check_nodes(tx: Transaction, nodes: dict[tuple[int, int], bytes]) -> None:
    """Raise VerificationError unless exactly these hashes are held in the stretches that they cover."""
    places: dict[int, list[int]] = {}
    for level, position in nodes:
        places.setdefault(level, []).append(position)
    for level, positions in places.items():
        rows = tx.connection.execute(
            sa.select(ledger_node.c.position, ledger_node.c.hash).where(
                ledger_node.c.level == level, ledger_node.c.position.between(min(positions), max(positions))
            )
        )
        held = {row.position: bytes(row.hash) for row in rows}
        for position in positions:
            if held.get(position) != nodes[level, position]:
                raise VerificationError(
                    f"Entry {((position + 1) << level) - 1} of the ledger, or a hash over it, was changed by hand."
                )


def _sign(tx: Transaction) -> None:
    assert tx.ledger is not None
    size = read_size(tx)
    unsigned = Checkpoint(tx.ledger.origin, size, read_root(tx, size))
    checkpoint = sign_checkpoint(unsigned, tx.ledger.key)
    tx.connection.execute(sa.insert(ledger_checkpoint).values(size=size, note=str(checkpoint)))
    witness = tx.ledger.witness
    if witness is not None:
        tx.after_commit["witness"] = lambda: write_witness(witness, checkpoint)


def _read_node(tx: Transaction, level: int, position: int) -> bytes | None:
    data = tx.connection.scalar(
        sa.select(ledger_node.c.hash).where(ledger_node.c.level == level, ledger_node.c.position == position)
    )
    return None if data is None else bytes(data)


def _reader(tx: Transaction) -> ReadNode:
    def read(level: int, position: int) -> bytes:
        found = _read_node(tx, level, position)
        if found is None:
            raise VerificationError("A hash of the ledger is missing; the ledger was changed by hand.")
        return found

    return read
