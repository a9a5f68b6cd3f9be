"""Evaluation sets: a folder of photos with a ``manifest.csv`` that says whose each is and what it is for."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from semblance.errors import ManifestError, UnreadableFile
from semblance.exchange.files import make_unreadable
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
    """One row; ``path`` is relative to the set's folder, with forward slashes, as the manifest has it."""

    subject: str
    path: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """All rows in the manifest's order; ``labels`` names the columns beyond subject, path and role."""

    folder: Path
    manifest_sha256: Sha256
    references: tuple[SetPhoto, ...]
    probes: tuple[SetPhoto, ...]
    labels: tuple[str, ...]

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
    rows, columns = _read_rows(manifest, data)
    problems: list[Message] = []
    seen: dict[str, int] = {}
    photos: dict[Role, list[SetPhoto]] = {Role.REFERENCE: [], Role.PROBE: []}
    labels = tuple(column for column in columns if column not in NEEDED)
    for line, row in rows:
        if len(row) != len(columns):
            fault = Message(
                "operator.evaluation-set.cells",
                "it has {n} cells where the header has {columns}",
                n=len(row),
                columns=len(columns),
            )
            problems.append(_name_line(line, fault))
            continue
        named = dict(zip(columns, (cell.strip() for cell in row), strict=True))
        faults = list(_check_row(folder, named, seen, line))
        if faults:
            problems += [_name_line(line, fault) for fault in faults]
            continue
        photos[Role(named["role"])].append(
            SetPhoto(named["subject"], named["path"], {label: named[label] for label in labels})
        )
    if not problems:
        none = [role for role in Role if not photos[role]]
        problems += [Message("operator.evaluation-set.no-photo", "there is no {role}", role=role) for role in none]
    if problems:
        raise _refuse(manifest, *problems)
    return EvaluationSet(folder, digest_bytes(data), tuple(photos[Role.REFERENCE]), tuple(photos[Role.PROBE]), labels)


def _read_rows(manifest: Path, data: bytes) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return the rows that are not blank, each with its line number, and the names of the columns."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        fault = Message("operator.evaluation-set.no-utf-8", "this is no UTF-8; save the manifest as UTF-8")
        raise _refuse(manifest, _name_line(line, fault)) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        rows.extend((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        fault = Message("operator.evaluation-set.no-csv", "this is no CSV ({error})", error=error)
        raise _refuse(manifest, _name_line(reader.line_num, fault)) from error
    faults = list(_check_header(header))
    if faults:
        raise _refuse(manifest, *(_name_line(1, fault) for fault in faults))
    return rows, header


def _check_header(header: list[str]) -> Iterator[Message]:
    for name in NEEDED:
        if name not in header:
            yield Message("operator.evaluation-set.column-missing", "the column '{column}' is missing", column=name)
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Message("operator.evaluation-set.column-twice", "the column '{column}' appears twice", column=name)
    if "" in header:
        yield Message("operator.evaluation-set.column-unnamed", "a column has no name")


def _check_row(folder: Path, named: Mapping[str, str], seen: dict[str, int], line: int) -> Iterator[Message]:
    path, role = named["path"], named["role"]
    if not named["subject"]:
        yield Message("operator.evaluation-set.no-subject", "the subject is empty")
    if role not in set(Role):
        yield Message(
            "operator.evaluation-set.bad-role", "the role is '{role}'; it must be reference or probe", role=role
        )
    if fault := _find_path_fault(folder, path):
        yield fault
    if path in seen:
        yield Message(
            "operator.evaluation-set.path-twice",
            "{path} already stands on line {line}; a photo is one row",
            path=path,
            line=seen[path],
        )
    elif path:
        seen[path] = line


def _find_path_fault(folder: Path, path: str) -> Message | None:
    if not path:
        return Message("operator.evaluation-set.no-path", "the path is empty")
    if "\0" in path:
        return Message("operator.evaluation-set.bad-path", "the path holds a character that no path may hold")
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        return Message(
            "operator.evaluation-set.path-outside", "{path} leaves the folder; give a path inside it", path=path
        )
    file = folder / path
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            return Message("operator.evaluation-set.link-outside", "{path} is a link that leaves the folder", path=path)
        if not file.is_file():
            return Message("operator.evaluation-set.path-missing", "{path} is not there", path=path)
    except OSError as error:
        return Message(
            "operator.evaluation-set.path-unreadable",
            "{path} cannot be looked at ({why})",
            path=path,
            why=error.strerror or error,
        )
    return None


def _name_line(line: int, fault: Message) -> Message:
    return Message("operator.evaluation-set.line", "line {line}: {fault}", line=line, fault=fault)


def _refuse(manifest: Path, *problems: Message) -> ManifestError:
    return ManifestError(
        "operator.evaluation-set.unusable",
        "{path} cannot be used: {problems:;}. Correct it and run again.",
        path=manifest,
        problems=problems,
    )
