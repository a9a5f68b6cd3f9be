"""An act as the ledger takes it in, its entry's exact bytes, and the salts that open what it only commits to."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from semblance.errors import VerificationError
from semblance.messages.message import Message, quote_text
from semblance.messages.stored import dump_message, read_message


class Verb(StrEnum):
    """The closed set of logged verbs (Directive (EU) 2016/680, article 25), and the refusal of any of them."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that an act touched: its kind ("subject", "photo", "probe", "search") and its random id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, for which authority, in which case, for what purpose, why, and to what.

    ``action`` is stable for programs ("photo.enrol"). ``reason`` is what somebody typed, or the message by which the
    node says why; only a commitment to it is logged. ``rule`` is the one that permitted or refused it.
    """

    verb: Verb
    action: str
    person: str
    authority: str
    case: str | None = None
    purpose: str | None = None
    reason: str | Message = ""
    touched: tuple[Touched, ...] = ()
    rule: str | None = None


SALT_LENGTH: Final = 32
REASONS: Final = ("reason", "message")
"""What the opening of a reason is called: typed, or said by the node. An entry has one of them."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment stands for; erased, the commitment can be neither opened nor guessed.

    ``label`` is "reason" for what somebody typed, "message" for what the node says by itself (identifier and values, as
    JSON), or "touched/N" with the place in the entry's list.
    """

    label: str
    salt: bytes
    text: str

    @property
    def commitment(self) -> str:
        """Return the commitment in hexadecimal: SHA-256 over salt and text; the salt's length is fixed."""
        return hashlib.sha256(self.salt + self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """The bytes that become a leaf, what opens them, and what was touched in the order in which it is written."""

    data: bytes
    openings: tuple[Opening, ...]
    touched: tuple[Touched, ...]


def write_entry(number: int, act: Act, at: datetime) -> WrittenEntry:
    """Return the entry as canonical JSON: sorted keys, no white space, UTF-8; numbers start at 0.

    It holds no personal data beyond who acted: the reason and everything touched are salted commitments. These stand in
    their own order, which is chance: that of the act may tell a rank.
    """
    salt = secrets.token_bytes(SALT_LENGTH)
    if isinstance(act.reason, Message):
        reason = Opening("message", salt, dump_message(act.reason))
    else:
        reason = Opening("reason", salt, act.reason)
    drawn = ((Opening("touched", secrets.token_bytes(SALT_LENGTH), thing.id), thing) for thing in act.touched)
    dealt = sorted(drawn, key=lambda pair: pair[0].commitment)
    touched = tuple(replace(opening, label=f"touched/{place}") for place, (opening, _) in enumerate(dealt))
    things = tuple(thing for _, thing in dealt)
    document = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "verb": act.verb.value,
        "action": act.action,
        "person": act.person,
        "authority": act.authority,
        "case": act.case,
        "purpose": act.purpose,
        "rule": act.rule,
        reason.label: reason.commitment,
        "touched": [[thing.kind, opening.commitment] for thing, opening in zip(things, touched, strict=True)],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # half a surrogate pair becomes the escape that JSON has for it
    data = text.encode("utf-8", "backslashreplace")
    return WrittenEntry(data, (reason, *touched), things)


def read_entry(data: bytes) -> dict[str, Any]:
    """Return the entry's fields; raises VerificationError where the bytes are no entry."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise VerificationError(
            "ledger.entry-unreadable", "A ledger entry is not readable; the ledger was changed by hand."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("number"), int):
        raise VerificationError(
            "ledger.entry-unnumbered", "A ledger entry has no number; the ledger was changed by hand."
        )
    return document


def opens(document: dict[str, Any], opening: Opening) -> bool:
    """Return whether the opening is what the entry committed to."""
    if opening.label in REASONS:
        return bool(document.get(opening.label) == opening.commitment)
    for place, (_, commitment) in enumerate(document.get("touched", [])):
        if opening.label == f"touched/{place}":
            return bool(commitment == opening.commitment)
    return False


def read_touched(document: dict[str, Any], openings: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
    """Return kind and id of everything that was touched, of the texts by their labels; an erased id is None."""
    return tuple((kind, openings.get(f"touched/{place}")) for place, (kind, _) in enumerate(document["touched"]))


def read_reason(openings: Mapping[str, str]) -> Message | None:
    """Return why the act was done, of the texts by their labels; None where what opened it was erased.

    What was typed, and whatever an older version wrote, comes back as it stands: no text is read for what it says.
    """
    if "message" in openings:
        try:
            return read_message(json.loads(openings["message"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise VerificationError(
                "ledger.reason-unreadable", "A reason in the ledger is not readable; the ledger was changed by hand."
            ) from None
    return quote_text(openings["reason"]) if "reason" in openings else None
