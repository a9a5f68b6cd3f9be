"""What people look at piece by piece, so that looking at it is an entry in the ledger, and not each piece one."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

VIEWING: Final = timedelta(minutes=15)
"""After that time whoever still looks is noted again."""


class Viewings:
    """Remembers who was noted as looking at what, and when; thread-safe. A new process has everybody noted anew."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], datetime] = {}
        self._lock = Lock()

    def is_noted(self, person: str, thing: str, now: datetime) -> bool:
        """Return whether it was noted lately that the person looks at it."""
        with self._lock:
            since = self._noted.get((person, thing))
        # a clock that was set back would keep an old note alive
        return since is not None and timedelta() <= now - since < VIEWING

    def note(self, person: str, thing: str, now: datetime) -> None:
        """Remember that an entry says so from now on."""
        with self._lock:
            for looked in [looked for looked, since in self._noted.items() if now - since >= VIEWING]:
                del self._noted[looked]
            self._noted[person, thing] = now
