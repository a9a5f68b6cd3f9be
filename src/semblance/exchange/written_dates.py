"""Days as spreadsheets write them in many countries, read where only one day can be meant."""

import re
from typing import Final

from semblance.messages.message import Message

_TIME: Final = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?Z?$", re.ASCII | re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?", re.ASCII)
_YEAR_LAST: Final = re.compile(r"(?:(\d{1,2})([-/.]))?(\d{1,2})[-/.](\d{4})", re.ASCII)
_SHORT_YEAR: Final = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}", re.ASCII)
_SERIAL: Final = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)


def read_written_date(text: str) -> str | Message:
    """Return the day as ISO 8601 writes it, perhaps without day or month, or why nobody can tell which is meant.

    With dots the day comes first; with slashes or dashes and the year at the end, day and month are told apart only by
    a number above 12. A time of day is left out. Whether there is such a day is judged elsewhere.
    """
    plain = _TIME.sub("", text.strip())
    if found := _YEAR_FIRST.fullmatch(plain):
        return _write(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(plain):
        return _read_year_last(plain, found[1], found[2], found[3], found[4])
    if _SHORT_YEAR.fullmatch(plain):
        return Message(
            "operator.dates.short-year", "{text!r} names a year by two digits; write it as 1970-05-17", text=plain
        )
    if _SERIAL.fullmatch(plain):
        return Message(
            "operator.dates.serial",
            "{text!r} is a day as Excel counts them; give the cells the format of a date and save it again",
            text=plain,
        )
    return Message("operator.dates.unknown-form", "{text!r} is no date; write 1970-05-17, 1970-05 or 1970", text=plain)


def _read_year_last(text: str, first: str | None, mark: str | None, second: str, year: str) -> str | Message:
    if first is None:
        return _write(year, second, None)
    if mark == "." or int(first) > 12 or first.zfill(2) == second.zfill(2):
        return _write(year, second, first)
    if int(second) > 12:
        return _write(year, first, second)
    return Message(
        "operator.dates.ambiguous",
        "{text!r} may be {one} or {other}; write the one that is meant",
        text=text,
        one=_write(year, second, first),
        other=_write(year, first, second),
    )


def _write(year: str, month: str | None, day: str | None) -> str:
    return "-".join(part.zfill(2) for part in (year, month, day) if part is not None)
