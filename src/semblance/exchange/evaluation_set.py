"""Evaluation sets: a folder of photos with a ``manifest.csv`` that says whose each is and what it is for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from semblance.errors import ManifestError, UnreadableFile
from semblance.exchange.files import make_unreadable
from semblance.exchange.listed_files import find_listed_file
from semblance.exchange.names import FolderNames
from semblance.exchange.sheet import SheetUnreadable, name_line, read_sheet
from semblance.exchange.strewn import Strewn
from semblance.messages.message import Message
from semblance.terms.ids import Sha256, digest_bytes

MANIFEST_NAME: Final = "manifest.csv"
NEEDED: Final = ("subject", "path", "role")


class Role(StrEnum):
    """``reference``: enrolled. ``probe``: searched; one whose subject has no reference is non-mated."""

    REFERENCE = "reference"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class SetPhoto:
    """One row; ``path`` is relative to the set's folder, with forward slashes, as the file is called there."""

    subject: str
    path: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """All rows in the manifest's order; ``labels`` names the columns beyond subject, path and role.

    ``notes`` say what had to be guessed when the manifest was read, and what was passed over.
    """

    folder: Path
    manifest_sha256: Sha256
    references: tuple[SetPhoto, ...]
    probes: tuple[SetPhoto, ...]
    labels: tuple[str, ...]
    notes: tuple[Message, ...] = ()

    def load(self, photo: SetPhoto) -> bytes:
        """Return the photo's bytes; raises UnreadableFile."""
        try:
            return (self.folder / photo.path).read_bytes()
        except OSError as error:
            raise make_unreadable(photo.path, error) from error


def read_evaluation_set(folder: Path) -> EvaluationSet:
    """Return what ``manifest.csv`` in the folder names.

    Raises UnreadableFile where there is no manifest to read, ManifestError with every problem in it: a missing column,
    a role that is neither reference nor probe, a missing file, a path that leaves the folder, a row that appears twice
    or contradicts another, no reference, no probe.
    """
    manifest = folder / MANIFEST_NAME
    try:
        data = manifest.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "operator.evaluation-set.no-manifest",
            "{path} cannot be read ({why}): an evaluation set is a folder with a {name} of the columns {columns} and "
            "any labels.",
            path=manifest,
            why=error.strerror or error,
            name=MANIFEST_NAME,
            columns=NEEDED,
        ) from error
    try:
        sheet = read_sheet(data, known=NEEDED)
    except SheetUnreadable as unreadable:
        raise _refuse(manifest, unreadable.problem) from unreadable
    missing = [
        name_line(1, Message("operator.manifest.column-missing", "the column {column!r} is missing", column=name))
        for name in NEEDED
        if name not in sheet.columns
    ]
    if missing or sheet.problems:
        raise _refuse(manifest, *missing, *sheet.problems)
    problems: list[Message] = []
    seen: dict[str, int] = {}
    photos: dict[Role, list[SetPhoto]] = {Role.REFERENCE: [], Role.PROBE: []}
    labels = tuple(column for column in sheet.columns if column not in NEEDED)
    names, strewn = FolderNames(folder), Strewn()
    for row in sheet.rows:
        if strewn.passes(row.cells["path"].replace("\\", "/")):
            continue
        found = find_listed_file(names, row.cells["path"])
        path = None if isinstance(found, Message) else found.as_posix()
        faults = [*([found] if isinstance(found, Message) else []), *_check_row(row.cells, path, seen, row.line)]
        problems += [name_line(row.line, fault) for fault in faults]
        if path is not None and not faults:
            own = {label: row.cells[label] for label in labels}
            photos[Role(row.cells["role"])].append(SetPhoto(row.cells["subject"], path, own))
    if not problems:
        none = [role for role in Role if not photos[role]]
        problems += [Message("operator.evaluation-set.no-photo", "there is no {role}", role=role) for role in none]
    if problems:
        raise _refuse(manifest, *problems)
    references, probes = (tuple(photos[role]) for role in Role)
    return EvaluationSet(folder, digest_bytes(data), references, probes, labels, (*sheet.notes, *strewn.describe()))


def _check_row(named: Mapping[str, str], path: str | None, seen: dict[str, int], line: int) -> Iterator[Message]:
    role = named["role"]
    if not named["subject"]:
        yield Message("operator.evaluation-set.no-subject", "the subject is empty")
    if role not in set(Role):
        yield Message(
            "operator.evaluation-set.bad-role", "the role is '{role}'; it must be reference or probe", role=role
        )
    if path is not None and seen.setdefault(path, line) != line:
        yield Message(
            "operator.evaluation-set.path-twice",
            "{path} already stands on line {line}; a photo is one row",
            path=path,
            line=seen[path],
        )


def _refuse(manifest: Path, *problems: Message) -> ManifestError:
    return ManifestError(
        "operator.evaluation-set.unusable",
        "{path} cannot be used: {problems:;}. Correct it and run again.",
        path=manifest,
        problems=problems,
    )
