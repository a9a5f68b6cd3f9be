"""How often one address tried to sign in: counted apart from the accounts, which strangers could close for others."""

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from semblance.errors import Busy, TooManyTries
from semblance.messages.message import Message

_MOST: Final = 30
_SECONDS: Final = 15 * 60
_ADDRESSES: Final = 4096


class AddressTries:
    """The tries of the last quarter of an hour that did not get in, by address; thread-safe.

    Loopback is not one client but everybody behind a tunnel or a proxy on this machine, and is not counted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    @contextmanager
    def counting(self, address: str | None) -> Iterator[None]:
        """Count a try until it gets in; raises TooManyTries before it is made."""
        key = find_network(address)
        if key is None:
            yield
            return
        begun = self._add(key)
        try:
            yield
        except Busy:
            self._take_back(key, begun)
            raise
        else:
            self._take_back(key, begun)

    def _add(self, key: str) -> float:
        with self._lock:
            now = self._clock()
            tries = self._tries.setdefault(key, deque())
            self._tries.move_to_end(key)
            while tries and now - tries[0] >= _SECONDS:
                tries.popleft()
            if len(tries) >= _MOST:
                raise TooManyTries(
                    Message("sign-in.too-many-tries", "Too many tries came from your address. Try again later."),
                    int(_SECONDS - (now - tries[0])) + 1,
                )
            tries.append(now)
            while len(self._tries) > _ADDRESSES:
                self._tries.popitem(last=False)
            return now

    def _take_back(self, key: str, begun: float) -> None:
        with self._lock:
            tries = self._tries.get(key)
            if tries is not None and begun in tries:
                tries.remove(begun)


def find_network(address: str | None) -> str | None:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 one; None for this machine's own."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return None if found.is_loopback else str(ipaddress.ip_network((found, 64), strict=False))
        found = found.ipv4_mapped
    return None if found.is_loopback else str(found)
