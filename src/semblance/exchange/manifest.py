"""Manifests: a CSV or JSON file that says whose photo each file is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from semblance.exchange.files import make_unreadable, printable_name, read_photo_file
from semblance.exchange.intake import Intake, IntakeItem
from semblance.exchange.listed_files import find_listed_file
from semblance.exchange.manifest_rows import read_csv_rows, read_json_rows, refuse_manifest
from semblance.exchange.names import FolderNames
from semblance.exchange.sheet import SheetRow, name_line
from semblance.exchange.strewn import Strewn
from semblance.exchange.written_dates import read_written_date
from semblance.gallery.outcome import CaptureDate, parse_capture_date
from semblance.gallery.record import ImageSource
from semblance.gallery.record_faults import find_source_faults
from semblance.gallery.subject import find_key_fault, normalise_key
from semblance.messages.message import Message

T = TypeVar("T")

MANIFEST_NAMES: Final = ("manifest.csv", "manifest.json")
MANIFEST_SUFFIXES: Final = frozenset({".csv", ".json"})

_REQUIRED: Final = ("subject", "path")
_ORIGIN: Final = ("authority", "obtained", "obtained_on")
_KNOWN: Final = frozenset({*_REQUIRED, *_ORIGIN, "captured", "face", "row", "source", "role"})
_LABELS: Final = frozenset({"age", "ethnicity", "gender", "pitch", "pose", "race", "roll", "sex", "yaw"})
"""Labels of evaluation sets; a gallery never holds what people are said to be."""


def read_manifest(path: Path) -> Intake:
    """Return the photos that a manifest names; raises ManifestError with every problem in it.

    Columns: ``subject`` and ``path`` (inside the manifest's folder), and where wanted ``captured`` (2014-05-17, 2014-05
    or 2014, or as spreadsheets write days), ``face`` (ordinal of the face to take), ``row`` (where its template stands
    in a file of templates), ``source`` (a note on where the photo comes from), ``role``, and together ``authority``,
    ``obtained`` and ``obtained_on``, where a photo has another source than the rest. Rows whose role is ``probe`` are
    not enrolled, labels of evaluation sets are not taken, and what devices leave behind is passed over; the notes say
    so.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise make_unreadable(path, error) from error
    if path.suffix.lower() == ".json":
        sheet = read_json_rows(path, data)
    else:
        sheet = read_csv_rows(path, data, _KNOWN | _LABELS)
    reading = _Reading(path.parent)
    reading.check_columns(sheet.columns)
    items = [item for row in sheet.rows if (item := reading.read_row(row)) is not None]
    if not sheet.rows:
        reading.problems.append(Message("operator.manifest.no-photos", "it names no photos"))
    if reading.problems:
        raise refuse_manifest(path, reading.problems)
    return Intake(tuple(items), (*sheet.notes, *reading.notes()))


class _Reading:
    """One pass over a manifest, gathering problems and what is to be noted."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[Message] = []
        self._names, self._strewn = FolderNames(folder), Strewn()
        # a day's grace: it may be tomorrow already where the manifest was written
        self._today = (datetime.now(UTC) + timedelta(days=1)).date()
        self._seen: dict[tuple[str, str], int] = {}
        self._probes = 0
        self._labels: list[str] = []

    def check_columns(self, columns: tuple[str, ...]) -> None:
        self._labels = [column for column in columns if column in _LABELS]
        if columns:
            missing = [name for name in _REQUIRED if name not in columns]
            self.problems += [
                Message("operator.manifest.column-missing", "the column {column!r} is missing", column=name)
                for name in missing
            ]
        for column in columns:
            if column not in _KNOWN and column not in _LABELS:
                self.problems.append(_describe_unknown(column))

    def read_row(self, row: SheetRow) -> IntakeItem | None:
        cells = row.cells
        if self._strewn.passes(cells.get("path", "").replace("\\", "/")):
            return None
        role = cells.get("role", "") or "reference"
        if role == "probe":
            self._probes += 1
            return None
        faults: list[Message] = []

        def take(read: T | Message | None) -> T | None:
            if isinstance(read, Message):
                faults.append(read)
                return None
            return read

        if role != "reference":
            faults.append(
                Message("operator.manifest.bad-role", "the role {role!r} is neither 'reference' nor 'probe'", role=role)
            )
        key = normalise_key(cells.get("subject", ""))
        take(find_key_fault(key))
        found = take(find_listed_file(self._names, cells.get("path", "")))
        captured = take(self._read_date(cells.get("captured", "")))
        face, place = cells.get("face", ""), cells.get("row", "")
        no_face = Message(
            "operator.manifest.bad-face",
            "face {text!r} is not the number of a face: 0 for the largest, 1 for the next",
            text=face,
        )
        no_row = Message(
            "operator.manifest.bad-row", "row {text!r} is not the number of a row: 0 for the first", text=place
        )
        ordinal, number = take(_read_number(face, no_face, digits=5)), take(_read_number(place, no_row, digits=11))
        origin = take(self._read_origin(row))
        if origin is not None:
            faults += [fault.message for fault in find_source_faults(origin, today=self._today)]
        if found is not None:
            first = self._seen.setdefault((key, found.as_posix()), row.line)
            if first != row.line:
                twice = Message(
                    "operator.manifest.photo-twice",
                    "{name} stands under {subject!r} in line {line} already",
                    name=cells["path"],
                    subject=key,
                    line=first,
                )
                faults.append(twice)
        self.problems += [name_line(row.line, fault) for fault in faults]
        if faults or found is None:
            return None
        shown = printable_name(found.as_posix())
        load = partial(read_photo_file, self._names.folder / found, shown)
        return IntakeItem(key, shown, load, captured, ordinal, cells.get("source") or None, origin=origin, row=number)

    def notes(self) -> Iterator[Message]:
        if self._probes:
            yield Message(
                "operator.manifest.probes",
                "{n} rows are probes: they are for searching and were not taken into the gallery",
                n=self._probes,
            )
        if self._labels:
            yield Message(
                "operator.manifest.labels",
                "labels for evaluation are not held in a gallery and were left out: {labels}",
                labels=self._labels,
            )
        yield from self._strewn.describe()

    def _read_date(self, text: str) -> CaptureDate | Message | None:
        if not text:
            return None
        written = read_written_date(text)
        if isinstance(written, Message):
            return Message("operator.manifest.captured", "captured {fault}", fault=written)
        return parse_capture_date(written, today=self._today) or Message(
            "operator.manifest.bad-date",
            "captured {text!r} is no date in the past; write 2014-05-17, 2014-05 or 2014",
            text=text,
        )

    def _read_origin(self, row: SheetRow) -> ImageSource | Message | None:
        authority, obtained, day = (row.cells.get(name, "") for name in _ORIGIN)
        if not (authority or obtained or day):
            return None
        if not (authority and obtained and day):
            return Message(
                "operator.manifest.source-incomplete",
                "{columns} go together: give all of them, or none",
                columns=_ORIGIN,
            )
        written = read_written_date(day)
        if isinstance(written, Message):
            return Message("operator.manifest.obtained-on", "obtained_on {fault}", fault=written)
        try:
            return ImageSource(authority, obtained, date.fromisoformat(written))
        except ValueError:
            return Message("operator.manifest.bad-day", "obtained_on {day!r} is no day; write 2026-02-14", day=day)


def _describe_unknown(column: str) -> Message:
    near = get_close_matches(column, sorted(_KNOWN), 1)
    if near:
        return Message(
            "operator.manifest.column-misspelt",
            "the column {column!r} is unknown; is it {near!r}?",
            column=column,
            near=near[0],
        )
    return Message(
        "operator.manifest.column-unknown",
        "the column {column!r} is unknown; the columns are {columns}",
        column=column,
        columns=sorted(_KNOWN),
    )


def _read_number(text: str, fault: Message, *, digits: int) -> int | Message | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else fault
