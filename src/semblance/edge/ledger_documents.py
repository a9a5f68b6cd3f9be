"""The ledger's documents, as the command line prints them."""

from datetime import datetime

from pydantic import Field

from semblance.edge.documents import Document


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
    reason: str | None
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
