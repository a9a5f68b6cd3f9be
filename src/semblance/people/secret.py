"""Secrets that prove who asks: 256 random bits each; only their SHA-256 is ever kept."""

import hashlib
import secrets
from typing import Final

TOKEN_PREFIX: Final = "semblance_"  # noqa: S105 - how a token is recognised, not one of them


def make_session_secret() -> str:
    """Return the secret of a session."""
    return secrets.token_urlsafe(32)


def make_token_secret() -> str:
    """Return the secret of an API token; its prefix lets people and scanners recognise one."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def is_token_secret(secret: str) -> bool:
    """Return whether the secret is an API token's."""
    return secret.startswith(TOKEN_PREFIX)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret, in hexadecimal; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "backslashreplace")).hexdigest()
