"""The key that signs the node's ledger, and the seat that the store signs from."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from semblance.audit.checkpoint import SigningKey, is_signed
from semblance.errors import ConfigurationError
from semblance.store import ledger
from semblance.store.engine import Store
from semblance.store.ledger_witness import LedgerSeat

KEY_FILE: Final = "ledger.key"
WITNESS_FILE: Final = "ledger-checkpoint"


def seat_ledger(store: Store, home: Path, *, name: str, witnesses: bool = True) -> None:
    """Let the store sign its ledger with the key in the home folder; the first time, the key is made.

    ``witnesses=False`` leaves the newest checkpoint in its file until the store is accepted.

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
    store.ledger = LedgerSeat(key, home / WITNESS_FILE, witnesses)


def make_origin(name: str) -> str:
    """Return what the ledger of a node of that name is called; a signed note allows neither spaces nor plus signs."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "node"
    return f"semblance.invalid/{plain}"


def _make_key(path: Path) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # a link, not a rename: of two programs that open a fresh node at once the quicker one's key stays
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
    except OSError as error:
        raise ConfigurationError(
            "operator.ledger-key.not-made",
            "The ledger's key {path} cannot be made: {strerror}.",
            path=path,
            strerror=error.strerror,
        ) from None
    finally:
        fresh.unlink(missing_ok=True)


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
