"""Files that a killed program was writing and never put in their place."""

import contextlib
import re
import time
from pathlib import Path
from typing import Final

_OLD: Final = 600
"""A file that is being written is written within seconds."""

_NAMES: Final = re.compile(
    r"ledger-checkpoint\.[0-9a-f]{16}\.new"
    r"|[0-9a-f]{8}\.note\.[0-9a-f]{16}\.new"
    r"|.+\.[0-9a-f]{8}\.part"
    r"|\.node\.toml\.new"
    r"|\.node-key\.next\.new"
)
"""Exactly what programs of this package write before they move it; ``node.key.new`` is a key, and stays."""


def remove_leftovers(home: Path) -> None:
    """Delete what an earlier run left half written in the home folder, as far as the folder can be read."""
    for folder in (home, home / "cosigned"):
        remove_old(folder, _NAMES)


def remove_old(folder: Path, names: re.Pattern[str]) -> None:
    """Delete the files of these names that nobody is writing any more, as far as the folder can be read."""
    now = time.time()
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if names.fullmatch(path.name) and now - path.stat().st_mtime > _OLD:
                path.unlink(missing_ok=True)
