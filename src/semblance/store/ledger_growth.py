"""Whether the ledger in the database goes on from every head known outside it: asked before anything is signed.

Whoever can write the database can write entries, hashes and checkpoints, and no signature. So the newest checkpoint
must be signed by this node, there must be as many entries as it says (entries and head are committed together), the
hashes must give its head, and it must go on from the heads that this process, the witness and the keyring know. What
shows only where every entry is read again, ``ledger.verify_ledger`` finds.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from semblance.audit.bundle import goes_on
from semblance.audit.checkpoint import Checkpoint, is_signed
from semblance.audit.merkle import find_root, hash_leaf, prove_consistency
from semblance.errors import LedgerBroken, VerificationError
from semblance.store.engine import Store, Transaction
from semblance.store.keyring.anchors import Anchor
from semblance.store.keyring.keyring import Keyring
from semblance.store.ledger_rows import load_nodes, make_reader, read_end
from semblance.store.ledger_witness import LedgerSeat, read_witness

ANCHOR: Final = "ledger"
"""What the newest head is called in the keyring: the anchor's number is its size, the value its root."""


@dataclass(frozen=True, slots=True)
class KnownHeads:
    """The heads known outside the database, and whether the file that should hold one is missing."""

    heads: tuple[Checkpoint, ...]
    lacks_witness: bool = False


def anchor_head(head: Checkpoint) -> Anchor:
    """Return the head as the keyring keeps it."""
    return Anchor(head.size, head.root.hex())


def list_known_heads(seat: LedgerSeat, keyring: Keyring | None) -> KnownHeads:
    """Return what this process, the witness and the keyring know; while it is open what is right, the process alone.

    The keyring is asked once a second, as often as it is told. A transaction that only reads begins after this was
    asked: what is committed in between is no difference.
    """
    if not seat.witnesses:
        return KnownHeads(tuple(filter(None, [seat.memory.head])))
    anchored = None if keyring is None else seat.memory.recall_anchor(partial(_read_anchor, seat, keyring))
    try:
        seen = None if seat.witness is None else read_witness(seat.witness)
    except VerificationError as error:
        raise LedgerBroken(error.message) from error
    known = tuple(filter(None, (seat.memory.head, anchored, seen)))
    return KnownHeads(known, lacks_witness=seat.witness is not None and seen is None)


def require_grown(tx: Transaction, seat: LedgerSeat, known: KnownHeads) -> Checkpoint | None:
    """Return the newest checkpoint, None where nothing was ever signed; raises LedgerBroken where something differs."""
    try:
        newest, size, data = read_end(tx)
    except VerificationError as error:
        raise LedgerBroken(error.message) from error
    if newest is None and not size:
        if longest := max((head.size for head in known.heads), default=0):
            raise _explain_older(longest, size)
        return None
    if newest is None or newest.size != size:
        raise LedgerBroken(
            "ledger.rows-unsigned",
            "The store holds {n} entries of the ledger, and this node signed {signed}: entries were written or removed "
            "by hand. Put the right database back; until then nothing is done.",
            n=size,
            signed=0 if newest is None else newest.size,
        )
    _require_own_head(tx, seat, newest, data)
    tx.ledger_tail.newest = data
    if known.lacks_witness:
        raise LedgerBroken(
            "ledger.witness-missing",
            "The file ledger-checkpoint is missing from the node's home folder, so that nobody can tell whether the "
            "database is the newest. Put it back; if the database is the right one, `semblance ledger accept-restored` "
            "goes on without, and that is recorded.",
        )
    for head in known.heads:
        if not _goes_on(tx, head, newest):
            raise _explain_older(head.size, size)
    return newest


def require_unbroken(store: Store) -> None:
    """Raise LedgerBroken where the store's ledger is not the one that this node signed last, or was changed by hand."""
    seat = store.ledger
    if seat is None:
        return
    known = list_known_heads(seat, store.keyring)
    with store.reading() as tx:
        newest = require_grown(tx, seat, known)
    if newest is not None:
        seat.memory.remember(newest)
    store.raise_waiting()


def _require_own_head(tx: Transaction, seat: LedgerSeat, newest: Checkpoint, data: bytes) -> None:
    if newest != seat.memory.head and not (newest.origin == seat.origin and is_signed(newest, seat.key.public)):
        raise LedgerBroken(
            "ledger.head-unsigned",
            "The newest checkpoint in the store is not signed by this node: it was written by hand. Put the right "
            "database back; until then nothing is done.",
        )
    size = newest.size
    load_nodes(tx, lambda read: (find_root(size, read), read(0, size - 1)))
    read = make_reader(tx)
    if find_root(size, read) != newest.root or read(0, size - 1) != hash_leaf(data):
        raise LedgerBroken(
            "ledger.hashes-changed",
            "The hashes of the ledger, or its newest entry, do not give the head that this node signed over {n} "
            "entries: they were changed by hand. Put the right database back; until then nothing is done.",
            n=size,
        )


def _goes_on(tx: Transaction, head: Checkpoint, newest: Checkpoint) -> bool:
    if not 0 < head.size < newest.size:
        return head.size == 0 or (head.origin, head.size, head.root) == (newest.origin, newest.size, newest.root)
    prove = partial(prove_consistency, head.size, newest.size)
    load_nodes(tx, prove)
    return goes_on(head, newest, prove(make_reader(tx)))


def _read_anchor(seat: LedgerSeat, keyring: Keyring) -> Checkpoint | None:
    kept = keyring.read_anchors([ANCHOR]).get(ANCHOR)
    if kept is None:
        return None
    try:
        root = bytes.fromhex(kept.value)
    except ValueError:
        root = b""
    return Checkpoint(seat.origin, kept.number, root)


def _explain_older(signed: int, size: int) -> LedgerBroken:
    return LedgerBroken(
        "ledger.store-older",
        "This node signed a ledger of {signed} entries, and the store holds {n} or other ones: an older "
        "copy of the database was restored, or somebody changed it. Put the right database back; if the "
        "older copy is meant, say so with `semblance ledger accept-restored`, which is recorded.",
        signed=signed,
        n=size,
    )
