"""A signature over a file's bytes, by the key that signs a node's ledger; its purpose is part of what is signed."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from semblance.audit.checkpoint import SigningKey, VerifyingKey


def sign_file(data: bytes, key: SigningKey, *, purpose: str) -> str:
    """Return the signature in base64; ``purpose`` keeps it from being taken for one over something else."""
    made = Ed25519PrivateKey.from_private_bytes(key.seed).sign(_write(data, purpose))
    return base64.b64encode(made).decode()


def is_sealed(data: bytes, signature: str, key: VerifyingKey, *, purpose: str) -> bool:
    """Return whether the key's owner signed these bytes for this purpose."""
    try:
        made = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(key.raw).verify(made, _write(data, purpose))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _write(data: bytes, purpose: str) -> bytes:
    return purpose.encode() + b"\n" + data
