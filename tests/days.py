"""What day it is, for tests whose node goes by the real clock."""

from datetime import UTC, date, datetime


def read_today() -> date:
    """Return the day that it is now: a run of all tests may have begun on the day before."""
    return datetime.now(UTC).date()
