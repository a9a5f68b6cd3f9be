"""A folder of photos, one folder inside it for each subject: ``subject/photo.jpg``; or a single photo."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from semblance.errors import IntakeError, UnreadableFile
from semblance.exchange.files import printable_name, read_mode, read_photo_file
from semblance.exchange.intake import Intake, IntakeItem
from semblance.gallery.subject import find_key_fault, normalise_key

_NO_PHOTOS: Final = frozenset(
    {
        ".csv",
        ".db",
        ".doc",
        ".docx",
        ".htm",
        ".html",
        ".ini",
        ".json",
        ".log",
        ".md",
        ".odt",
        ".pdf",
        ".txt",
        ".xml",
        ".zip",
    }
)


def read_folder(folder: Path, *, subject: str | None = None) -> Intake:
    """Return the photos of a folder in the order of their paths.

    Each folder inside is a subject; all files below it are its photos, whatever their endings, except those that are
    plainly documents. With ``subject`` the whole folder is that subject's. Items are named by their path inside the
    folder, so that an enrolment is resumed wherever the folder stands. Links that lead out of the folder are not
    followed. A folder inside that cannot be read is an item that cannot be loaded. Raises UnreadableFile where the
    folder is missing or closed, IntakeError where it holds nothing to enrol.
    """
    if not stat.S_ISDIR(read_mode(folder)):
        raise UnreadableFile(
            "intake.not-folder-name-holds-subject",
            "{folder} is not a folder; name one that holds subject/photo.jpg.",
            folder=folder,
        )
    items: list[IntakeItem] = []
    notes: list[str] = []
    closed: dict[Path, str] = {}
    loose = 0
    for path in _walk(folder, folder.resolve(), notes, closed):
        inside = path.relative_to(folder)
        name = printable_name(inside.as_posix())
        if path == folder:
            raise UnreadableFile(
                "intake.cannot-read-check-permissions",
                "{folder} cannot be read ({closed}); check its permissions.",
                folder=folder,
                closed=closed[path],
            )
        if path.suffix.lower() in _NO_PHOTOS:
            notes.append(f"{name} is no photo and was passed over")
            continue
        if subject is None and len(inside.parts) == 1 and path not in closed:
            loose += 1
            continue
        key = normalise_key(subject if subject is not None else inside.parts[0])
        fault = find_key_fault(key)
        if fault is not None:
            notes.append(f"{name} was passed over: {fault}")
            continue
        load = partial(_refuse, name, closed[path]) if path in closed else partial(read_photo_file, path, name)
        items.append(IntakeItem(key, name, load))
    if loose:
        notes.append(f"{loose} files lie in the folder itself and name no subject: put them in a folder of the subject")
    if not items:
        why = "; ".join(notes[-3:]) or "it is empty"
        raise IntakeError(
            "intake.holds-no-photos-subject-photo",
            "{folder} holds no photos as subject/photo.jpg ({why}).",
            folder=folder,
            why=why,
        )
    return Intake(tuple(items), tuple(notes))


def read_single_photo(path: Path, *, subject: str | None = None) -> Intake:
    """Return one photo; without ``subject`` the file's name without its ending names the subject.

    Raises UnreadableFile where there is no such file, IntakeError where the subject's name cannot be one.
    """
    if not stat.S_ISREG(read_mode(path)):
        raise UnreadableFile(
            "intake.no-file-name-photo-folder", "{path} is no file; name a photo, a folder or a manifest.", path=path
        )
    name = printable_name(path.name)
    key = normalise_key(subject if subject is not None else printable_name(path.stem))
    fault = find_key_fault(key)
    if fault is not None:
        raise IntakeError("intake.text", "{path}: {fault}.", path=path, fault=fault)
    return Intake((IntakeItem(key, name, partial(read_photo_file, path, name)),))


def _refuse(name: str, why: str) -> bytes:
    raise UnreadableFile(
        "intake.folder-cannot-read-check-permissions",
        "The folder {name} cannot be read ({why}); check its permissions.",
        name=name,
        why=why,
    )


def _walk(folder: Path, root: Path, notes: list[str], closed: dict[Path, str]) -> Iterator[Path]:
    """Give all files below the folder, and in the place of a folder that cannot be read the folder itself."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        closed[folder] = error.strerror or "unknown reason"
        yield folder
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not path.resolve().is_relative_to(root):
            notes.append(f"{printable_name(str(path))} is a link that leads out of the folder and was not followed")
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root, notes, closed)
        elif entry.is_symlink() and entry.is_dir():
            notes.append(f"{printable_name(str(path))} is a link to a folder and was not followed")
        else:
            yield path
