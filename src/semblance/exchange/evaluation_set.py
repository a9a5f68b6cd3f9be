"""Evaluation sets: a folder of photos with a ``manifest.csv`` that says whose each is and what it is for."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from semblance.errors import ManifestError, UnreadableFile
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
            raise UnreadableFile(
                "intake.cannot-read-check-file-permissions",
                "{path} cannot be read ({why}): check the file and its permissions.",
                path=photo.path,
                why=error.strerror or error,
            ) from error


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
            "intake.cannot-read-evaluation-set-folder",
            "{manifest} cannot be read ({why}): an evaluation set is a folder with a {manifest_name} of the "
            "columns {needed} and any labels.",
            manifest=manifest,
            why=error.strerror or error,
            manifest_name=MANIFEST_NAME,
            needed=NEEDED,
        ) from error
    rows, columns = _read_rows(manifest, data)
    problems: list[str] = []
    seen: dict[str, int] = {}
    photos: dict[Role, list[SetPhoto]] = {Role.REFERENCE: [], Role.PROBE: []}
    labels = tuple(column for column in columns if column not in NEEDED)
    for line, row in rows:
        if len(row) != len(columns):
            problems.append(f"line {line}: it has {len(row)} cells where the header has {len(columns)}")
            continue
        named = dict(zip(columns, (cell.strip() for cell in row), strict=True))
        found = _check_row(folder, named, seen, line)
        if found:
            problems += [f"line {line}: {problem}" for problem in found]
            continue
        photos[Role(named["role"])].append(
            SetPhoto(named["subject"], named["path"], {label: named[label] for label in labels})
        )
    if not problems:
        problems += [f"there is no {role.value}" for role in Role if not photos[role]]
    if problems:
        raise _refuse(manifest, problems)
    return EvaluationSet(folder, digest_bytes(data), tuple(photos[Role.REFERENCE]), tuple(photos[Role.PROBE]), labels)


def _read_rows(manifest: Path, data: bytes) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return the rows that are not blank, each with its line number, and the names of the columns."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _refuse(manifest, [f"line {line}: this is no UTF-8; save the manifest as UTF-8"]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        rows.extend((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise _refuse(manifest, [f"line {reader.line_num}: this is no CSV ({error})"]) from error
    problems = [f"the column '{name}' is missing" for name in NEEDED if name not in header]
    problems += [f"the column '{name}' appears twice" for name in sorted({n for n in header if header.count(n) > 1})]
    if "" in header:
        problems.append("a column has no name")
    if problems:
        raise _refuse(manifest, [f"line 1: {problem}" for problem in problems])
    return rows, header


def _check_row(folder: Path, named: Mapping[str, str], seen: dict[str, int], line: int) -> list[str]:
    path, role = named["path"], named["role"]
    problems = []
    if not named["subject"]:
        problems.append("the subject is empty")
    if role not in set(Role):
        problems.append(f"the role is '{role}'; it must be reference or probe")
    problems += _check_path(folder, path)
    if path in seen:
        problems.append(f"{path} already stands on line {seen[path]}; a photo is one row")
    elif path:
        seen[path] = line
    return problems


def _check_path(folder: Path, path: str) -> list[str]:
    if not path:
        return ["the path is empty"]
    if "\0" in path:
        return ["the path holds a character that no path may hold"]
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        return [f"{path} leaves the folder; give a path inside it"]
    file = folder / path
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            return [f"{path} is a link that leaves the folder"]
        if not file.is_file():
            return [f"{path} is not there"]
    except OSError as error:
        return [f"{path} cannot be looked at ({error.strerror or error})"]
    return []


def _refuse(manifest: Path, problems: list[str]) -> ManifestError:
    shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return ManifestError(
        "intake.cannot-used-mend-them-run",
        "{manifest} cannot be used, {count}: {shown}. Mend them and run again.",
        manifest=manifest,
        count=count,
        shown=shown,
        problems=tuple(problems),
    )
