"""The ledger's documents, as the command line prints them."""

import base64
from datetime import datetime

from pydantic import Field

from semblance.audit.bundle import Verified
from semblance.audit.checkpoint import read_checkpoint, read_key
from semblance.audit.growth import GrowthProof
from semblance.audit.receipt import Proven
from semblance.edge.document import Document, MessageDocument
from semblance.errors import VerificationError
from semblance.messages.message import VERBATIM, Message
from semblance.workflows.oversight.accept_restored import Accepted
from semblance.workflows.oversight.ledger import EntryProof, ShownEntry


class LedgerEntryDocument(Document):
    """One entry; ``reason`` and ids are null where what opened the commitments was erased."""

    number: int
    at: datetime
    verb: str
    action: str
    person: str
    authority: str
    case: str | None
    purpose: str | None
    rule: str | None = Field(description="The rule of the policy that permitted or refused it.")
    reason: str | None
    message: MessageDocument | None = Field(default=None, description="The reason, where the node gave it itself.")
    touched: tuple[tuple[str, str | None], ...] = Field(description="Kind and id of everything that was touched.")


class LedgerListDocument(Document):
    """Entries, newest first."""

    entries: tuple[LedgerEntryDocument, ...]
    size: int = Field(description="How many entries the whole ledger has.")
    next_before: int | None = Field(description="Where the next page goes on; null on the last.")


class LedgerVerifiedDocument(Document):
    """A ledger that was recomputed without a fault."""

    entries: int
    checkpoint: str | None
    key: str | None


class ProvenDocument(Document):
    """What a receipt proves; ``reason`` and ids are null where the receipt does not open them."""

    number: int
    at: datetime
    verb: str
    action: str
    person: str
    authority: str
    case: str | None
    purpose: str | None
    rule: str | None
    reason: str | None
    message: MessageDocument | None = Field(default=None, description="The reason, where the node gave it itself.")
    touched: tuple[tuple[str, str | None], ...]
    checkpoint: str
    key: str


class AcceptedDocument(Document):
    """A restored store that was accepted, and how much was erased in it again."""

    entry: int
    subjects: int
    cases: int
    requests: int


class KeysDocument(Document):
    """The keys of a node, none of them opened; ``node_key`` is a fingerprint of the one that wraps the others."""

    keys: int
    destroyed: int
    node_key: str
    source: str = Field(description="Where the node key comes from: file, env or command.")
    made_at: datetime
    rotated_at: datetime | None
    rotation_under_way: bool


class RotatedDocument(Document):
    """Keys that were wrapped anew; 0 where an earlier run had done it all."""

    keys: int
    node_key: str
    entry: int


class LedgerGrowthDocument(Document):
    """Older size and head, consistency proof (RFC 6962, section 2.1.2; base64), signed checkpoint and public key."""

    older: int
    root: str
    path: tuple[str, ...]
    checkpoint: str
    key: str


class LedgerProofDocument(Document):
    """Entry, audit path (RFC 6962, section 2.1.1; base64, from the leaf up), signed checkpoint and public key."""

    number: int
    entry: str
    path: tuple[str, ...]
    checkpoint: str
    key: str


def describe_reason(reason: Message | None) -> dict[str, object]:
    """Return a reason as the fields of a document: its sentence, and as a message where the node said it."""
    said = None if reason is None or reason.identifier == VERBATIM else MessageDocument.of(reason)
    return {"reason": None if reason is None else str(reason), "message": said}


def describe_entries(entries: tuple[ShownEntry, ...], *, size: int, next_before: int | None) -> LedgerListDocument:
    """Return a list of entries as a document."""
    shown = tuple(
        LedgerEntryDocument(**{**entry.fields, **describe_reason(entry.reason), "touched": entry.touched})
        for entry in entries
    )
    return LedgerListDocument(entries=shown, size=size, next_before=next_before)


def describe_proof(proof: EntryProof) -> LedgerProofDocument:
    """Return a proof as a document."""
    return LedgerProofDocument(
        number=proof.number,
        entry=base64.b64encode(proof.entry).decode(),
        path=tuple(base64.b64encode(sibling).decode() for sibling in proof.path),
        checkpoint=str(proof.checkpoint),
        key=str(proof.key),
    )


def describe_growth(proof: GrowthProof) -> LedgerGrowthDocument:
    """Return a consistency proof as a document."""
    return LedgerGrowthDocument(
        older=proof.older,
        root=base64.b64encode(proof.root).decode(),
        path=tuple(base64.b64encode(node).decode() for node in proof.path),
        checkpoint=str(proof.checkpoint),
        key=str(proof.key),
    )


def read_growth(text: str) -> GrowthProof:
    """Return the consistency proof that a document's text holds; nothing is verified yet. Raises VerificationError."""
    try:
        written = LedgerGrowthDocument.model_validate_json(text)
        root, *path = (base64.b64decode(node, validate=True) for node in (written.root, *written.path))
    except ValueError:
        raise VerificationError(
            "operator.ledger.no-proof-of-growth",
            "The file is no proof of growth, or it was damaged; `semblance ledger prove-growth` prints one.",
        ) from None
    return GrowthProof(written.older, root, tuple(path), read_checkpoint(written.checkpoint), read_key(written.key))


def describe_verified(found: Verified | None) -> LedgerVerifiedDocument:
    """Return a verification as a document; None is the empty ledger."""
    if found is None:
        return LedgerVerifiedDocument(entries=0, checkpoint=None, key=None)
    return LedgerVerifiedDocument(entries=found.entries, checkpoint=str(found.checkpoint), key=str(found.key))


def describe_proven(found: Proven) -> ProvenDocument:
    """Return what a receipt proves as a document."""
    shown = {**found.fields, **describe_reason(found.reason), "touched": found.touched}
    return ProvenDocument(**shown, checkpoint=str(found.checkpoint), key=str(found.key))


def describe_accepted(found: Accepted) -> AcceptedDocument:
    """Return a restored store that was accepted as a document."""
    return AcceptedDocument(entry=found.entry, subjects=found.subjects, cases=found.cases, requests=found.requests)
