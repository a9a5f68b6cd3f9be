"""The second factor: one-time codes from an app (TOTP, RFC 6238), and codes on paper for when the app is lost."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

import pyotp
from pyotp.utils import strings_equal

STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10

_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"


def make_totp_secret() -> str:
    """Return 160 random bits in base32 (RFC 4226, section 4, R6)."""
    return pyotp.random_base32()


def write_totp_address(secret: str, *, name: str, node: str) -> str:
    """Return the ``otpauth:`` address that apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Semblance {node}")


def find_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step whose code this is, or None.

    The step before and the one to come are taken too, for clocks that differ. Only steps later than ``after``, the last
    one that was used, so that no code is taken twice.
    """
    written = "".join(code.split())
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in (present - 1, present, present + 1):
        right = totp.at(now + timedelta(seconds=(step - present) * STEP_SECONDS))
        # every step is compared, whichever is right
        if strings_equal(written, right) and step > after:
            found = step
    return found


def make_recovery_codes() -> tuple[str, ...]:
    """Return codes of 50 random bits each; each is taken once, in place of a code from the app."""
    return tuple(
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    )


def is_recovery_code(code: str) -> bool:
    """Return whether the text has the form of a code on paper."""
    return len(_normalise(code)) == 10 and not _normalise(code).isdecimal()


def hash_recovery_code(person: str, code: str) -> str:
    """Return what is kept of a code: its SHA-256 with the person's id; hyphens, spaces and case do not count."""
    return hashlib.sha256(f"{person} {_normalise(code)}".encode()).hexdigest()


def _normalise(code: str) -> str:
    return "".join(character for character in code.casefold() if character.isalnum())
