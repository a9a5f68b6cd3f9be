"""The bodies of requests: how long each may be, how long it may take, and how much of all of them is held at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from semblance.edge.asgi import Event, Receive
from semblance.errors import Busy, RequestProblem
from semblance.messages.message import Message

STRANGERS_CAP: Final = 16_384
"""Room for a name, a password, a code and the page to go on to."""
PLAIN_CAP: Final = 2_000_000
"""For everything but photos; the longest is a policy."""

_STRANGERS_SECONDS: Final = 10.0
_LEAST_SECONDS: Final = 20.0
_SLOWEST: Final = 100_000
"""Bytes a second."""
_DRAINING_SECONDS: Final = 3.0
_PIECE: Final = 256 * 1024


class BodyRoom:
    """The memory that bodies may take, all together; used by the event loop's one thread."""

    def __init__(self, size: int) -> None:
        self._free = size

    @contextmanager
    def holding(self, length: int) -> Iterator[None]:
        """Hold room for a body for the length of a ``with`` block; raises Busy where there is none."""
        if length > self._free:
            raise Busy("request.no-room", "Too much is being handed in just now. Try again in a moment.")
        self._free -= length
        try:
            yield
        finally:
            self._free += length


def check_length(length: int, cap: int) -> None:
    """Raise RequestProblem where a body is longer than may be sent there by whoever asks."""
    if length <= cap:
        return
    if cap <= PLAIN_CAP:
        fault = Message(
            "request.too-long",
            "The request has {size} bytes, and {allowed} are allowed here. Sign in first, or send less.",
            size=length,
            allowed=cap,
        )
        raise RequestProblem(413, "request.too-long", fault)
    fault = Message(
        "guard.upload-too-large",
        "The upload has {size} MB; {allowed} MB are allowed. Hand in a smaller file.",
        size=round(length / 1e6),
        allowed=cap // 1_000_000,
    )
    raise RequestProblem(413, "intake.image-too-large", fault)


async def read_body(receive: Receive, length: int, *, known: bool) -> bytearray:
    """Return the whole body; raises RequestProblem where it takes too long, ends early, or is longer than it said."""
    allowed = _LEAST_SECONDS + length / _SLOWEST if known else _STRANGERS_SECONDS
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(allowed):
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise RequestProblem(400, "http.400", Message("request.cut-off", "The request was cut off."))
                body += message.get("body", b"")
                more = message.get("more_body", False)
                check_length(len(body), max(length, 0))
    except TimeoutError:
        raise RequestProblem(
            408, "request.slow", Message("request.slow", "The request took too long to arrive. Send it again.")
        ) from None
    return body


def replay(body: bytearray, receive: Receive) -> Receive:
    """Return what gives the application a body that was read already, piece by piece, and then what comes after it."""
    whole = False

    async def give() -> Event:
        nonlocal whole
        if whole:
            return await receive()
        piece = bytes(body[:_PIECE])
        del body[:_PIECE]
        whole = not body
        return {"type": "http.request", "body": piece, "more_body": not whole}

    return give


class Incoming:
    """What is received of a request; it knows when all of it has come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole = False

    async def __call__(self) -> Event:
        """Return what comes next."""
        message = await self._receive()
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Let what is still being sent run out for some seconds: a browser shows no answer before it has sent all."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAINING_SECONDS):
                while not self._whole:
                    await self()
