"""Keys wrapped by the node key, AES-256-GCM, each bound to its own name; and the tables that keep them."""

import os
from typing import Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from semblance.store.schema.base import Moment

KEY_LENGTH: Final = 32
NONCE_LENGTH: Final = 12
_FINGERPRINT_LENGTH: Final = 8

metadata: Final = sa.MetaData()

key: Final = sa.Table(
    "key",
    metadata,
    sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
    # empty once it was destroyed
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("made_at", Moment("seconds"), nullable=False),
    sa.Column("destroyed_at", Moment("seconds")),
)

# one row: which node key wraps the keys
state: Final = sa.Table(
    "keyring",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("made_at", Moment("seconds"), nullable=False),
    sa.Column("rotated_at", Moment("seconds")),
    sa.Column("swept_at", Moment("seconds")),
)


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
