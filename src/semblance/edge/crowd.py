"""How many requests are answered at once: some for strangers, more for those who are signed in, not all for one."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from semblance.errors import Busy


class Crowd:
    """Those whose request is being answered now; used by the event loop's one thread.

    ``strangers`` and ``known`` are how many of each kind there may be, ``each`` how many of one person.
    """

    def __init__(self, *, strangers: int = 32, known: int = 200, each: int = 100) -> None:
        self._strangers = strangers
        self._known = known
        self._each = each
        self._inside: Counter[str | None] = Counter()

    @contextmanager
    def entering(self, person: str | None) -> Iterator[None]:
        """Count a request of somebody, or of a stranger, for the length of a ``with`` block; raises Busy."""
        strangers = self._inside[None]
        if person is None:
            full = strangers >= self._strangers
        else:
            full = self._inside.total() - strangers >= self._known or self._inside[person] >= self._each
        if full:
            raise Busy("request.crowded", "The node is answering as much as it can. Try again in a moment.")
        self._inside[person] += 1
        try:
            yield
        finally:
            self._inside[person] -= 1
            if not self._inside[person]:
                del self._inside[person]
