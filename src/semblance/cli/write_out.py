"""Files that commands write for whoever looks at what would leave."""

from collections.abc import Iterable
from pathlib import Path

from semblance.errors import IntakeError


def require_none(out: Path) -> None:
    """Raise IntakeError where there is such a file."""
    if out.exists():
        raise IntakeError("operator.redact.exists", "{out} exists already; name another file.", out=out)


def write_out(out: Path, parts: Iterable[bytes]) -> None:
    """Write a new file; raises IntakeError where that fails."""
    try:
        with out.open("xb") as file:
            for part in parts:
                file.write(part)
    except OSError as error:
        raise IntakeError(
            "operator.redact.unwritable", "{out} cannot be written ({fault}).", out=out, fault=error.strerror
        ) from None
