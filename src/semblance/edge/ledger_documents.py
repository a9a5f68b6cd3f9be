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
    rule: str | None = Field(description="The rule of the policy that permitted or refused it.")
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
