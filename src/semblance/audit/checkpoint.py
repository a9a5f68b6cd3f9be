"""Signed checkpoints of a log: the C2SP formats tlog-checkpoint and signed-note, with Ed25519 signatures.

A checkpoint's body has three lines: the log's origin, its size, and its tree head in base64. A signature line names its
key, and holds the key's id (the first four bytes of SHA-256 over name, line feed, 0x01 and the public key) before the
signature. Several parties may sign the same body. The same key may also seal a file.
"""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from semblance.errors import VerificationError

_ED25519: Final = b"\x01"
_DASH: Final = "\u2014"


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key and the name of who signs with it; written ``name+id+base64`` (the C2SP verifier key)."""

    name: str
    raw: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.raw).decode()}"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key: 32 secret bytes, and the name that its signatures bear."""

    name: str
    seed: bytes

    @property
    def public(self) -> VerifyingKey:
        return VerifyingKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and head. ``signatures`` are (name, key id, signature); nothing is verified by holding one."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...] = ()

    @property
    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def __str__(self) -> str:
        lines = (f"{_DASH} {name} {base64.b64encode(key + made).decode()}\n" for name, key, made in self.signatures)
        return f"{self.body}\n{''.join(lines)}"


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> Checkpoint:
    """Return the checkpoint with one signature more."""
    made = Ed25519PrivateKey.from_private_bytes(key.seed).sign(checkpoint.body.encode())
    return replace(checkpoint, signatures=(*checkpoint.signatures, (key.name, key.public.id, made)))


def is_signed(checkpoint: Checkpoint, key: VerifyingKey) -> bool:
    """Return whether the key's owner signed the checkpoint."""
    for name, key_id, made in checkpoint.signatures:
        if (name, key_id) != (key.name, key.id):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(made, checkpoint.body.encode())
        except (InvalidSignature, ValueError):
            return False
        return True
    return False


def read_checkpoint(text: str) -> Checkpoint:
    """Return what a signed note says; nothing is verified yet. Raises VerificationError where it is none."""
    body, separator, tail = text.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) != 3 or not lines[0] or not _is_size(lines[1]) or not tail.endswith("\n"):
        raise VerificationError(
            "checkpoint.malformed", "The checkpoint is not one: three lines, an empty one, and signatures are expected."
        )
    try:
        root = base64.b64decode(lines[2], validate=True)
        signatures = tuple(_read_signature(line) for line in tail[:-1].split("\n"))
    except ValueError:
        raise VerificationError(
            "checkpoint.unreadable", "The checkpoint's head or a signature of it is not readable."
        ) from None
    found = Checkpoint(lines[0], int(lines[1]), root, signatures)
    if len(root) != 32 or str(found) != text:
        raise VerificationError(
            "checkpoint.not-canonical", "The checkpoint is not written in the one way that the format allows."
        )
    return found


def read_key(text: str) -> VerifyingKey:
    """Return the key that a verifier key line names; raises VerificationError where it is none."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    found = VerifyingKey(name, raw[1:])
    if not name or len(raw) != 33 or raw[:1] != _ED25519 or found.id.hex() != key_id:
        raise VerificationError(
            "ledger.key-invalid", "That is no verifier key; `semblance ledger key` prints a node's own, in one line."
        )
    return found


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20 and str(int(text)) == text


def _read_signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, encoded = line.split(" ")
    raw = base64.b64decode(encoded, validate=True)
    if dash != _DASH or not name or len(raw) != 4 + 64:
        raise ValueError(line)
    return name, raw[:4], raw[4:]


def sign_file(data: bytes, key: SigningKey, *, purpose: str) -> str:
    """Return the signature in base64; ``purpose`` keeps it from being taken for one over something else."""
    made = Ed25519PrivateKey.from_private_bytes(key.seed).sign(_name_purpose(data, purpose))
    return base64.b64encode(made).decode()


def is_sealed(data: bytes, signature: str, key: VerifyingKey, *, purpose: str) -> bool:
    """Return whether the key's owner signed these bytes for this purpose."""
    try:
        made = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(key.raw).verify(made, _name_purpose(data, purpose))
    except (InvalidSignature, ValueError):
        return False
    return True


def _name_purpose(data: bytes, purpose: str) -> bytes:
    return purpose.encode() + b"\n" + data
