"""Where a pack's files lie on this machine, and whether they are the files that the manifest names."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from semblance.errors import DigestMismatch, PackMissing
from semblance.faces.packs.manifest import PackFile, PackManifest


class FileState(StrEnum):
    """``present`` means: there, with the right SHA-256."""

    PRESENT = "present"
    MISSING = "missing"
    WRONG = "wrong-digest"


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One file of a pack on this machine; ``path`` is where it lies or would lie."""

    file: PackFile
    path: Path
    state: FileState


def locate_file(pack: PackManifest, file: PackFile, models: Path) -> Path:
    """Return where the file lies or would lie; a package is located without importing it."""
    pulled = place_file(pack, file, models)
    # What was pulled out of a wheel goes before what an installed package of another version brings.
    if file.package is None or file.path is None or (file.wheel is not None and pulled.is_file()):
        return pulled
    try:
        return Path(str(metadata.distribution(file.package).locate_file(file.path)))
    except metadata.PackageNotFoundError:
        # Never a path of the folder that the command happens to run in.
        return pulled


def place_file(pack: PackManifest, file: PackFile, models: Path) -> Path:
    """Return where the file is put when it is pulled."""
    return models / pack.name / file.name


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 lowercase hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_file(pack: PackManifest, file: PackFile, models: Path) -> FileStatus:
    """Look at one file and read it whole to check its digest."""
    path = locate_file(pack, file, models)
    if not path.is_file():
        return FileStatus(file, path, FileState.MISSING)
    return FileStatus(file, path, FileState.PRESENT if digest_file(path) == file.sha256 else FileState.WRONG)


def check_files(pack: PackManifest, models: Path) -> tuple[FileStatus, ...]:
    """Look at every file of a pack."""
    return tuple(check_file(pack, file, models) for file in pack.file)


def require_file(pack: PackManifest, name: str, models: Path) -> Path:
    """Return the path of a file that is there and right.

    Raises PackMissing where it is not there, DigestMismatch where it is another file: a wrong file is never loaded.
    """
    status = check_file(pack, pack.find_file(name), models)
    if status.state is FileState.MISSING:
        if status.file.package is not None and status.file.wheel is None:
            raise PackMissing(
                "models.no-package",
                "The pack {name} needs {file} from the package {package}, which is not installed: pip install "
                "semblance-faces.",
                name=pack.name,
                file=name,
                package=status.file.package,
            )
        raise PackMissing(
            "models.no-file",
            "The pack {name} needs {file}, which is not in {folder}. Get it with `semblance models pull "
            "{name}`, or from a folder with `semblance models pull {name} --from FOLDER`.",
            name=pack.name,
            file=name,
            folder=status.path.parent,
        )
    if status.state is FileState.WRONG:
        raise DigestMismatch(
            "models.wrong-digest",
            "{path} is not the file that the pack {name} names: its SHA-256 is {found}, not {sha256}. It is "
            "not loaded. Remove it and get it again with `semblance models pull {name}`.",
            path=status.path,
            name=pack.name,
            found=digest_file(status.path),
            sha256=status.file.sha256,
        )
    return status.path


def choose_encoder_file(pack: PackManifest, models: Path) -> str:
    """Return the name of the first alternative of the encoder that is there; the first of all where none is."""
    for name in pack.encoder.files:
        if locate_file(pack, pack.find_file(name), models).is_file():
            return name
    return pack.encoder.files[0]
