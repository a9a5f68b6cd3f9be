"""How far the clock should have come since the program began, by a clock that nobody sets."""

import time
from datetime import UTC, datetime, timedelta


class ClockWatch:
    """Counts the time since it was made, the machine's sleep included where the system tells."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Take what the clock says now for right."""
        self._began, self._count = datetime.now(UTC), _count_seconds()

    def expect(self) -> datetime:
        """Return the moment that it should be now."""
        return self._began + timedelta(seconds=_count_seconds() - self._count)


def _count_seconds() -> float:
    boot: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
