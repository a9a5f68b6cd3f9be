"""Whatever holds photos: a folder with one for each subject inside (``subject/photo.jpg``), a manifest, one photo."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from semblance.errors import IntakeError, UnreadableFile
from semblance.exchange.files import make_unreadable, printable_name, read_mode, read_photo_file
from semblance.exchange.intake import Intake, IntakeItem
from semblance.exchange.manifest import MANIFEST_NAMES, MANIFEST_SUFFIXES, read_manifest
from semblance.exchange.strewn import Strewn, is_strewn
from semblance.gallery.subject import find_key_fault, normalise_key
from semblance.messages.message import Message

_NO_PHOTOS: Final = frozenset(
    {f".{ending}" for ending in ("csv", "doc", "docx", "htm", "html", "json", "log", "md", "odt", "pdf")}
    | {".txt", ".xml", ".zip"}
)
_NAMED: Final = 5


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


def read_folder(folder: Path, *, subject: str | None = None) -> Intake:
    """Return the photos of a folder in the order of their paths.

    Each folder inside is a subject; all files below it are its photos, whatever their endings, except those that are
    plainly documents and what devices leave behind. With ``subject`` the whole folder is that subject's. Items are
    named by their path inside the folder, so that an enrolment is resumed wherever the folder stands. Links that lead
    out of the folder are not followed. A folder inside that cannot be read is an item that cannot be loaded. Raises
    UnreadableFile where the folder is missing or closed, IntakeError where it holds nothing to enrol.
    """
    if not stat.S_ISDIR(read_mode(folder)):
        raise UnreadableFile(
            "operator.folder.no-folder", "{path} is not a folder; name one that holds subject/photo.jpg.", path=folder
        )
    items: list[IntakeItem] = []
    notes: list[Message] = []
    closed: dict[Path, OSError] = {}
    loose, strewn, documents = 0, Strewn(), list[str]()
    for path in _walk(folder, folder.resolve(), notes, closed):
        inside = path.relative_to(folder)
        name = printable_name(inside.as_posix())
        if path == folder:
            raise make_unreadable(folder, closed[path])
        if strewn.passes(inside.as_posix()):
            continue
        if path.suffix.lower() in _NO_PHOTOS:
            documents.append(name)
            continue
        if subject is None and len(inside.parts) == 1 and path not in closed:
            loose += 1
            continue
        key = normalise_key(subject if subject is not None else inside.parts[0])
        fault = find_key_fault(key)
        if fault is not None:
            notes.append(
                Message("operator.folder.passed-over", "{name} was passed over: {fault}", name=name, fault=fault)
            )
            continue
        load = partial(_refuse, name, closed[path]) if path in closed else partial(read_photo_file, path, name)
        items.append(IntakeItem(key, name, load))
    notes += [*_count_documents(documents), *strewn.describe()]
    if loose:
        notes.append(
            Message(
                "operator.folder.loose-files",
                "{n} files lie in the folder itself and name no subject: put them in a folder of the subject",
                n=loose,
            )
        )
    if not items:
        raise IntakeError(
            "operator.folder.no-photos",
            "{path} holds no photos as subject/photo.jpg ({reasons:;}).",
            path=folder,
            reasons=notes[-3:] or [Message("operator.folder.empty", "it is empty")],
        )
    return Intake(tuple(items), tuple(notes))


def _count_documents(names: list[str]) -> Iterator[Message]:
    if len(names) == 1:
        yield Message("operator.folder.no-photo", "{name} is no photo and was passed over", name=names[0])
    elif names:
        # a program that writes a document beside each photo leaves thousands
        listed = [*names[:_NAMED], "…"] if len(names) > _NAMED else names
        yield Message(
            "operator.folder.no-photos-among",
            "{n} files are no photos and were passed over: {names}",
            n=len(names),
            names=listed,
        )


def read_single_photo(path: Path, *, subject: str | None = None) -> Intake:
    """Return one photo; without ``subject`` the file's name without its ending names the subject.

    Raises UnreadableFile where there is no such file, IntakeError where the subject's name cannot be one.
    """
    if not stat.S_ISREG(read_mode(path)):
        raise UnreadableFile(
            "operator.folder.no-file", "{path} is no file; name a photo, a folder or a manifest.", path=path
        )
    name = printable_name(path.name)
    key = normalise_key(subject if subject is not None else printable_name(path.stem))
    fault = find_key_fault(key)
    if fault is not None:
        raise IntakeError("operator.folder.bad-key", "{path}: {fault}.", path=path, fault=fault)
    return Intake((IntakeItem(key, name, partial(read_photo_file, path, name)),))


def _refuse(name: str, error: OSError) -> bytes:
    raise make_unreadable(name, error)


def _walk(folder: Path, root: Path, notes: list[Message], closed: dict[Path, OSError]) -> Iterator[Path]:
    """Give all files below the folder, and in the place of a folder that cannot be read the folder itself.

    Folders that devices leave behind are given and not entered.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        closed[folder] = error
        yield folder
        return
    for entry in entries:
        path = folder / entry.name
        if is_strewn(entry.name):
            yield path
        elif entry.is_symlink() and not path.resolve().is_relative_to(root):
            notes.append(
                Message(
                    "operator.folder.link-outside",
                    "{path} is a link that leads out of the folder and was not followed",
                    path=printable_name(str(path)),
                )
            )
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, root, notes, closed)
        elif entry.is_symlink() and entry.is_dir():
            notes.append(
                Message(
                    "operator.folder.link-to-folder",
                    "{path} is a link to a folder and was not followed",
                    path=printable_name(str(path)),
                )
            )
        else:
            yield path
