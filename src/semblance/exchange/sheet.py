"""Tables that spreadsheets save as text: CSV with whatever delimiter, encoding and empty columns a program writes."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from semblance.messages.message import Message

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    # before UTF-16, whose mark they begin with
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS: Final = ",;\t"
_STATED: Final = re.compile(r'"?sep=(.)"?[,;\t]*\n', re.IGNORECASE)
_QUOTED: Final = re.compile(r'"[^"]*"')
_NOT_WESTERN: Final = re.compile(r"[À-ÖØ-öø-ÿŒœŠšŽžŸƒ]{3}")
"""No western language has three such letters in a row; Cyrillic and Greek, read as Windows-1252, are made of them."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row; ``line`` is where it stands: the line of a CSV file, the place in a JSON list, counted from 1."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table by the names of its columns, what is wrong with it line by line, and what had to be guessed."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    problems: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()


class SheetUnreadable(ValueError):
    """The bytes are no text that can be told; ``problem`` says where and why."""

    def __init__(self, problem: Message) -> None:
        super().__init__(problem)
        self.problem = problem


def read_sheet(data: bytes, *, known: Collection[str]) -> Sheet:
    """Return the table, whose first row that holds anything names the columns.

    Columns that differ from a ``known`` one in capitals alone are called by its name. Commas, semicolons or tabs, as
    its ``sep=`` line says or its header shows; UTF-8, UTF-16, UTF-32, or Windows-1252 with a note. Empty columns at the
    end and cells that are left out there say nothing. Raises SheetUnreadable where the bytes are no such text.
    """
    text, notes = decode_text(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    stated = _STATED.match(text)
    if stated is not None:
        # the line stays empty, so that lines keep their numbers
        text = text[stated.end() - 1 :]
    delimiter = stated[1] if stated is not None else _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: tuple[str, ...] = ()
    rows: list[SheetRow] = []
    problems: list[Message] = []
    try:
        for cells in reader:
            values = _strip(cells)
            if not values:
                continue
            if not columns:
                columns = tuple(name.casefold() if name.casefold() in known else name for name in values)
                problems += _check_header(reader.line_num, columns)
            elif len(values) > len(columns):
                problems.append(name_line(reader.line_num, _count_values(len(values), len(columns))))
            else:
                rows.append(SheetRow(reader.line_num, _name_cells(columns, values)))
    except csv.Error as error:
        fault = Message("operator.manifest.broken-csv", "this is no CSV ({error})", error=error)
        problems.append(name_line(reader.line_num, fault))
    return _drop_empty_columns(Sheet(columns, tuple(rows), tuple(problems), notes))


def decode_text(data: bytes) -> tuple[str, tuple[Message, ...]]:
    """Return the text and what was guessed about its encoding; raises SheetUnreadable."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding), ()
    if unmarked := _find_unmarked_utf_16(data):
        return _decode_as(data, unmarked), ()
    try:
        return _require_text(data.decode("utf-8")), ()
    except UnicodeDecodeError as error:
        return _decode_western(data, error.start)


def name_line(line: int, fault: Message) -> Message:
    """Return a fault with the line that it is in."""
    return Message("operator.manifest.line", "line {line}: {fault}", line=line, fault=fault)


def _find_delimiter(text: str) -> str:
    header = _QUOTED.sub("", text.lstrip("\n").partition("\n")[0])
    return max(_DELIMITERS, key=header.count)


def _strip(cells: list[str]) -> tuple[str, ...]:
    """Return the cells without white space around them, and without the empty ones at the end."""
    values = [cell.strip() for cell in cells]
    while values and not values[-1]:
        values.pop()
    return tuple(values)


def _name_cells(columns: tuple[str, ...], values: tuple[str, ...]) -> dict[str, str]:
    cells = dict.fromkeys(columns, "")
    for column, value in zip(columns, values, strict=False):
        # several columns may have no name
        cells[column] += value
    return cells


def _check_header(line: int, columns: tuple[str, ...]) -> Iterator[Message]:
    for name, count in Counter(filter(None, map(str.casefold, columns))).items():
        if count > 1:
            twice = Message("operator.manifest.column-twice", "the column {column!r} appears twice", column=name)
            yield name_line(line, twice)


def _count_values(count: int, columns: int) -> Message:
    return Message(
        "operator.manifest.values-too-many", "{n} values stand under {columns} columns", n=count, columns=columns
    )


def _drop_empty_columns(sheet: Sheet) -> Sheet:
    """Leave out columns without a name where they hold nothing; values in them are a fault."""
    if "" not in sheet.columns:
        return sheet
    unnamed = [
        name_line(row.line, Message("operator.manifest.value-unnamed", "a value stands in a column without a name"))
        for row in sheet.rows
        if row.cells[""]
    ]
    rows = [SheetRow(row.line, {name: cell for name, cell in row.cells.items() if name}) for row in sheet.rows]
    columns = tuple(filter(None, sheet.columns))
    return Sheet(columns, tuple(rows), (*sheet.problems, *unnamed), sheet.notes)


def _find_unmarked_utf_16(data: bytes) -> str | None:
    """Return which UTF-16 it is where Latin letters show that it is one: every second byte of the beginning is zero."""
    start = data[:16]
    even, odd = start[::2], start[1::2]
    if len(start) > 3 and not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if len(start) > 3 and not any(even) and all(odd) else None


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return _require_text(data.decode(encoding))
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].decode(encoding, "ignore").count("\n")
        name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        fault = Message("operator.manifest.broken-text", "it says it is {encoding}, and is damaged here", encoding=name)
        raise SheetUnreadable(name_line(line, fault)) from error


def _require_text(text: str) -> str:
    if "\0" in text:
        fault = Message("operator.manifest.no-text", "a NUL character, which no text has; save it as CSV UTF-8")
        raise SheetUnreadable(name_line(text.count("\n", 0, text.index("\0")) + 1, fault))
    return text


def _decode_western(data: bytes, start: int) -> tuple[str, tuple[Message, ...]]:
    """Read what Excel saves as CSV in western Europe; ``start`` is the first byte that is not UTF-8."""
    line, byte = data.count(b"\n", 0, start) + 1, f"0x{data[start]:02x}"
    try:
        text = _require_text(data.decode("cp1252"))
    except UnicodeDecodeError:
        text = ""
    if not text or _NOT_WESTERN.search(text):
        fault = Message(
            "operator.manifest.no-known-encoding",
            "byte {byte} is neither UTF-8 nor western European text; save it as CSV UTF-8",
            byte=byte,
        )
        raise SheetUnreadable(name_line(line, fault))
    example = text.split("\n")[line - 1].strip()[:80]
    return text, (
        Message(
            "operator.manifest.western",
            "it is not UTF-8 and was read as Windows-1252; see whether line {line} is right: {text}",
            line=line,
            text=example,
        ),
    )
