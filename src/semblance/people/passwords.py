"""What a password must be, and how it is kept: Argon2id (RFC 9106), never the password itself.

Length counts, composition does not (NIST SP 800-63B, section 5.1.1): there are no rules about digits or signs, and no
password ends by age. The second factor: one-time codes from an app (TOTP, RFC 6238), and codes on paper for when the
app is lost.
"""

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore, local
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyotp.utils import strings_equal

from semblance.errors import Busy
from semblance.messages.message import Message

LEAST_LENGTH: Final = 12
LONGEST: Final = 200

_TRIVIAL: Final = frozenset(
    {
        "password",
        "passwort",
        "motdepasse",
        "semblance",
        "administrator",
        "letmein",
        "welcome",
        "qwerty",
        "qwertyuiop",
        "azerty",
        "iloveyou",
        "changeme",
        "secret",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "0123456789",
        "1234567890",
    }
)
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_HASHER: Final = PasswordHasher()
# each takes 64 MiB and four threads while it works, and strangers can ask for one
_AT_WORK: Final = max(1, (os.cpu_count() or 1) // 4)
_TURNS: Final = BoundedSemaphore(_AT_WORK)
_PLACES: Final = BoundedSemaphore(_AT_WORK + 4)
_HELD: Final = local()


@contextmanager
def hold_place() -> Iterator[None]:
    """Hold one of the few places of those whose password is at work or waits for its turn; raises Busy without one.

    Whoever counts a try takes the place first, so that nothing is counted that was never judged. A place within a place
    is the same one.
    """
    if getattr(_HELD, "place", False):
        yield
        return
    if not _PLACES.acquire(blocking=False):
        raise Busy("password.no-place", "Too many passwords are being checked just now. Try again in a moment.")
    _HELD.place = True
    try:
        yield
    finally:
        _HELD.place = False
        _PLACES.release()


def find_password_fault(password: str, *, name: str) -> Message | None:
    """Return why a password cannot be taken, or None; ``name`` is the login name of whose it would be."""
    if len(password) < LEAST_LENGTH:
        return Message(
            "password.too-short",
            "has {n} characters; at least {least} are needed, and any may be used",
            n=len(password),
            least=LEAST_LENGTH,
        )
    if len(password) > LONGEST:
        return Message(
            "password.too-long", "has {n} characters; at most {most} are taken", n=len(password), most=LONGEST
        )
    plain = "".join(character for character in password.casefold() if character.isalnum())
    if name.casefold() in password.casefold():
        return Message("password.contains-name", "contains the login name; choose another")
    if len(set(password.casefold())) < 5:
        return Message("password.repeats", "repeats a few characters; choose another")
    if _is_trivial(plain):
        return Message("password.common", "is one of those that everybody tries first; choose another")
    return None


def hash_password(password: str) -> str:
    """Return the Argon2id hash with its own salt and parameters, as one line."""
    with hold_place(), _TURNS:
        return _HASHER.hash(_encode(password))


def is_password(hashed: str | None, password: str) -> bool:
    """Return whether the password is the one that was hashed; None takes as long and is never right."""
    compared = hashed or _hash_nothing()
    try:
        with hold_place(), _TURNS:
            return _HASHER.verify(compared, _encode(password)) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(hashed: str) -> bool:
    """Return whether the hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(hashed)


def make_password() -> str:
    """Return a random password of 120 bits that can be read out: six groups of four letters and digits."""
    return join_halves(make_half(), make_half())


def make_half() -> str:
    """Return one half of such a password, as each of two people is shown one: three groups, 60 bits."""
    return _draw_groups(3, 4)


def join_halves(first: str, second: str) -> str:
    """Return the password whose halves these are."""
    return f"{first}-{second}"


@cache
def _hash_nothing() -> str:
    return _HASHER.hash(secrets.token_hex(16))


def _encode(password: str) -> bytes:
    # keyboards write the same sign in different ways; what is longer than any password is cut, and never right
    return unicodedata.normalize("NFC", password[: LONGEST + 1]).encode("utf-8", "surrogatepass")


def _is_trivial(plain: str) -> bool:
    if not plain:
        return False
    letters = plain.strip("0123456789")
    if letters in _TRIVIAL or plain in _TRIVIAL:
        return True
    runs = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
    return any(plain in run or plain[::-1] in run for run in runs) or _repeats(plain)


def _repeats(plain: str) -> bool:
    # one short word again and again
    return any(plain == (plain[:length] * len(plain))[: len(plain)] for length in range(1, len(plain) // 2 + 1))


STEP_SECONDS: Final = 30
RECOVERY_CODES: Final = 10


def make_totp_secret() -> str:
    """Return 160 random bits in base32 (RFC 4226, section 4, R6)."""
    return pyotp.random_base32()


def write_totp_address(secret: str, *, name: str, node: str) -> str:
    """Return the ``otpauth:`` address that apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Semblance {node}")


def find_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step whose code this is, or None.

    The step before and the one to come are taken too, for clocks that differ. Only steps later than ``after``, the last
    one that was used, so that no code is taken twice; one that lies beyond what is taken now was used by a clock that
    was wrong, and bars nobody.
    """
    written = "".join(code.split())
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    used = after if after <= present + 1 else 0
    found = None
    for step in (present - 1, present, present + 1):
        right = totp.at(now + timedelta(seconds=(step - present) * STEP_SECONDS))
        # every step is compared, whichever is right
        if strings_equal(written, right) and step > used:
            found = step
    return found


def make_recovery_codes() -> tuple[str, ...]:
    """Return codes of 50 random bits each; each is taken once, in place of a code from the app."""
    return tuple(_draw_groups(2, 5) for _ in range(RECOVERY_CODES))


def is_recovery_code(code: str) -> bool:
    """Return whether the text has the form of a code on paper."""
    return len(_normalise(code)) == 10 and not _normalise(code).isdecimal()


def hash_recovery_code(person: str, code: str) -> str:
    """Return what is kept of a code: its SHA-256 with the person's id; hyphens, spaces and case do not count."""
    return hashlib.sha256(f"{person} {_normalise(code)}".encode()).hexdigest()


def _normalise(code: str) -> str:
    return "".join(character for character in code.casefold() if character.isalnum())


def _draw_groups(groups: int, length: int) -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(length)) for _ in range(groups))
