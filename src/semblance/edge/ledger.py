"""The ledger's documents, as the command line prints them and the API answers."""

import base64
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from semblance.audit.bundle import GrowthProof, Verified
from semblance.audit.checkpoint import Checkpoint, VerifyingKey, read_checkpoint, read_key
from semblance.audit.receipt import Proven, Shut
from semblance.edge.document import Document, MessageDocument
from semblance.errors import VerificationError
from semblance.messages.message import VERBATIM
from semblance.workflows.oversight.ledger import LedgerPage, ShownEntry


def _write(value: object) -> object:
    return str(value) if isinstance(value, Checkpoint | VerifyingKey) else value


Written = Annotated[str, BeforeValidator(_write)]
"""A checkpoint or a key in the one way in which it is written."""


def _encode(data: object) -> object:
    return base64.b64encode(data).decode() if isinstance(data, bytes) else data


Base64 = Annotated[str, BeforeValidator(_encode)]


class LedgerEntryDocument(Document):
    """One entry; ``reason`` and ids are null where what opened the commitments was erased, or is not handed out."""

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


class ListedEntryDocument(LedgerEntryDocument):
    """An entry of a list."""

    withheld: bool = Field(description="Another authority's act, or of candidates who are examined still: shut to you.")


class LedgerListDocument(Document):
    """Entries, newest first."""

    entries: tuple[ListedEntryDocument, ...]
    size: int = Field(description="How many entries the whole ledger has.")
    next_before: int | None = Field(description="Where the next page goes on; null on the last.")


class LedgerVerifiedDocument(Document):
    """A ledger that was recomputed without a fault; the empty one has neither checkpoint nor key."""

    entries: int = 0
    checkpoint: Written | None = None
    key: Written | None = None


class ProvenDocument(LedgerEntryDocument):
    """What a receipt proves; ``shut`` says why a commitment is not opened."""

    shut: dict[str, Shut] = Field(description="Each commitment that is not opened: erased, withheld, or unsaid.")
    checkpoint: Written
    key: Written


class LedgerGrowthDocument(Document):
    """Older size and head, consistency proof (RFC 6962, section 2.1.2; base64), signed checkpoint and public key."""

    older: int
    root: Base64
    path: tuple[Base64, ...]
    checkpoint: Written
    key: Written


class LedgerProofDocument(Document):
    """Entry, audit path (RFC 6962, section 2.1.1; base64, from the leaf up), signed checkpoint and public key."""

    number: int
    entry: Base64
    path: tuple[Base64, ...]
    checkpoint: Written
    key: Written


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
    return LedgerVerifiedDocument() if found is None else LedgerVerifiedDocument.model_validate(found)


def describe_entries(page: LedgerPage) -> LedgerListDocument:
    """Return a page of the ledger as a document."""
    entries = tuple(ListedEntryDocument(**_list_fields(entry), withheld=entry.withheld) for entry in page.entries)
    return LedgerListDocument(entries=entries, size=page.size, next_before=page.next_before)


def describe_proven(found: Proven) -> ProvenDocument:
    """Return what a receipt proves as a document."""
    told = {"checkpoint": found.checkpoint, "key": found.key, "shut": found.shut}
    return ProvenDocument.model_validate({**_list_fields(found), **told})


def _list_fields(entry: ShownEntry | Proven) -> dict[str, Any]:
    """Return the entry's fields, its reason as the sentence, and as a message where the node said it."""
    reason = entry.reason
    message = None if reason is None or reason.identifier == VERBATIM else MessageDocument.of(reason)
    opened = {"reason": None if reason is None else str(reason), "message": message, "touched": entry.touched}
    return {**entry.fields, **opened}
