"""Manifests: a CSV or JSON file that says whose photo each file is."""

from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from semblance.errors import ManifestError, UnreadableFile
from semblance.exchange.files import printable_name, read_photo_file
from semblance.exchange.intake import Intake, IntakeItem
from semblance.exchange.manifest_rows import ManifestRow, read_csv_rows, read_json_rows
from semblance.gallery.capture_date import CaptureDate, parse_capture_date
from semblance.gallery.record import ImageSource
from semblance.gallery.record_faults import find_source_faults
from semblance.gallery.subject import find_key_fault, normalise_key

MANIFEST_NAMES: Final = ("manifest.csv", "manifest.json")
MANIFEST_SUFFIXES: Final = frozenset({".csv", ".json"})

_REQUIRED: Final = ("subject", "path")
_ORIGIN: Final = ("authority", "obtained", "obtained_on")
_KNOWN: Final = frozenset({*_REQUIRED, *_ORIGIN, "captured", "face", "row", "source", "role"})
_LABELS: Final = frozenset({"age", "ethnicity", "gender", "pitch", "pose", "race", "roll", "sex", "yaw"})
"""Labels of evaluation sets; a gallery never holds what people are said to be."""

_SHOWN: Final = 5


def read_manifest(path: Path) -> Intake:
    """Return the photos that a manifest names; raises ManifestError with every problem in it.

    Columns: ``subject`` and ``path`` (inside the manifest's folder), and where wanted ``captured`` (2014-05-17, 2014-05
    or 2014), ``face`` (ordinal of the face to take), ``row`` (where its template stands in a file of templates),
    ``source`` (a note on where the photo comes from), ``role``, and together ``authority``, ``obtained`` and
    ``obtained_on``, where a photo has another source than the rest. Rows whose role is ``probe`` are not enrolled, and
    labels of evaluation sets are not taken; the notes say so. UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "intake.manifest-cannot-read-check-may",
            "The manifest {path} cannot be read ({strerror}); check that it is there and may be read.",
            path=path,
            strerror=error.strerror,
        ) from error
    rows = read_json_rows(path, data) if path.suffix.lower() == ".json" else read_csv_rows(path, data)
    reading = _Reading(path.parent)
    columns = list(dict.fromkeys(column for row in rows for column in row.cells))
    reading.check_columns(columns)
    items = [item for row in rows if (item := reading.read_row(row)) is not None]
    if not rows:
        reading.problems.append("it names no photos")
    if reading.problems:
        raise _summarise(path, reading.problems)
    return Intake(tuple(items), tuple(reading.notes()))


class _Reading:
    """One pass over a manifest, gathering problems and what is to be noted."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[str] = []
        self._folder = folder
        self._root = folder.resolve()
        # a day's grace: it may be tomorrow already where the manifest was written
        self._today = (datetime.now(UTC) + timedelta(days=1)).date()
        self._seen: dict[tuple[str, str], int] = {}
        self._probes = 0
        self._labels: list[str] = []

    def check_columns(self, columns: list[str]) -> None:
        self._labels = [column for column in columns if column in _LABELS]
        if columns:
            self.problems += [f"the column {name!r} is missing" for name in _REQUIRED if name not in columns]
        for column in columns:
            if column not in _KNOWN and column not in _LABELS:
                near = get_close_matches(column, sorted(_KNOWN), 1)
                meant = f"; is it {near[0]!r}?" if near else f"; the columns are {', '.join(sorted(_KNOWN))}"
                self.problems.append(f"the column {column!r} is unknown{meant}")

    def read_row(self, row: ManifestRow) -> IntakeItem | None:
        role = row.cells.get("role", "") or "reference"
        if role == "probe":
            self._probes += 1
            return None
        faults = [] if role == "reference" else [f"the role {role!r} is neither 'reference' nor 'probe'"]
        key = normalise_key(row.cells.get("subject", ""))
        name = row.cells.get("path", "")
        faults += [fault for fault in (find_key_fault(key),) if fault is not None]
        found = self._find_file(name, faults)
        captured = self._read_date(row.cells.get("captured", ""), faults)
        face = _read_ordinal(row.cells.get("face", ""), faults)
        place = _read_row_number(row.cells.get("row", ""), faults)
        origin = self._read_origin(row, faults)
        if found is not None:
            first = self._seen.setdefault((key, found.as_posix()), row.line)
            if first != row.line:
                faults.append(f"{name} stands under {key!r} in line {first} already")
        self.problems += [f"line {row.line}: {fault}" for fault in faults]
        if faults or found is None:
            return None
        shown = printable_name(found.as_posix())
        load = partial(read_photo_file, self._folder / found, shown)
        return IntakeItem(key, shown, load, captured, face, row.cells.get("source") or None, origin=origin, row=place)

    def notes(self) -> list[str]:
        notes = []
        if self._probes:
            notes.append(f"{self._probes} rows are probes: they are for searching and were not taken into the gallery")
        if self._labels:
            notes.append(
                f"labels for evaluation are not held in a gallery and were left out: {', '.join(self._labels)}"
            )
        return notes

    def _find_file(self, name: str, faults: list[str]) -> PurePosixPath | None:
        if not name:
            faults.append("the path is missing")
            return None
        if "\0" in name:
            faults.append(f"the path {name!r} cannot be one")
            return None
        inside = PurePosixPath(name)
        if "\\" in name and not (self._folder / inside).exists():
            inside = PurePosixPath(name.replace("\\", "/"))
        drive = len(name) > 1 and name[1] == ":" and name[0].isalpha()
        try:
            leaves = not (self._folder / inside).resolve().is_relative_to(self._root)
            there = (self._folder / inside).is_file()
        except (OSError, RuntimeError):
            leaves, there = False, False
        if inside.is_absolute() or drive or ".." in inside.parts or leaves:
            faults.append(f"the path {name} leaves the manifest's folder; photos must lie inside it")
            return None
        if not there:
            faults.append(f"there is no file {name} in the manifest's folder")
            return None
        return inside

    def _read_date(self, text: str, faults: list[str]) -> CaptureDate | None:
        if not text:
            return None
        captured = parse_capture_date(text, today=self._today)
        if captured is None:
            faults.append(f"captured {text!r} is no date in the past; write 2014-05-17, 2014-05 or 2014")
        return captured

    def _read_origin(self, row: ManifestRow, faults: list[str]) -> ImageSource | None:
        authority, obtained, day = (row.cells.get(name, "") for name in _ORIGIN)
        if not (authority or obtained or day):
            return None
        if not (authority and obtained and day):
            faults.append(f"{', '.join(_ORIGIN)} go together: give all of them, or none")
            return None
        try:
            source = ImageSource(authority, obtained, date.fromisoformat(day))
        except ValueError:
            faults.append(f"obtained_on {day!r} is no day; write 2026-02-14")
            return None
        faults += [f"{fault}" for fault in find_source_faults(source, today=self._today)]
        return source


def _read_ordinal(text: str, faults: list[str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    faults.append(f"face {text!r} is not the number of a face: 0 for the largest, 1 for the next")
    return None


def _read_row_number(text: str, faults: list[str]) -> int | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    faults.append(f"row {text!r} is not the number of a row: 0 for the first")
    return None


def _summarise(path: Path, problems: list[str]) -> ManifestError:
    shown = "; ".join(problems[:_SHOWN])
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return ManifestError(
        "intake.cannot-used-nothing-enrolled",
        "{path} cannot be used, nothing was enrolled: {shown}{more}.",
        path=path,
        shown=shown,
        more=more,
        problems=tuple(problems),
    )
