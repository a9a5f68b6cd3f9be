"""The rows of a manifest as text, from CSV or JSON."""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from semblance.errors import ManifestError


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
    problems: list[str] = []
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        if len(set(header)) != len(header):
            problems.append("two columns of the header have the same name")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problems.append(f"line {reader.line_num}: {len(cells)} values stand under {len(header)} columns")
                continue
            values = (cell.strip() for cell in cells)
            rows.append(ManifestRow(reader.line_num, dict(zip(header, values, strict=True))))
    except csv.Error as error:
        problems.append(f"line {reader.line_num}: {error}")
    if problems:
        raise ManifestError(
            "intake.cannot-used-nothing-enrolled-2",
            "{path} cannot be used, nothing was enrolled: {value}.",
            path=path,
            value="; ".join(problems[:5]),
            problems=tuple(problems),
        )
    return tuple(rows)


def read_json_rows(path: Path, data: bytes) -> tuple[ManifestRow, ...]:
    """Return the rows of a JSON manifest: a list of objects, or an object with such a list as ``photos``."""
    try:
        document = json.loads(_decode(path, data))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ManifestError(
            "intake.not-json-nothing-enrolled-mend",
            "{path} is not JSON ({error}); nothing was enrolled. Mend it at that place.",
            path=path,
            error=error,
            problems=(str(error),),
        ) from error
    listed = document.get("photos") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        wrong = 'it holds no list of photos: write [{"subject": …, "path": …}, …]'
        raise ManifestError(
            "intake.cannot-used", "{path} cannot be used: {wrong}.", path=path, wrong=wrong, problems=(wrong,)
        )
    rows: list[ManifestRow] = []
    problems: list[str] = []
    for line, entry in enumerate(listed, start=1):
        if not isinstance(entry, dict):
            problems.append(f"line {line}: it is no object with subject and path")
            continue
        wrong_kinds = [key for key, value in entry.items() if isinstance(value, bool | float | list | dict)]
        problems += [f"line {line}: {key!r} is neither text nor a whole number" for key in wrong_kinds]
        cells = {key.strip().casefold(): "" if value is None else str(value).strip() for key, value in entry.items()}
        rows.append(ManifestRow(line, cells))
    if problems:
        raise ManifestError(
            "intake.cannot-used-nothing-enrolled-2",
            "{path} cannot be used, nothing was enrolled: {value}.",
            path=path,
            value="; ".join(problems[:5]),
            problems=tuple(problems),
        )
    return tuple(rows)


def _decode(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"line {line}: byte 0x{data[error.start]:02x} is not UTF-8"
        raise ManifestError(
            "intake.another-encoding-save-utf",
            "{path} is in another encoding ({wrong}); save it as UTF-8.",
            path=path,
            wrong=wrong,
            problems=(wrong,),
        ) from error
    if "\0" in text:
        # Latin letters in UTF-16 are valid UTF-8 with a NUL at every second place
        wrong = f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}: a NUL character, as in UTF-16"
        raise ManifestError(
            "intake.another-encoding-save-utf",
            "{path} is in another encoding ({wrong}); save it as UTF-8.",
            path=path,
            wrong=wrong,
            problems=(wrong,),
        )
    return text
