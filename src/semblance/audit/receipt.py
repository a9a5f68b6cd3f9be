"""A receipt: one entry of a ledger with all that proves it to somebody who has nothing else, as one JSON file.

It holds the entry's bytes, what opens its commitments, why the others stay shut, the audit path, the signed checkpoint
and the public key. The reasons for staying shut are signed: what was cut out is not taken for what was erased.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from semblance.audit.checkpoint import (
    Checkpoint,
    SigningKey,
    VerifyingKey,
    is_sealed,
    is_signed,
    read_checkpoint,
    read_key,
    sign_file,
)
from semblance.audit.entry import REASONS, SALT_LENGTH, Opening, Touched, opens, read_entry, read_reason, read_touched
from semblance.audit.merkle import check_inclusion, hash_leaf
from semblance.errors import VerificationError
from semblance.messages.message import Message

FORMAT: Final = "semblance-receipt/2"
OLD_FORMAT: Final = "semblance-receipt/1"
"""What receipts were until they said why a commitment stays shut; they are verified still."""

_OLD_FIELDS: Final = frozenset({"format", "number", "entry", "openings", "path", "checkpoint", "key"})
_FIELDS: Final = _OLD_FIELDS | {"shut", "statement"}
_OPENING: Final = frozenset({"label", "salt", "text"})
_LONGEST_PATH: Final = 64
_TEXTS: Final = ("at", "verb", "action", "person", "authority")
_MAYBE: Final = ("case", "purpose", "rule")


class Shut(StrEnum):
    """Why a commitment of an entry is not opened; ``unsaid`` where an old receipt does not say."""

    ERASED = "erased"
    WITHHELD = "withheld"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is handed out; nothing is verified by holding one.

    ``shut`` says of each commitment that is not opened why, and ``statement`` is the node's signature under that; an
    old receipt has neither.
    """

    number: int
    entry: bytes
    openings: tuple[Opening, ...]
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    key: VerifyingKey
    shut: Mapping[str, Shut] | None = None
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proves: the entry's fields, and of its commitments what it opens.

    ``reason`` and the ids of ``touched`` are None where the receipt does not open them; ``shut`` says why.
    """

    fields: dict[str, Any]
    reason: Message | None
    touched: tuple[tuple[str, str | None], ...]
    checkpoint: Checkpoint
    key: VerifyingKey
    shut: Mapping[str, Shut]

    @property
    def shut_reason(self) -> Shut:
        """Return why the reason is not opened, where it is not."""
        return next(self.shut[label] for label in REASONS if label in self.shut)

    @property
    def things(self) -> tuple[Touched, ...]:
        return tuple(Touched(kind, name) for kind, name in self.touched if name is not None)


def list_labels(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the openings of all the entry's commitments are called."""
    reasons = tuple(label for label in REASONS if label in fields)
    return (*reasons, *(f"touched/{place}" for place in range(len(fields["touched"]))))


def seal_receipt(receipt: Receipt, key: SigningKey, *, withheld: frozenset[str] = frozenset()) -> Receipt:
    """Return the receipt with the node's word on why what it does not open stays shut: withheld, or else erased."""
    opened = {opening.label for opening in receipt.openings}
    shut = {
        label: Shut.WITHHELD if label in withheld else Shut.ERASED
        for label in list_labels(read_entry(receipt.entry))
        if label not in opened
    }
    return replace(receipt, shut=shut, statement=sign_file(_state(receipt.entry, shut), key, purpose=FORMAT))


def write_receipt(receipt: Receipt) -> str:
    """Return the receipt as the text of its file."""
    document: dict[str, Any] = {
        "format": OLD_FORMAT if receipt.shut is None else FORMAT,
        "number": receipt.number,
        "entry": _encode(receipt.entry),
        "openings": [
            {"label": opening.label, "salt": _encode(opening.salt), "text": opening.text}
            for opening in receipt.openings
        ],
        "path": [_encode(sibling) for sibling in receipt.path],
        "checkpoint": str(receipt.checkpoint),
        "key": str(receipt.key),
    }
    if receipt.shut is not None:
        document |= {"shut": dict(receipt.shut), "statement": receipt.statement}
    return json.dumps(document, indent=2) + "\n"


def read_receipt(text: str) -> Receipt:
    """Return what a receipt's file says; nothing is verified yet. Raises VerificationError where it is none."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") not in (FORMAT, OLD_FORMAT):
        raise VerificationError(
            "operator.receipt.format",
            "The file is no receipt of the format {format}, or it was damaged.",
            format=FORMAT,
        )
    old = document["format"] == OLD_FORMAT
    if set(document) != (_OLD_FIELDS if old else _FIELDS):
        raise VerificationError(
            "operator.receipt.fields", "The receipt has other fields than a receipt has; it was changed by hand."
        )
    number, path = document["number"], document["path"]
    if type(number) is not int or not isinstance(path, list) or len(path) > _LONGEST_PATH:
        raise VerificationError(
            "operator.receipt.number", "The receipt's number or path is not one; it was changed by hand."
        )
    return Receipt(
        number,
        _decode(document["entry"]),
        _read_openings(document["openings"]),
        tuple(map(_decode, path)),
        read_checkpoint(str(document["checkpoint"])),
        read_key(str(document["key"])),
        None if old else _read_shut(document["shut"]),
        "" if old else str(document["statement"]),
    )


def verify_receipt(receipt: Receipt, *, trusted: VerifyingKey | None = None) -> Proven:
    """Return what the receipt proves; raises VerificationError with the first fault.

    Without ``trusted`` the receipt's own key is believed: then it is only proven that nobody without that key made it,
    and whoever reads the answer should compare the key.
    """
    if trusted is not None and trusted != receipt.key:
        raise VerificationError(
            "operator.receipt.untrusted-key",
            "The receipt is signed by {key}, not by the key that you trust.",
            key=receipt.key,
        )
    checkpoint = receipt.checkpoint
    if not is_signed(checkpoint, receipt.key):
        raise VerificationError(
            "operator.receipt.unsigned", "The receipt's checkpoint is not signed by {name}.", name=receipt.key.name
        )
    if checkpoint.origin != receipt.key.name:
        raise VerificationError(
            "operator.receipt.origin",
            "The receipt's checkpoint is of the ledger {origin}, not of the key's.",
            origin=checkpoint.origin,
        )
    leaf = hash_leaf(receipt.entry)
    if not check_inclusion(leaf, receipt.number, checkpoint.size, receipt.path, checkpoint.root):
        raise VerificationError(
            "operator.receipt.not-in-ledger",
            "The entry does not stand at number {number} of the signed ledger: the entry, its number or the "
            "path was changed.",
            number=receipt.number,
        )
    fields = read_entry(receipt.entry)
    if fields["number"] != receipt.number:
        raise VerificationError(
            "operator.receipt.other-number",
            "The entry says that it is number {other}, not {number}.",
            other=fields["number"],
            number=receipt.number,
        )
    _require_whole(fields)
    return _open(receipt, fields)


def _require_whole(fields: dict[str, Any]) -> None:
    """Raise VerificationError unless the entry has everything that an entry has: whoever holds a key signs anything."""
    texts = all(isinstance(fields.get(name), str) for name in _TEXTS)
    reasons = [fields[name] for name in REASONS if name in fields]
    texts = texts and len(reasons) == 1 and isinstance(reasons[0], str)
    maybe = all(name in fields and isinstance(fields[name], str | None) for name in _MAYBE)
    touched = fields.get("touched")
    pairs = isinstance(touched, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in touched
    )
    if not (texts and maybe and pairs):
        raise VerificationError(
            "operator.receipt.entry-incomplete", "The entry lacks what every entry of a ledger has; it is none."
        )


def _open(receipt: Receipt, fields: dict[str, Any]) -> Proven:
    texts: dict[str, str] = {}
    for opening in receipt.openings:
        if opening.label in texts or not opens(fields, opening):
            raise VerificationError(
                "operator.receipt.opening-false",
                "What the receipt says of {label} is not what the entry committed to; it was changed.",
                label=opening.label,
            )
        texts[opening.label] = opening.text
    shut = _require_said(receipt, fields, frozenset(texts))
    return Proven(fields, read_reason(texts), read_touched(fields, texts), receipt.checkpoint, receipt.key, shut)


def _require_said(receipt: Receipt, fields: Mapping[str, Any], opened: frozenset[str]) -> Mapping[str, Shut]:
    """Return why each commitment that is not opened stays shut; raises VerificationError where that is not signed."""
    missing = [label for label in list_labels(fields) if label not in opened]
    if receipt.shut is None:
        return dict.fromkeys(missing, Shut.UNSAID)
    if not is_sealed(_state(receipt.entry, receipt.shut), receipt.statement, receipt.key, purpose=FORMAT):
        raise VerificationError(
            "operator.receipt.statement-false",
            "What the receipt says of openings that are erased or withheld is not signed by {name}; it was changed.",
            name=receipt.key.name,
        )
    if odd := sorted(set(missing) ^ set(receipt.shut)):
        raise VerificationError(
            "operator.receipt.opening-cut-out",
            "The receipt says of {label} neither what it is nor that it was erased or is withheld, or it says both: an "
            "opening was cut out or added.",
            label=odd[0],
        )
    return receipt.shut


def _state(entry: bytes, shut: Mapping[str, Shut]) -> bytes:
    said = {"entry": hashlib.sha256(entry).hexdigest(), "shut": dict(shut)}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _read_shut(value: object) -> Mapping[str, Shut]:
    said = {Shut.ERASED.value, Shut.WITHHELD.value}
    if not isinstance(value, dict) or not all(isinstance(why, str) and why in said for why in value.values()):
        raise VerificationError(
            "operator.receipt.shut",
            "What the receipt says of openings that are erased or withheld is not readable; it was changed by hand.",
        )
    return {label: Shut(why) for label, why in value.items()}


def _read_openings(value: object) -> tuple[Opening, ...]:
    if not isinstance(value, list):
        raise VerificationError(
            "operator.receipt.openings", "The receipt's openings are not a list; it was changed by hand."
        )
    return tuple(map(_read_opening, value))


def _read_opening(value: object) -> Opening:
    if not isinstance(value, dict) or set(value) != _OPENING:
        raise VerificationError(
            "operator.receipt.opening-fields",
            "An opening of the receipt has other fields than one has; it was changed by hand.",
        )
    label, salt, text = value["label"], _decode(value["salt"]), value["text"]
    if not isinstance(label, str) or not isinstance(text, str) or len(salt) != SALT_LENGTH:
        raise VerificationError(
            "operator.receipt.opening", "An opening of the receipt is not one; it was changed by hand."
        )
    return Opening(label, salt, text)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(value: object) -> bytes:
    try:
        if isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except ValueError:
        pass
    raise VerificationError(
        "operator.receipt.base64", "Something in the receipt is not base64; it was damaged or changed by hand."
    )
