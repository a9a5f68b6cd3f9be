"""What people do with the ledger: verify it, hand it out, look through it, prove one entry."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

from semblance.audit.bundle import (
    GrowthProof,
    Verified,
    explain_break,
    goes_on,
    require_signed,
    verify_bundle,
    write_bundle,
)
from semblance.audit.checkpoint import Checkpoint, VerifyingKey, sign_checkpoint
from semblance.audit.entry import Opening, Verb, opens, read_entry, read_reason, read_touched
from semblance.audit.receipt import Receipt, seal_receipt
from semblance.errors import ConfigurationError, NotFound, VerificationError
from semblance.messages.message import Message
from semblance.node.node import Node
from semblance.store import ledger, worker_notes
from semblance.store.engine import Transaction
from semblance.store.ledger_growth import require_unbroken
from semblance.store.ledger_witness import LedgerSeat, keep_checkpoint, read_witness
from semblance.store.touched import is_shut
from semblance.store.worker_notes import Verification
from semblance.terms.ids import AuthorityCode
from semblance.terms.permission import Action, Actor
from semblance.workflows.oversight.powers import require_powers
from semblance.workflows.permission import Permitted, ask, note_reading, record_act
from semblance.workflows.worker_acts import WORKER, log_due


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted; None asks for all."""

    verb: Verb | None = None
    person: str | None = None
    authority: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry's fields; ``reason`` and ``touched`` ids are None where what opened them was erased or is ``withheld``.

    It is withheld from all but the authority that acted, and from everybody while people examine what a search found.
    """

    fields: dict[str, Any]
    reason: Message | None
    touched: tuple[tuple[str, str | None], ...]
    withheld: bool


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first; ``size`` counts the whole ledger, ``next_before`` is None on the last page."""

    size: int
    entries: tuple[ShownEntry, ...]
    next_before: int | None


def verify_ledger(node: Node, actor: Actor) -> Verified | None:
    """Recompute the whole ledger; None where it is empty. Raises VerificationError with the first fault."""
    ask(node, actor, Action.LEDGER_READ)
    return recompute_ledger(node)


def recompute_ledger(node: Node) -> Verified | None:
    """Recompute the whole ledger for whoever may know, as the worker does; raises VerificationError."""
    seat = require_seat(node)
    require_unbroken(node.store)
    with node.store.reading() as tx:
        verified = ledger.verify_ledger(tx, seat.key.public)
        require_powers(tx)
    return verified


def verify_daily(node: Node) -> int:
    """Verify the ledger unless that was done within a day, and return how many entries it has; the worker's job.

    What is at fault is kept where the data-protection officer sees it, and raised again, each round anew, as
    VerificationError. A node that was opened without the key of its ledger has nothing to verify it with.
    """
    if node.store.ledger is None:
        return 0
    now = node.clock()
    with node.store.reading() as tx:
        last = worker_notes.find_last_verification(tx)
    if last is not None and last.fault is None and abs(now - last.at) < timedelta(days=1):
        return 0
    try:
        verified = recompute_ledger(node)
    except VerificationError as error:
        if last is None or last.fault != error.message:
            with node.store.writing() as tx:
                worker_notes.add_verification(tx, Verification(now, WORKER, None, error.message))
        raise
    entries = 0 if verified is None else verified.entries
    reason = Message("ledger.verified", "{n} entries, none changed, removed, moved or added", n=entries)
    with node.store.writing() as tx:
        worker_notes.add_verification(tx, Verification(now, WORKER, entries, None))
        log_due(tx, node, Verb.CONSULTATION, "ledger.verify", rule="every day", reason=reason, at=now)
    return entries


def export_ledger(node: Node, actor: Actor) -> Iterator[str]:
    """Return the lines of a bundle that can be verified elsewhere, and record that it is handed out.

    Raises NotFound where nothing was signed yet.
    """
    permit = ask(node, actor, Action.LEDGER_READ)
    record_act(node, permit, Verb.DISCLOSURE, action="ledger.export")
    with node.store.reading() as tx:
        checkpoint = _require_checkpoint(tx)
    return _write_lines(node, checkpoint, require_seat(node).key.public)


def list_newest(node: Node, actor: Actor, wanted: Filter, *, before: int | None, limit: int) -> LedgerPage:
    """Return the entries below number ``before`` (None: all) that pass the filter, newest first, and record that.

    What opens an entry is told to the authority that acted, to no other, and of an examination when it has ended.
    """
    permit = ask(node, actor, Action.LEDGER_READ)
    with node.store.reading() as tx:
        page = _find_page(tx, wanted, actor.authority, before=before, limit=limit)
    note_reading(node, permit)
    return page


def prove_entry(node: Node, actor: Actor, number: int) -> Receipt:
    """Return the receipt of an entry without what opens it: the proof that it stands there. Raises NotFound."""
    ask(node, actor, Action.LEDGER_READ)
    with node.store.reading() as tx:
        return _prove(tx, number, require_seat(node).key.public)


def prove_growth(node: Node, actor: Actor, older: int) -> GrowthProof:
    """Return the proof that the newest signed ledger goes on from its first ``older`` entries; raises NotFound."""
    ask(node, actor, Action.LEDGER_READ)
    with node.store.reading() as tx:
        checkpoint = _require_checkpoint(tx)
        if not 0 < older <= checkpoint.size:
            raise NotFound(
                "ledger.never-so-long",
                "The ledger never had {older} entries; it has {n}. Name 1 to that many.",
                older=older,
                n=checkpoint.size,
            )
        path = ledger.prove_growth(tx, older, checkpoint.size)
        root = ledger.read_root(tx, older)
    return GrowthProof(older, root, path, checkpoint, require_seat(node).key.public)


def make_receipt(node: Node, number: int, reader: AuthorityCode) -> Receipt:
    """Return the receipt of an entry with all that opens it to the authority; asks nobody. Raises NotFound."""
    key = require_seat(node).key
    with node.store.reading() as tx:
        proof = _prove(tx, number, key.public)
        fields = read_entry(proof.entry)
        held = _read_openings(tx, number, fields)
        told = held if _is_told(tx, number, fields, reader) else ()
    withheld = frozenset(opening.label for opening in held[len(told) :])
    return seal_receipt(replace(proof, openings=told), key, withheld=withheld)


def hand_out_receipt(node: Node, actor: Actor, number: int) -> Receipt:
    """Return the receipt of an entry to whoever did what it says, or may read the ledger, and record that.

    It opens what the ledger's page would open to the same authority. Raises NotFound.
    """
    with node.store.reading() as tx:
        data = ledger.read_data(tx, number)
    fields = {} if data is None else read_entry(data)
    own = (fields.get("person"), fields.get("authority")) == (actor.name, actor.authority)
    if own and actor.admitted and actor.reaches(Action.LEDGER_READ):
        permit = Permitted("own-act", actor, Action.LEDGER_READ)
    else:
        permit = ask(node, actor, Action.LEDGER_READ)
    receipt = make_receipt(node, number, actor.authority)
    reason = Message("ledger.receipt-made", "the receipt of entry {number}", number=number)
    record_act(node, permit, Verb.DISCLOSURE, action="ledger.receipt", reason=reason)
    return receipt


def cosign_bundle(node: Node, actor: Actor, lines: Iterable[str], *, log: VerifyingKey) -> Checkpoint:
    """Verify another node's ledger, and sign its checkpoint where it goes on from what this node signed before.

    What was signed is kept in the folder ``cosigned`` of the node's home, one file for each ledger. Raises
    VerificationError with the first fault; then nothing is signed.
    """
    permit = ask(node, actor, Action.LEDGER_READ)
    seat = require_seat(node)
    if log == seat.key.public:
        raise VerificationError(
            "ledger.cosigner-own", "That is this node's own ledger; a second signature must be another node's."
        )
    path = node.home / "cosigned" / f"{log.id.hex()}.note"
    known = read_witness(path)
    verified = verify_bundle(lines, trusted=log, known=known)
    cosigned = sign_checkpoint(verified.checkpoint, seat.key)
    keep_checkpoint(path, cosigned)
    reason = Message("ledger.cosigned", "the ledger {name} over {n} entries", name=log.name, n=cosigned.size)
    note_reading(node, permit, action="ledger.cosign", reason=reason)
    return cosigned


def require_goes_on(node: Node, known: Checkpoint, *, witness: VerifyingKey) -> None:
    """Raise VerificationError unless the node's ledger goes on from a checkpoint that the witness signed."""
    require_signed(known, witness)
    with node.store.reading() as tx:
        newest = ledger.read_checkpoint_note(tx)
        size = 0 if newest is None else newest.size
        path = ledger.prove_growth(tx, known.size, size) if 0 < known.size <= size else ()
    if newest is None or not goes_on(known, newest, path):
        raise VerificationError(explain_break(known, size))


def read_key(node: Node) -> VerifyingKey:
    """Return the public key that this node's ledger is signed with."""
    return require_seat(node).key.public


def _find_page(tx: Transaction, wanted: Filter, reader: AuthorityCode, *, before: int | None, limit: int) -> LedgerPage:
    size, found = ledger.read_size(tx), list[ShownEntry]()
    asked = {name: value for name, value in asdict(wanted).items() if value is not None}
    for number, data in ledger.iterate_backwards(tx, before=size if before is None else before):
        fields = read_entry(data)
        if any(fields.get(name) != value for name, value in asked.items()):
            continue
        if len(found) == limit:
            return LedgerPage(size, tuple(found), found[-1].fields["number"])
        told = _is_told(tx, number, fields, reader)
        texts = {opening.label: opening.text for opening in _read_openings(tx, number, fields)} if told else {}
        found.append(ShownEntry(fields, read_reason(texts), read_touched(fields, texts), not told))
    return LedgerPage(size, tuple(found), None)


def _prove(tx: Transaction, number: int, key: VerifyingKey) -> Receipt:
    checkpoint, data = _require_checkpoint(tx), ledger.read_data(tx, number)
    if data is None or number >= checkpoint.size:
        raise NotFound(
            "ledger.no-entry",
            "The ledger has no entry {number}; it has {n}, counted from 0.",
            number=number,
            n=checkpoint.size,
        )
    return Receipt(number, data, (), ledger.prove_entry(tx, number, checkpoint.size), checkpoint, key)


def _write_lines(node: Node, checkpoint: Checkpoint, key: VerifyingKey) -> Iterator[str]:
    with node.store.reading() as tx:
        entries = (data for _, data in islice(ledger.iterate_entries(tx), checkpoint.size))
        yield from write_bundle(entries, checkpoint, key)


def _read_openings(tx: Transaction, number: int, fields: dict[str, Any]) -> tuple[Opening, ...]:
    return tuple(opening for opening in ledger.read_openings(tx, number) if opens(fields, opening))


def _is_told(tx: Transaction, number: int, fields: dict[str, Any], reader: AuthorityCode) -> bool:
    """Return whether an entry opens to an authority: if it acted, and of an examination only when that has ended."""
    return fields.get("authority") == reader and not is_shut(tx, number)


def _require_checkpoint(tx: Transaction) -> Checkpoint:
    checkpoint = ledger.read_checkpoint_note(tx)
    if checkpoint is None:
        raise NotFound("ledger.empty", "The ledger is empty; there is nothing to hand out or to prove yet.")
    return checkpoint


def require_seat(node: Node) -> LedgerSeat:
    """Return where the node's ledger is signed; raises ConfigurationError where the store was opened without."""
    if node.store.ledger is None:
        raise ConfigurationError(
            "ledger.no-key", "This store was opened without the key of its ledger; open the node instead."
        )
    return node.store.ledger
