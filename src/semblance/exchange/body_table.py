"""A table of what is known of bodies: its template with every field and what may stand there, and reading one."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final

from semblance.errors import RecordInvalid
from semblance.exchange.sheet import Sheet, SheetUnreadable, read_sheet
from semblance.gallery.record import RecordField, list_fields
from semblance.gallery.subject import normalise_key
from semblance.messages.message import Message
from semblance.terms.description import Description
from semblance.terms.nature import Nature
from semblance.terms.search import OLDEST

MOST_ROWS: Final = 2_000
"""A table is taken in one transaction."""
_NUMBER: Final = "number"
_REMARK: Final = "#"
_BETWEEN: Final = "|"
_CLEAR: Final = "-"
_FIELDS: Final = {field.name: field for field in list_fields(Description)}
_COLUMNS: Final = (_NUMBER, *_FIELDS)
_EXAMPLES: Final = {
    "latitude": "48.8566",
    "longitude": "2.3522",
    "youngest": "30",
    "oldest": "40",
    "shortest": "172",
    "tallest": "178",
    "hair": "brown | grey",
    "eyes": "blue",
    "body_marks": "left-arm; tattoo; an anchor | face; scar",
    "clothing": "blue rain jacket | boots, size 42",
    "jewellery": "wedding ring, inscribed A. 1999",
    "teeth": "16; filled | 26; crown | 38; missing",
    "fingerprints": "exists",
    "dna": "none",
}


@dataclass(frozen=True, slots=True)
class BodyRow:
    """What one row says of the record of that number: fields as a document has them; None empties a field."""

    line: int
    number: str
    fields: Mapping[str, Any]


def write_template() -> str:
    """Return the table as CSV with no record in it yet; its remarks say what may stand in each column."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    writer.writerow(["# allowed values", *map(_describe_values, _FIELDS.values())])
    writer.writerow(["# example", *(_EXAMPLES[name] for name in _FIELDS)])
    return written.getvalue()


def read_body_table(data: bytes) -> tuple[BodyRow, ...]:
    """Return the rows of a table; what stands in them is judged elsewhere.

    Rows whose number begins with ``#`` are remarks. An empty cell says nothing, ``-`` empties the field; several
    entries stand between bars, the parts of one between semicolons. Raises RecordInvalid with every problem.
    """
    try:
        sheet = read_sheet(data, known=_COLUMNS)
    except SheetUnreadable as unreadable:
        raise refuse_table([unreadable.problem]) from unreadable
    rows = [row for row in sheet.rows if not row.cells.get(_NUMBER, "").startswith(_REMARK)]
    problems = [*sheet.problems, *_check_columns(sheet)]
    if not problems and not rows:
        problems.append(Message("bodies.no-rows", "it names no record"))
    if len(rows) > MOST_ROWS:
        many = Message("bodies.too-many", "it has {n} rows; {most} are taken at once", n=len(rows), most=MOST_ROWS)
        problems.append(many)
    seen: dict[str, int] = {}
    for row in rows:
        number = normalise_key(row.cells.get(_NUMBER, ""))
        first = seen.setdefault(number, row.line)
        if not number:
            problems.append(name_row(row.line, "", Message("bodies.no-number", "it does not say which record")))
        elif first != row.line:
            twice = Message("bodies.twice", "the record stands in line {line} already", line=first)
            problems.append(name_row(row.line, number, twice))
    if problems:
        raise refuse_table(problems)
    return tuple(
        BodyRow(
            row.line,
            normalise_key(row.cells[_NUMBER]),
            {name: _read_cell(_FIELDS[name], text) for name, text in row.cells.items() if text and name != _NUMBER},
        )
        for row in rows
    )


def name_row(line: int, number: str, fault: Message) -> Message:
    """Return a fault with the row that it is in."""
    return Message("bodies.row", "line {line}, {number}: {fault}", line=line, number=number or "?", fault=fault)


def refuse_table(problems: Sequence[Message]) -> RecordInvalid:
    """Return what is raised where a table has problems."""
    return RecordInvalid(
        "bodies.invalid",
        "The table cannot be taken: {faults:;}. Nothing was changed.",
        faults=list(problems),
        problems=problems,
    )


def _check_columns(sheet: Sheet) -> list[Message]:
    if _NUMBER not in sheet.columns:
        return [Message("bodies.number-missing", "the column 'number' is missing: it says whose record a row is about")]
    found = []
    for column in sheet.columns:
        if column not in _COLUMNS:
            near = get_close_matches(column, _COLUMNS, 1)
            found.append(
                Message(
                    "bodies.column-mistyped",
                    "there is no column {column!r}; is {near} meant?",
                    column=column,
                    near=near[0],
                )
                if near
                else Message("bodies.column-unknown", "there is no column {column!r}", column=column)
            )
    return found


def _read_cell(field: RecordField, text: str) -> Any:
    if text == _CLEAR:
        return None
    if not field.many:
        return text
    entries = [entry.strip() for entry in text.split(_BETWEEN) if entry.strip()]
    if not is_dataclass(field.type):
        return entries
    names = [part.name for part in list_fields(field.type)]
    split = [[part.strip() for part in entry.split(";", len(names) - 1)] for entry in entries]
    return [{name: part for name, part in zip(names, parts, strict=False) if part} for parts in split]


def _describe_values(field: RecordField) -> str:
    words = _describe_part(field)
    if is_dataclass(field.type):
        words = "; ".join(map(_describe_part, list_fields(field.type)))
    return f"{words} (several: {_BETWEEN} between them)" if field.many else words


def _describe_part(field: RecordField) -> str:
    if isinstance(field.type, type) and issubclass(field.type, StrEnum):
        return " or ".join(field.type)
    if field.nature is Nature.DEGREES:
        most = 90 if field.name == "latitude" else 180
        return f"degrees (WGS 84) from -{most} to {most}"
    if field.nature is Nature.YEARS:
        return f"whole years from 0 to {OLDEST}"
    if field.nature is Nature.TOOTH:
        return "FDI number: 11 to 48, milk teeth 51 to 85"
    return "centimetres from 1 to 400" if field.type is int else "text"
