"""The keys that stand beside a node: the node key, which wraps all others, and the key that signs the ledger.

The node key is read from a file, from the environment, or from a program (KMS, HSM); the ledger's from its file.
"""

import base64
import os
import re
import secrets
import shlex
import subprocess
from pathlib import Path
from typing import Final

from semblance.audit.checkpoint import Checkpoint, SigningKey, is_signed, sign_checkpoint
from semblance.audit.merkle import find_root
from semblance.bootstrap.config import read_key_variable
from semblance.errors import ConfigurationError
from semblance.store import ledger
from semblance.store.engine import Store
from semblance.store.keyring.keyring import KEY_LENGTH
from semblance.store.ledger_witness import LedgerSeat, keep_checkpoint, read_witness

FILE: Final = "file"
ENVIRONMENT: Final = "env"
COMMAND: Final = "command"
_SECONDS: Final = 30
_KEPT_SAFE: Final = "Put it back from where it is kept safe; nothing was started or changed."


def read_node_key(source: str, home: Path) -> bytes:
    """Return the 32 bytes of the node key from ``file:PATH``, ``env:NAME`` or ``command:PROGRAM ARGUMENTS``.

    The key is written in hexadecimal or base64. A relative path starts at ``home``; the program is run without a shell
    and has half a minute. Raises ConfigurationError where there is no key, or no whole one.
    """
    kind, _, place = source.partition(":")
    if kind == FILE:
        return _decode(_read_file(home / Path(place).expanduser()), f"The node key in {home / place}")
    if kind == ENVIRONMENT:
        text = read_key_variable(place)
        if text is None:
            raise ConfigurationError(
                "operator.node-key.no-variable",
                "The node key should stand in the environment variable {place}, which is not set. {kept_safe}",
                place=place,
                kept_safe=_KEPT_SAFE,
            )
        return _decode(text, f"The node key in the environment variable {place}")
    if kind == COMMAND:
        return _decode(_run(place), "What the program for the node key printed")
    raise ConfigurationError(
        "operator.node-key.bad-source",
        "`keys.node_key` is '{source}'; write file:PATH, env:NAME or command:PROGRAM, so that the node key is found.",
        source=source,
    )


def make_node_key(source: str, home: Path) -> bool:
    """Make the key file that the source names, and return whether it was made: one that is there is left as it is.

    Other sources must hold a key already. Raises ConfigurationError where there is no key in the end.
    """
    kind, _, place = source.partition(":")
    if kind == FILE:
        path = home / Path(place).expanduser()
        if make_key_file(path, replace=False):
            return True
    read_node_key(source, home)
    return False


def make_key_file(path: Path, *, replace: bool) -> bool:
    """Write a new key into the file, whole or not at all, for its owner alone; return whether that was done.

    ``replace=False`` leaves a file that is there as it is. Raises ConfigurationError where it cannot be written.
    """
    try:
        return write_key_file(path, replace=replace)
    except OSError as error:
        raise ConfigurationError(
            "operator.node-key.not-made",
            "The node key {path} cannot be made: {strerror}.",
            path=path,
            strerror=error.strerror,
        ) from None


def write_key_file(path: Path, *, replace: bool) -> bool:
    """Write 32 random bytes into the file as ``make_key_file`` does; raises OSError where it cannot be written."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(KEY_LENGTH) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            fresh.replace(path)
        else:
            # a link, not a rename: of two programs that make a node at once the quicker one's key stays
            path.hardlink_to(fresh)
    except FileExistsError:
        return False
    finally:
        fresh.unlink(missing_ok=True)
    return True


def _read_file(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise ConfigurationError(
            "operator.node-key.missing",
            "The node key {path} is missing, and everything is sealed with it. {kept_safe}",
            path=path,
            kept_safe=_KEPT_SAFE,
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "operator.node-key.unreadable",
            "The node key {path} cannot be read ({error}). {kept_safe}",
            path=path,
            error=error,
            kept_safe=_KEPT_SAFE,
        ) from None


def _run(command: str) -> str:
    try:
        words = shlex.split(command)
        done = subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - the operator's own setting
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        raise ConfigurationError(
            "operator.node-key.program-not-run",
            "The program for the node key could not be run ({name}). Check `keys.node_key`; nothing was "
            "started or changed.",
            name=type(error).__name__,
        ) from None
    if done.returncode:
        raise ConfigurationError(
            "operator.node-key.program-failed",
            "The program for the node key ended with status {returncode}. Check that the key service answers; "
            "nothing was started or changed.",
            returncode=done.returncode,
        )
    return done.stdout.decode("ascii", "replace")


def _decode(text: str, what: str) -> bytes:
    written = text.strip()
    try:
        key = bytes.fromhex(written) if len(written) == 2 * KEY_LENGTH else base64.b64decode(written, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_LENGTH:
        raise ConfigurationError(
            "operator.node-key.no-key",
            "{what} is no key of {key_length} bytes in hexadecimal or base64. {kept_safe}",
            what=what,
            key_length=KEY_LENGTH,
            kept_safe=_KEPT_SAFE,
        )
    return key


KEY_FILE: Final = "ledger.key"
WITNESS_FILE: Final = "ledger-checkpoint"


def seat_ledger(store: Store, home: Path, *, name: str, witnesses: bool = True) -> None:
    """Let the store sign its ledger with the key in the home folder; the first time, the key is made.

    ``witnesses=False`` leaves the newest checkpoint in its file until the store is accepted. Where nothing was signed
    yet the file holds the head of the empty ledger: so it is never missing, unless somebody took it away.

    Raises ConfigurationError where the ledger was signed already, and the key is missing, damaged, or another one.
    """
    with store.reading() as tx:
        newest = ledger.read_checkpoint_note(tx)
    path = home / KEY_FILE
    if newest is None and not path.exists():
        _make_key(path)
    key = SigningKey(newest.origin if newest is not None else make_origin(name), _read_seed(path))
    if newest is not None and not is_signed(newest, key.public):
        raise ConfigurationError(
            "operator.ledger-key.other",
            "{path} is not the key that signed this node's ledger. Put the right one back from where it is "
            "kept safe; nothing was started or changed.",
            path=path,
        )
    seat = LedgerSeat(key, home / WITNESS_FILE, witnesses)
    if newest is None and witnesses:
        _witness_nothing(seat)
    store.ledger = seat


def _witness_nothing(seat: LedgerSeat) -> None:
    assert seat.witness is not None
    seen = read_witness(seat.witness)
    if seen is None or (seen.size == 0 and seen.origin != seat.origin):
        empty = Checkpoint(seat.origin, 0, find_root(0, lambda _level, _position: b""))
        keep_checkpoint(seat.witness, sign_checkpoint(empty, seat.key))


def make_origin(name: str) -> str:
    """Return what the ledger of a node of that name is called; a signed note allows neither spaces nor plus signs."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "node"
    return f"semblance.invalid/{plain}"


def _make_key(path: Path) -> None:
    try:
        write_key_file(path, replace=False)
    except OSError as error:
        raise ConfigurationError(
            "operator.ledger-key.not-made",
            "The ledger's key {path} cannot be made: {strerror}.",
            path=path,
            strerror=error.strerror,
        ) from None


def _read_seed(path: Path) -> bytes:
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        seed = b""
    except (OSError, ValueError):
        raise ConfigurationError(
            "operator.ledger-key.unreadable",
            "The ledger's key {path} cannot be read; put back the one that is kept safe.",
            path=path,
        ) from None
    if len(seed) != 32:
        raise ConfigurationError(
            "operator.ledger-key.missing",
            "The ledger's key {path} is missing or cut short, and entries were signed with it. Put it back "
            "from where it is kept safe; nothing was started or changed.",
            path=path,
        )
    return seed
