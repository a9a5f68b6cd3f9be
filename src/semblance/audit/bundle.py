"""A ledger as one file, and its verification on a machine without the node.

JSON lines: a head that names the format and the log's verifier key, one line with each entry's bytes in base64, and at
the end the newest checkpoint. That a ledger goes on from an older checkpoint is proven by a few hashes, without the
entries (RFC 9162, 2.1.4).
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from semblance.audit.checkpoint import Checkpoint, VerifyingKey, is_signed, read_checkpoint, read_key
from semblance.audit.entry import read_entry
from semblance.audit.merkle import Frontier, check_consistency, hash_leaf
from semblance.errors import VerificationError
from semblance.messages.message import Message

FORMAT: Final = "semblance-ledger/1"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was verified; ``key`` is the one that the checkpoint is signed with."""

    entries: int
    checkpoint: Checkpoint
    key: VerifyingKey


def write_bundle(entries: Iterable[bytes], checkpoint: Checkpoint, key: VerifyingKey) -> Iterator[str]:
    """Give the bundle's lines."""
    yield json.dumps({"format": FORMAT, "key": str(key)}) + "\n"
    for data in entries:
        yield json.dumps({"entry": base64.b64encode(data).decode()}) + "\n"
    yield json.dumps({"checkpoint": str(checkpoint)}) + "\n"


def verify_bundle(
    lines: Iterable[str], *, trusted: VerifyingKey | None = None, known: Checkpoint | None = None
) -> Verified:
    """Verify a bundle line by line; memory does not grow with it.

    Raises VerificationError with the first fault. Without ``trusted`` the bundle's own key is believed: then it is only
    proven that nobody without that key changed anything, and whoever reads the answer should compare the key.
    ``known`` is a checkpoint seen before: the log must go on from it, whoever signs it now.
    """
    numbered = enumerate(lines, start=1)
    head = _read_line(*next(numbered, (1, "")))
    if head.get("format") != FORMAT:
        raise VerificationError(
            "operator.bundle.format", "The file is no ledger bundle of the format {format}.", format=FORMAT
        )
    key = read_key(str(head.get("key", "")))
    if trusted is not None and trusted != key:
        raise VerificationError(
            "operator.bundle.untrusted-key", "The bundle is signed by {key}, not by the key that you trust.", key=key
        )
    tree = Frontier()
    checkpoint: Checkpoint | None = None
    goes_on = known is None or known.size == 0
    for number, line in numbered:
        document = _read_line(number, line)
        if checkpoint is not None:
            raise VerificationError(
                "operator.bundle.line-appended",
                "Line {number} comes after the checkpoint; it was appended by hand.",
                number=number,
            )
        if "checkpoint" in document:
            checkpoint = read_checkpoint(str(document["checkpoint"]))
        else:
            add_entry(tree, _decode(number, document))
            if known is not None and tree.size == known.size:
                goes_on = tree.root == known.root
    if checkpoint is None:
        raise VerificationError("operator.bundle.cut-short", "The bundle ends without a checkpoint; it was cut short.")
    check_head(tree.size, tree.root, checkpoint, key)
    if known is not None and not (goes_on and known.origin == checkpoint.origin):
        raise VerificationError(explain_break(known, tree.size))
    return Verified(tree.size, checkpoint, key)


def add_entry(tree: Frontier, data: bytes) -> list[tuple[int, int, bytes]]:
    """Take the next entry in and return the nodes that it completes: level, position, hash.

    Raises VerificationError where the entry's own number is not the next.
    """
    number = read_entry(data)["number"]
    if number != tree.size:
        raise VerificationError(
            "ledger.entry-moved",
            "Entry {number} of the ledger says that it is number {other}: entries were removed, added or moved.",
            number=tree.size,
            other=number,
        )
    return tree.add(hash_leaf(data))


def check_head(size: int, root: bytes, checkpoint: Checkpoint, key: VerifyingKey) -> None:
    """Raise VerificationError unless the checkpoint is signed by the key and says this size and head of the tree."""
    if not is_signed(checkpoint, key):
        raise VerificationError(
            "ledger.checkpoint-unsigned",
            "The checkpoint of {size} entries is not signed by {name}.",
            size=checkpoint.size,
            name=key.name,
        )
    if checkpoint.size != size:
        raise VerificationError(
            "ledger.checkpoint-other-size",
            "The checkpoint was signed over {signed} entries, and {n} are here: entries were removed or appended by "
            "hand.",
            signed=checkpoint.size,
            n=size,
        )
    if checkpoint.root != root:
        raise VerificationError(
            "ledger.head-differs",
            "The {n} entries do not give the head that was signed: at least one of them was changed.",
            n=size,
        )


def explain_break(known: Checkpoint, size: int) -> Message:
    """Return what is said of a log that does not go on from a checkpoint that was seen before."""
    return Message(
        "ledger.broken-off",
        "The ledger of {n} entries does not go on from the checkpoint of {origin} over {known}: entries were cut off "
        "or rewritten, or it is another ledger. Keep both, and ask why.",
        n=size,
        origin=known.origin,
        known=known.size,
    )


def _read_line(number: int, line: str) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise VerificationError(
            "operator.bundle.line-unreadable",
            "Line {number} of the bundle is not readable; it was damaged or cut short.",
            number=number,
        )
    return document


def _decode(number: int, document: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(document["entry"]), validate=True)
    except (KeyError, ValueError):
        raise VerificationError(
            "operator.bundle.line-no-entry",
            "Line {number} of the bundle holds no entry; it was changed by hand.",
            number=number,
        ) from None


@dataclass(frozen=True, slots=True)
class GrowthProof:
    """All that somebody who knows an older head needs to check that the newest ledger goes on from it.

    Nothing is verified by holding one.
    """

    older: int
    root: bytes
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    key: VerifyingKey


def verify_growth(
    proof: GrowthProof, known: Checkpoint, *, trusted: VerifyingKey | None = None, witness: VerifyingKey | None = None
) -> Verified:
    """Return the newest ledger where it is proven to go on from ``known``; raises VerificationError.

    ``known`` must be signed by ``witness``, or else by the ledger's own key. Without ``trusted`` the proof's own key is
    believed, and whoever reads the answer should compare it.
    """
    if trusted is not None and trusted != proof.key:
        raise VerificationError(
            "operator.ledger.proof-signed-by-another-key",
            "The proof is signed by {key}, not by the key that you trust.",
            key=proof.key,
        )
    require_signed(proof.checkpoint, proof.key)
    require_signed(known, witness or proof.key)
    if proof.older != known.size:
        raise VerificationError(
            "operator.ledger.proof-begins-elsewhere",
            "The proof begins at {older} entries and the checkpoint is over {size}; have it made anew with `semblance "
            "ledger prove-growth {size}`.",
            older=proof.older,
            size=known.size,
        )
    if proof.root != known.root or not goes_on(known, proof.checkpoint, proof.path):
        raise VerificationError(explain_break(known, proof.checkpoint.size))
    return Verified(proof.checkpoint.size, proof.checkpoint, proof.key)


def goes_on(known: Checkpoint, newest: Checkpoint, path: Sequence[bytes]) -> bool:
    """Return whether the path proves that the ledger of ``newest`` begins with that of ``known``; all begin empty."""
    if known.origin != newest.origin:
        return False
    return known.size == 0 or check_consistency(known.size, newest.size, known.root, newest.root, path)


def require_signed(known: Checkpoint, key: VerifyingKey) -> None:
    """Raise VerificationError unless the key's owner signed the checkpoint."""
    if not is_signed(known, key):
        raise VerificationError(
            "ledger.witness-signature-missing",
            "The checkpoint over {size} entries is not signed by {name}.",
            size=known.size,
            name=key.name,
        )
