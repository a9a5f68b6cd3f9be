"""From the ledger's values to its documents."""

import base64

from semblance.audit.bundle import Verified
from semblance.audit.receipt import Proven
from semblance.edge.ledger_documents import (
    AcceptedDocument,
    LedgerEntryDocument,
    LedgerGrowthDocument,
    LedgerListDocument,
    LedgerProofDocument,
    LedgerVerifiedDocument,
    ProvenDocument,
)
from semblance.workflows.accept_restored import Accepted
from semblance.workflows.ledger import EntryProof, GrowthProof, ShownEntry


def describe_entries(entries: tuple[ShownEntry, ...], *, size: int, next_before: int | None) -> LedgerListDocument:
    """Return a list of entries as a document."""
    shown = tuple(
        LedgerEntryDocument(**{**entry.fields, "reason": entry.reason, "touched": entry.touched}) for entry in entries
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


def describe_verified(found: Verified | None) -> LedgerVerifiedDocument:
    """Return a verification as a document; None is the empty ledger."""
    if found is None:
        return LedgerVerifiedDocument(entries=0, checkpoint=None, key=None)
    return LedgerVerifiedDocument(entries=found.entries, checkpoint=str(found.checkpoint), key=str(found.key))


def describe_proven(found: Proven) -> ProvenDocument:
    """Return what a receipt proves as a document."""
    shown = {**found.fields, "reason": found.reason, "touched": found.touched}
    return ProvenDocument(**shown, checkpoint=str(found.checkpoint), key=str(found.key))


def describe_accepted(found: Accepted) -> AcceptedDocument:
    """Return a restored store that was accepted as a document."""
    return AcceptedDocument(entry=found.entry, subjects=found.subjects, cases=found.cases, requests=found.requests)
