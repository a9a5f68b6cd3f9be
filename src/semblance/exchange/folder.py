"""A folder of photos, one folder inside it for each subject: ``subject/photo.jpg``; or a single photo."""

from pathlib import Path

from semblance.exchange.intake import Intake


def read_folder(folder: Path, *, subject: str | None = None) -> Intake:
    """Return the photos of a folder in the order of their paths."""
    raise NotImplementedError


def read_single_photo(path: Path, *, subject: str | None = None) -> Intake:
    """Return one photo; without ``subject`` the file's name without its ending names the subject."""
    raise NotImplementedError
