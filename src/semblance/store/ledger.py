"""The ledger in the database: appended to in the transaction of the act itself, and never changed."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from semblance.audit.bundle import Verified, add_entry, check_head, explain_break, goes_on
from semblance.audit.checkpoint import Checkpoint, VerifyingKey, read_checkpoint, sign_checkpoint
from semblance.audit.entry import REASONS, SALT_LENGTH, Act, Opening, write_entry
from semblance.audit.merkle import Frontier, find_root, hash_leaf, list_fresh_nodes, prove_consistency, prove_inclusion
from semblance.errors import KeyDestroyed, LedgerBroken, VerificationError
from semblance.store.clock_doubts import note_jump
from semblance.store.engine import Transaction
from semblance.store.keyring.keyring import KeyId
from semblance.store.ledger_growth import ANCHOR, anchor_head, list_known_heads, require_grown
from semblance.store.ledger_rows import DATA, HASH, make_reader, require_bytes, require_number
from semblance.store.ledger_rows import read_checkpoint_note as read_checkpoint_note
from semblance.store.ledger_rows import read_size as read_size
from semblance.store.ledger_witness import write_witness
from semblance.store.rows import count_rows
from semblance.store.schema.ledger import ledger_checkpoint, ledger_entry, ledger_node, ledger_opening
from semblance.store.touched import find_opening_keys, note_touched
from semblance.store.vault import seal, unseal

_CHUNK: Final = 4096


def append(tx: Transaction, act: Act, *, at: datetime, sealed_under: KeyId | None = None) -> int:
    """Append an entry and return its number; the transaction's end signs one checkpoint over all that it appended.

    What opens its commitments is sealed under the key of what it touched, unless ``sealed_under`` names another. Raises
    LedgerBroken where the ledger that is held does not go on from what was signed before.
    """
    tail = tx.ledger_tail
    if tx.ledger is not None and tail.size is None:
        tail.head = require_grown(tx, tx.ledger, list_known_heads(tx.ledger, tx.keyring))
        tail.size = 0 if tail.head is None else tail.head.size
        if tail.newest:
            note_jump(tx, tail.newest, at)
    number = read_size(tx)
    written = write_entry(number, act, at)
    keys = find_opening_keys(tx, act, written.touched, sealed_under)
    tail.add_rows(ledger_entry, [{"number": number, "data": written.data}])
    fresh = list(list_fresh_nodes(number, hash_leaf(written.data), make_reader(tx)))
    for level, position, found in fresh:
        tail.remember_hash(level, position, found)
    tail.add_rows(
        ledger_node, [{"level": level, "position": position, "hash": found} for level, position, found in fresh]
    )
    openings = zip(written.openings, keys, strict=True)
    tail.add_rows(ledger_opening, [_seal_opening(tx, number, opening, key) for opening, key in openings])
    note_touched(tx, number, act.touched)
    tail.size = number + 1
    if tail.is_long:
        tail.flush(tx.connection)
    if tx.ledger is not None:
        tx.before_commit["ledger"] = lambda: _sign(tx)
    return number


def read_root(tx: Transaction, size: int) -> bytes:
    """Return the tree head over the first ``size`` entries."""
    return find_root(size, make_reader(tx))


def read_data(tx: Transaction, number: int) -> bytes | None:
    """Return the bytes of the entry with that number."""
    tx.ledger_tail.flush(tx.connection)
    data = tx.connection.scalar(sa.select(DATA).where(ledger_entry.c.number == number))
    return None if data is None else require_bytes(data)


def read_openings(tx: Transaction, number: int) -> tuple[Opening, ...]:
    """Return what opens the entry's commitments, as far as it was not erased."""
    tx.ledger_tail.flush(tx.connection)
    rows = tx.connection.execute(
        sa.select(ledger_opening).where(ledger_opening.c.number == number).order_by(ledger_opening.c.label)
    )
    found = []
    for row in rows.all():
        # after an older copy was restored its rows are there again, and their key is not
        with contextlib.suppress(KeyDestroyed):
            place = _place_opening(number, row.label)
            data = unseal(tx, KeyId(row.key_id), place, bytes(row.sealed))
            text = data[SALT_LENGTH:].decode("utf-8", "surrogatepass")
            found.append(Opening(row.label, data[:SALT_LENGTH], text))
    return tuple(found)


def list_sealed_under(tx: Transaction, key: KeyId) -> tuple[int, ...]:
    """Return the numbers of the entries whose reason the key opens, oldest first."""
    tx.ledger_tail.flush(tx.connection)
    mine = (ledger_opening.c.key_id == key) & ledger_opening.c.label.in_(REASONS)
    return tuple(
        tx.connection.scalars(sa.select(ledger_opening.c.number).where(mine).order_by(ledger_opening.c.number))
    )


def prove_entry(tx: Transaction, number: int, size: int) -> tuple[bytes, ...]:
    """Return the audit path of an entry in the tree over the first ``size`` entries."""
    return prove_inclusion(number, size, make_reader(tx))


def prove_growth(tx: Transaction, older: int, newer: int) -> tuple[bytes, ...]:
    """Return the proof that the ledger of ``older`` entries is the beginning of that of ``newer``."""
    return prove_consistency(older, newer, make_reader(tx))


def iterate_entries(tx: Transaction, *, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Give the entries' numbers and bytes in order, a few thousand at a time in memory."""
    tx.ledger_tail.flush(tx.connection)
    for chunk in _iterate_chunks(tx, start):
        yield from chunk


def iterate_backwards(tx: Transaction, *, before: int) -> Iterator[tuple[int, bytes]]:
    """Give the entries below that number, newest first, a few thousand at a time in memory."""
    tx.ledger_tail.flush(tx.connection)
    for chunk in _iterate_chunks(tx, before, down=True):
        yield from chunk


@dataclass(slots=True)
class Recomputed:
    """How far a verification has come: the tree so far, the newest checkpoint met, and how many hashes there must be.

    It may go on in another transaction: nothing of the ledger changes but that entries are appended.
    """

    tree: Frontier = field(default_factory=Frontier)
    newest: Checkpoint | None = None
    nodes: int = 0


def verify_ledger(tx: Transaction, key: VerifyingKey) -> Verified | None:
    """Recompute the whole ledger against its nodes and every checkpoint; None where nothing was ever appended.

    Raises VerificationError with the first fault. Older entries that vanished together with all newer checkpoints are
    found by what lies outside the database only: the witness, or a checkpoint that another node signed.
    """
    found = Recomputed()
    while recompute_part(tx, key, found):
        pass
    return conclude_verification(tx, key, found)


def recompute_part(tx: Transaction, key: VerifyingKey, found: Recomputed) -> bool:
    """Recompute the next few thousand entries; return whether there were any. Raises VerificationError."""
    tx.ledger_tail.flush(tx.connection)
    tree, begin = found.tree, found.tree.size
    chunk = next(_iterate_chunks(tx, begin), None)
    if chunk is None:
        return False
    signed = ledger_checkpoint.c.size
    here = sa.select(ledger_checkpoint).where(signed > begin, signed <= begin + len(chunk))
    notes = {row.size: str(row.note) for row in tx.connection.execute(here)}
    nodes: dict[tuple[int, int], bytes] = {}
    heads: list[tuple[int, bytes]] = []
    for number, data in chunk:
        if number != tree.size:
            raise VerificationError(
                "ledger.entry-missing",
                "Entry {number} of the ledger is missing; it was removed by hand.",
                number=tree.size,
            )
        nodes.update({(level, position): made for level, position, made in add_entry(tree, data)})
        if tree.size in notes:
            heads.append((tree.size, tree.root))
    # before the heads over them: these say which entry it is
    _check_nodes(tx, nodes)
    for size, root in heads:
        found.newest = read_checkpoint(notes[size])
        check_head(size, root, found.newest, key)
    found.nodes += len(nodes)
    return True


def conclude_verification(tx: Transaction, key: VerifyingKey, found: Recomputed) -> Verified | None:
    """Return what was verified when nothing is left to be recomputed, as this transaction sees it.

    Raises VerificationError where the database holds checkpoints or hashes that belong to no entry, or unsigned ones.
    """
    tree, newest, size = found.tree, found.newest, ledger_checkpoint.c.size
    astray = sa.select(size).where((size > tree.size) | (size < 1)).order_by(size).limit(1)
    beyond = tx.connection.scalar(astray)
    if beyond is not None:
        raise VerificationError(
            "ledger.checkpoint-beyond",
            "A checkpoint was signed over {signed} entries, and {n} are here.",
            signed=beyond,
            n=tree.size,
        )
    if count_rows(tx, ledger_node) != found.nodes:
        raise VerificationError(
            "ledger.hash-added", "The ledger holds hashes that belong to no entry; they were added by hand."
        )
    if newest is None or newest.size != tree.size:
        if not tree.size:
            return None
        signed = 0 if newest is None else newest.size
        raise VerificationError(
            "ledger.entries-unsigned",
            "Only {signed} of the {n} entries are signed; the others were appended by hand.",
            signed=signed,
            n=tree.size,
        )
    return Verified(tree.size, newest, key)


def _iterate_chunks(tx: Transaction, place: int, *, down: bool = False) -> Iterator[list[tuple[int, bytes]]]:
    """Give the entries from that number on; or, ``down``, those below it, newest first."""
    number = ledger_entry.c.number
    while True:
        beyond, order = (number < place, number.desc()) if down else (number >= place, number.asc())
        rows = tx.connection.execute(sa.select(number, DATA).where(beyond).order_by(order).limit(_CHUNK)).all()
        if not rows:
            return
        yield [(require_number(row.number), require_bytes(row.data)) for row in rows]
        place = rows[-1].number if down else rows[-1].number + 1


def _check_nodes(tx: Transaction, nodes: dict[tuple[int, int], bytes]) -> None:
    """Raise VerificationError unless exactly these hashes are held in the stretches that they cover."""
    places: dict[int, list[int]] = {}
    for level, position in nodes:
        places.setdefault(level, []).append(position)
    for level, positions in places.items():
        rows = tx.connection.execute(
            sa.select(ledger_node.c.position, HASH).where(
                ledger_node.c.level == level, ledger_node.c.position.between(min(positions), max(positions))
            )
        )
        hashes = {row.position: require_bytes(row.hash) for row in rows}
        for position in positions:
            if hashes.get(position) != nodes[level, position]:
                raise VerificationError(
                    "ledger.entry-changed",
                    "Entry {number} of the ledger, or a hash over it, was changed by hand.",
                    number=(position + 1 << level) - 1,
                )


def _seal_opening(tx: Transaction, number: int, opening: Opening, key: KeyId) -> dict[str, object]:
    data = opening.salt + opening.text.encode("utf-8", "surrogatepass")
    sealed = seal(tx, key, _place_opening(number, opening.label), data)
    return {"number": number, "label": opening.label, "key_id": key, "sealed": sealed}


def _place_opening(number: int, label: str) -> str:
    return f"opening/{number}/{label}"


def _sign(tx: Transaction) -> None:
    seat, older = tx.ledger, tx.ledger_tail.head
    assert seat is not None
    size = read_size(tx)
    unsigned = Checkpoint(seat.origin, size, read_root(tx, size))
    # a long transaction asks for hashes again, which somebody may have changed in between
    if older is not None and not goes_on(older, unsigned, prove_growth(tx, older.size, size)):
        raise LedgerBroken(explain_break(older, size))
    checkpoint = sign_checkpoint(unsigned, seat.key)
    tx.connection.execute(sa.insert(ledger_checkpoint).values(size=size, note=str(checkpoint)))
    tx.after_commit["ledger head"] = lambda: seat.memory.remember(checkpoint)
    if not seat.witnesses:
        return
    tx.heads[ANCHOR] = anchor_head(checkpoint)
    witness = seat.witness
    if witness is not None:
        tx.after_commit["witness"] = lambda: write_witness(witness, checkpoint)
