"""The rows of a manifest as text, from CSV or JSON."""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from semblance.errors import ManifestError
from semblance.exchange.sheet import Sheet, SheetRow, SheetUnreadable, decode_text, name_line, read_sheet
from semblance.messages.message import Message


def read_csv_rows(path: Path, data: bytes, known: Collection[str]) -> Sheet:
    """Return the rows of a CSV manifest, by the names of the ``known`` columns. Raises ManifestError."""
    try:
        sheet = read_sheet(data, known=known)
    except SheetUnreadable as unreadable:
        raise refuse_manifest(path, [unreadable.problem]) from unreadable
    if sheet.problems:
        raise refuse_manifest(path, sheet.problems)
    return sheet


def read_json_rows(path: Path, data: bytes) -> Sheet:
    """Return the rows of a JSON manifest: a list of objects, or an object with such a list as ``photos``."""
    try:
        text, notes = decode_text(data)
        document = json.loads(text)
    except SheetUnreadable as unreadable:
        raise refuse_manifest(path, [unreadable.problem]) from unreadable
    except (ValueError, RecursionError) as error:
        fault = Message("operator.manifest.no-json", "it is not JSON ({error}); correct it at that place", error=error)
        raise refuse_manifest(path, [fault]) from error
    listed = document.get("photos") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        form = '[{"subject": …, "path": …}, …]'
        raise refuse_manifest(
            path, [Message("operator.manifest.no-list", "it holds no list of photos: write {form}", form=form)]
        )
    rows: list[SheetRow] = []
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
        rows.append(SheetRow(line, cells))
    if problems:
        raise refuse_manifest(path, problems)
    return Sheet(tuple(dict.fromkeys(column for row in rows for column in row.cells)), tuple(rows), (), notes)


def refuse_manifest(path: Path, problems: Sequence[Message]) -> ManifestError:
    """Return what is raised where a manifest has problems."""
    return ManifestError(
        "operator.manifest.unusable",
        "{path} cannot be used, nothing was enrolled: {problems:;}.",
        path=path,
        problems=problems,
    )
