"""The session that `semblance sign-in` opened, kept for the commands after it."""

import hashlib
import os
from pathlib import Path

from semblance.bootstrap.config import state_folder
from semblance.errors import ConfigurationError


def find_session_file(home: Path) -> Path:
    """Return where the secret of the session on the node in that folder is kept."""
    return state_folder() / "sessions" / hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:32]


def keep_session(home: Path, secret: str) -> Path:
    """Keep the secret for the owner alone (mode 600), and return where."""
    path = find_session_file(home)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secret)
        fresh.replace(path)
    except OSError as error:
        raise ConfigurationError(
            "operator.session.unwritable", "The session cannot be kept in {path}: {why}.", path=path, why=error.strerror
        ) from None
    return path


def read_session(home: Path) -> str | None:
    """Return the secret that is kept, or None."""
    try:
        return find_session_file(home).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def drop_session_file(home: Path) -> None:
    """Forget the secret."""
    find_session_file(home).unlink(missing_ok=True)
