"""Wrapping keys by the node key: AES-256-GCM, each bound to its own name."""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_LENGTH: Final = 32
NONCE_LENGTH: Final = 12
_FINGERPRINT_LENGTH: Final = 8


class Wrapping:
    """The node key at work; ``fingerprint`` tells it from others and says nothing of it."""

    def __init__(self, node_key: bytes) -> None:
        told = HKDF(hashes.SHA256(), _FINGERPRINT_LENGTH, None, b"semblance node key fingerprint").derive(node_key)
        self.fingerprint: Final = told.hex()
        self._cipher: Final = AESGCM(node_key)

    def wrap(self, name: str, raw: bytes) -> bytes:
        """Return the key encrypted for its name."""
        nonce = os.urandom(NONCE_LENGTH)
        return nonce + self._cipher.encrypt(nonce, raw, name.encode())

    def unwrap(self, name: str, wrapped: bytes) -> bytes | None:
        """Return the key, or None where it was wrapped by another node key, for another name, or changed."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_LENGTH], wrapped[NONCE_LENGTH:], name.encode())
        except InvalidTag:
            return None
