"""One way in for whatever holds photos: a single file, a folder, or a manifest."""

import os
import stat
from pathlib import Path

from semblance.errors import IntakeError
from semblance.exchange.files import read_mode
from semblance.exchange.folder import read_folder, read_single_photo
from semblance.exchange.intake import Intake
from semblance.exchange.manifest import MANIFEST_NAMES, MANIFEST_SUFFIXES, read_manifest


def read_intake(path: Path, *, subject: str | None = None) -> Intake:
    """Return the photos that a file, a folder (``subject/photo.jpg``) or a CSV or JSON manifest hands in.

    A folder that holds a ``manifest.csv`` or ``manifest.json`` is read by it. ``subject`` names the subject of a single
    photo, or of all photos of a flat folder. Raises UnreadableFile or ManifestError; photos themselves are read later.
    """
    if stat.S_ISDIR(read_mode(path)):
        if subject is None:
            for name in MANIFEST_NAMES:
                if os.path.isfile(path / name):  # noqa: PTH113 - False where the folder may not be read
                    return read_manifest(path / name)
        return read_folder(path, subject=subject)
    if path.suffix.lower() in MANIFEST_SUFFIXES:
        if subject is not None:
            raise IntakeError(
                "operator.manifest.subject-given",
                "{path}: a manifest names its subjects itself; leave the subject out.",
                path=path,
            )
        return read_manifest(path)
    return read_single_photo(path, subject=subject)
