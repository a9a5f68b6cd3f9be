"""Long work: done by threads a bounded way ahead, given back in order, and stopped between two steps of it."""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Final, Generic, TypeVar

Handed = TypeVar("Handed")
Done = TypeVar("Done")

_PER_WORKER: Final = 3
_HEAVIEST: Final = 64 * 1024 * 1024


class Lookahead(Generic[Handed, Done]):
    """Keeps the workers busy a bounded number of items ahead, and gives back what they finished in order.

    What is finished is given back when ``at_once`` items are, or ``linger`` seconds after the first of them: whoever
    commits each time commits less often. ``bound`` should be larger than ``at_once``, for the workers to go on
    meanwhile.
    ``weigh`` returns how many bytes an item will hold in memory: no more is begun while those in hand weigh more than
    64 MiB together. After ``stop`` was set nothing more is begun, and what no worker has begun is let go.
    """

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        work: Callable[[Handed], Done],
        items: Iterable[Handed],
        stop: Event,
        *,
        bound: int,
        at_once: int,
        weigh: Callable[[Handed], int],
        linger: float,
    ) -> None:
        self._pool, self._work, self._items = pool, work, iter(items)
        self._stop, self._bound, self._at_once = stop, bound, at_once
        self._weigh, self._linger = weigh, linger
        self._pending: deque[tuple[Future[Done], int]] = deque()
        self._exhausted = False
        self._weight = 0
        self._let_go = False

    @property
    def cut_short(self) -> bool:
        """Return whether an item was left when the stop was asked for; only to be asked at the end."""
        return self._let_go or (not self._exhausted and next(self._items, None) is not None)

    def __iter__(self) -> Iterator[list[Done]]:
        """Give what is finished in order."""
        while True:
            self._refill()
            self._wait_for_more()
            batch: list[Done] = []
            while self._pending and len(batch) < self._at_once and (not batch or self._pending[0][0].done()):
                future, weight = self._pending.popleft()
                batch.append(future.result())
                self._weight -= weight
            if not batch:
                return
            yield batch

    def _wait_for_more(self) -> None:
        """Wait for the first item, and then a while for as many as are wanted at once."""
        if not self._pending or not self._linger:
            return
        wait([self._pending[0][0]])
        end = time.monotonic() + self._linger
        while not self._stop.is_set():
            self._refill()
            ready = next(
                (place for place, (future, _) in enumerate(self._pending) if not future.done()), len(self._pending)
            )
            left = end - time.monotonic()
            if ready >= min(self._at_once, len(self._pending)) or left <= 0:
                return
            wait([self._pending[ready][0]], timeout=left)

    def _refill(self) -> None:
        # the workers begin in order, so what can be called off is the end of the queue
        while self._stop.is_set() and self._pending and self._pending[-1][0].cancel():
            self._pending.pop()
            self._let_go = True
        while not self._exhausted and not self._stop.is_set() and self._has_room():
            item = next(self._items, None)
            if item is None:
                self._exhausted = True
            else:
                weight = self._weigh(item)
                self._weight += weight
                self._pending.append((self._pool.submit(self._work, item), weight))

    def _has_room(self) -> bool:
        return not self._pending or (len(self._pending) < self._bound and self._weight < _HEAVIEST)


@contextmanager
def listen_for_stop() -> Iterator[Event]:
    """Give an event that the first Ctrl-C or SIGTERM sets; a second Ctrl-C interrupts as usual.

    Outside the main thread signals cannot be listened to; then the event stays unset.
    """
    stop = Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    for number in before:
        signal.signal(number, ask_to_stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def work_ahead(
    name: str,
    work: Callable[[Handed], Done],
    items: Iterable[Handed],
    *,
    workers: int | None,
    at_once: int,
    bound: int | None = None,
    linger: float = 0.0,
    weigh: Callable[[Handed], int] = lambda _item: 0,
) -> Iterator[Lookahead[Handed, Done]]:
    """Give what ``workers`` threads (None: one for each processor) make of the items, until somebody asks to stop.

    After an error nothing more is begun.
    """
    count = max(1, workers if workers is not None else len(os.sched_getaffinity(0)))
    bound = count * _PER_WORKER + at_once if bound is None else bound
    with listen_for_stop() as stop, ThreadPoolExecutor(count, name) as pool:
        try:
            yield Lookahead(pool, work, items, stop, bound=bound, at_once=at_once, weigh=weigh, linger=linger)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
