"""The server's connections: how long one may wait without a whole request, and how many there may be.

uvicorn limits how long a connection rests between two requests, but waits without end for the rest of a header, and for
a reader who does not read.
"""

import asyncio
from typing import Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from semblance.edge.asgi import App

HEADER_SECONDS: Final = 10.0
"""For so long the first or the next whole header is waited for."""
READING_SECONDS: Final = 60.0
"""For so long an answer may be stuck at a reader who takes nothing of it."""
MOST_CONNECTIONS: Final = 400
_LONGEST_HEADER: Final = 32 * 1024


class TimedConnection(H11Protocol):
    """A connection that is cut off where its other end keeps the server waiting.

    Where there are too many, the one that has waited longest for a header goes, so that a newcomer gets in.
    """

    waiting: asyncio.TimerHandle | None = None
    """What cuts it off where no whole header comes."""
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a header."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > MOST_CONNECTIONS:
            since = {other: other.waiting.when() for other in self._list_waiting() if other.waiting is not None}
            min(since, key=since.__getitem__, default=self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        for timer in (self.waiting, self._stuck):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what has come; a whole header ends the waiting for it."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next header."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Wait for the reader, but not without end."""
        super().pause_writing()
        self._stuck = self.loop.call_later(READING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader has taken enough."""
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()

    def _list_waiting(self) -> list["TimedConnection"]:
        return [other for other in self.connections if isinstance(other, TimedConnection)]

    def _watch(self) -> None:
        waits = self.cycle is None or self.cycle.response_complete
        if waits and self.waiting is None:
            self.waiting = self.loop.call_later(HEADER_SECONDS, self.transport.abort)
        elif not waits and self.waiting is not None:
            self.waiting.cancel()
            self.waiting = None


def make_server(site: App) -> uvicorn.Server:
    """Return the server of a site."""
    # addresses of pages hold subjects' keys: none is logged
    config = uvicorn.Config(
        site,
        http=TimedConnection,
        ws="none",
        h11_max_incomplete_event_size=_LONGEST_HEADER,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)
