"""Where a node signs its ledger, and the witness outside the database that notices an older copy of it."""

import contextlib
import math
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from semblance.audit.checkpoint import Checkpoint, SigningKey, read_checkpoint
from semblance.errors import StoreError, VerificationError

ANCHOR_SECONDS: Final = 1.0
"""So often at most the newest head is told to the keyring, and asked of it: a commit to it costs as much as an act."""


class HeadMemory:
    """The newest head that this process saw committed; it is never forgotten for a shorter one."""

    def __init__(self) -> None:
        self.head: Checkpoint | None = None
        self._anchored: Checkpoint | None = None
        self._asked = -math.inf

    def recall_anchor(self, ask: Callable[[], Checkpoint | None]) -> Checkpoint | None:
        """Return the head that the keyring knows, as it was told within the last second."""
        now = time.monotonic()
        if now - self._asked >= ANCHOR_SECONDS:
            self._anchored, self._asked = ask(), now
        return self._anchored

    def remember(self, head: Checkpoint) -> None:
        """Keep the head unless a longer one is kept."""
        if self.head is None or head.size >= self.head.size:
            self.head = head


@dataclass(frozen=True, slots=True)
class LedgerSeat:
    """The key that signs checkpoints, the file that keeps the newest one, if any does, and what this process saw.

    ``witnesses`` is False while it is open whether the store is the right one: then file and keyring stay as they are.
    """

    key: SigningKey
    witness: Path | None = None
    witnesses: bool = True
    memory: HeadMemory = field(default_factory=HeadMemory, compare=False, repr=False)

    @property
    def origin(self) -> str:
        return self.key.name


def read_witness(path: Path) -> Checkpoint | None:
    """Return the newest checkpoint that was written beside the database, None before the first.

    Raises VerificationError where the file is damaged, StoreError where it cannot be read.
    """
    try:
        return read_checkpoint(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (VerificationError, UnicodeDecodeError):
        raise VerificationError(
            "ledger.witness-damaged",
            "The checkpoint kept in {path} is damaged, so that nobody can tell whether the ledger goes on from "
            "it. Put the file back from a copy; if the database is the right one, `semblance ledger "
            "accept-restored` goes on without.",
            path=path.name,
        ) from None
    except OSError as error:
        raise StoreError(
            "ledger.witness-unreadable",
            "The ledger's witness {path} cannot be read ({why}); check its permissions.",
            path=path,
            why=error.strerror or error,
        ) from None


def write_witness(path: Path, checkpoint: Checkpoint) -> None:
    """Keep the checkpoint in the place of an older one, as a whole or not at all.

    A full disk must not undo an act that is committed already: then the older witness stays, which is weaker but
    not wrong.
    """
    with contextlib.suppress(StoreError):
        keep_checkpoint(path, checkpoint)


def keep_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write the checkpoint into the file, as a whole or not at all; raises StoreError where that cannot be done."""
    # a name of its own: several threads and programs keep theirs at the same time
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            file.write(str(checkpoint))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise StoreError(
            "ledger.checkpoint-not-kept",
            "The checkpoint cannot be kept in {path}: {why}.",
            path=path,
            why=error.strerror or error,
        ) from None
