"""The rows of a manifest as text, from CSV or JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from semblance.errors import ManifestError
from semblance.messages.message import Message


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One row; ``line`` is where it stands: the line of a CSV file, the place in a JSON list, counted from 1."""

    line: int
    cells: dict[str, str]


def read_csv_rows(path: Path, data: bytes) -> tuple[ManifestRow, ...]:
    """Return the rows of a CSV manifest with a header; commas, semicolons or tabs. Raises ManifestError."""
    text = _decode(path, data)
    header_line = text.split("\n", 1)[0]
    delimiter = next((mark for mark in ",;\t" if mark in header_line), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[ManifestRow] = []
    problems: list[Message] = []
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if len(set(header)) != len(header):
            problems.append(Message("operator.manifest.columns-alike", "two columns of the header have the same name"))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                fault = Message(
                    "operator.manifest.values-too-many",
                    "{n} values stand under {columns} columns",
                    n=len(cells),
                    columns=len(header),
                )
                problems.append(name_line(reader.line_num, fault))
                continue
            values = (cell.strip() for cell in cells)
            rows.append(ManifestRow(reader.line_num, dict(zip(header, values, strict=True))))
    except csv.Error as error:
        problems.append(name_line(reader.line_num, Message("operator.manifest.no-csv", "{error}", error=error)))
    if problems:
        raise refuse_manifest(path, problems)
    return tuple(rows)


def read_json_rows(path: Path, data: bytes) -> tuple[ManifestRow, ...]:
    """Return the rows of a JSON manifest: a list of objects, or an object with such a list as ``photos``."""
    try:
        document = json.loads(_decode(path, data))
    except (json.JSONDecodeError, RecursionError) as error:
        fault = Message("operator.manifest.no-json", "it is not JSON ({error}); correct it at that place", error=error)
        raise refuse_manifest(path, [fault]) from error
    listed = document.get("photos") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        form = '[{"subject": …, "path": …}, …]'
        raise refuse_manifest(
            path, [Message("operator.manifest.no-list", "it holds no list of photos: write {form}", form=form)]
        )
    rows: list[ManifestRow] = []
    problems: list[Message] = []
    for line, entry in enumerate(listed, start=1):
        if not isinstance(entry, dict):
            problems.append(
                name_line(line, Message("operator.manifest.no-object", "it is no object with subject and path"))
            )
            continue
        problems += [
            name_line(
                line,
                Message("operator.manifest.bad-value", "{column!r} is neither text nor a whole number", column=key),
            )
            for key, value in entry.items()
            if isinstance(value, bool | float | list | dict)
        ]
        cells = {key.strip().casefold(): "" if value is None else str(value).strip() for key, value in entry.items()}
        rows.append(ManifestRow(line, cells))
    if problems:
        raise refuse_manifest(path, problems)
    return tuple(rows)


def refuse_manifest(path: Path, problems: Sequence[Message]) -> ManifestError:
    """Return what is raised where a manifest has problems."""
    return ManifestError(
        "operator.manifest.unusable",
        "{path} cannot be used, nothing was enrolled: {problems:;}.",
        path=path,
        problems=problems,
    )


def name_line(line: int, fault: Message) -> Message:
    """Return a fault with the line that it is in."""
    return Message("operator.manifest.line", "line {line}: {fault}", line=line, fault=fault)


def _decode(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = data.count(b"\n", 0, error.start) + 1, f"0x{data[error.start]:02x}"
        fault = Message("operator.manifest.no-utf-8", "byte {byte} is not UTF-8; save it as UTF-8", byte=byte)
        raise refuse_manifest(path, [name_line(line, fault)]) from error
    if "\0" in text:
        # Latin letters in UTF-16 are valid UTF-8 with a NUL at every second place
        fault = Message("operator.manifest.utf-16", "a NUL character, as in UTF-16; save it as UTF-8")
        raise refuse_manifest(path, [name_line(text.count("\n", 0, text.index("\0")) + 1, fault)])
    return text
