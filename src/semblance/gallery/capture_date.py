"""The day, month or year in which a photo was taken."""

import re
from datetime import date
from typing import Final, NewType

CaptureDate = NewType("CaptureDate", str)
"""ISO 8601-1:2019 calendar date, complete or of reduced precision: 2014-05-17, 2014-05 or 2014."""

_FORM: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?", re.ASCII)
_EARLIEST_YEAR: Final = 1826
"""The year of the oldest photograph that survives."""


def parse_capture_date(text: str, *, today: date) -> CaptureDate | None:
    """Return the date as written, or None where it is none, lies before photography, or in the future."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found["year"])
    try:
        first_day = date(year, int(found["month"] or 1), int(found["day"] or 1))
    except ValueError:
        return None
    if year < _EARLIEST_YEAR or first_day > today:
        return None
    return CaptureDate(text.strip())
