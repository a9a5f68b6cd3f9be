"""Calls whom it may concern when time is over: one thread for all, since one a photo costs more than the rest."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Final

_TICK: Final = 0.5
"""Seconds by which a call may be late."""


class Watch:
    """Keeps what is waited for, and sleeps when nothing is; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: dict[object, tuple[float, Callable[[], None]]] = {}
        self._busy = Event()
        self._thread: Thread | None = None

    @contextmanager
    def waiting(self, seconds: float, give_up: Callable[[], None]) -> Iterator[None]:
        """Call ``give_up``, in another thread, if this is still entered after so many seconds."""
        key = object()
        with self._lock:
            self._due[key] = time.monotonic() + seconds, give_up
            self._busy.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._look, name="decoder-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._due.pop(key, None)

    def _look(self) -> None:
        while self._busy.wait():
            time.sleep(_TICK)
            now = time.monotonic()
            with self._lock:
                over = [key for key, (due, _) in self._due.items() if due <= now]
                late = [self._due.pop(key)[1] for key in over]
                if not self._due:
                    self._busy.clear()
            for give_up in late:
                give_up()
