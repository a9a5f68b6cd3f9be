"""What fails: whoever asks is told its number and nothing of the machine, the operations log the number and where.

Every answer of the kind 5xx leaves a line in the log: which errors led to it, and the lines of code that they passed.
Never what was worked on: an exception's own words may quote a name or a whole body.
"""

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

import structlog
from starlette.responses import Response

from semblance.edge.asgi import App, Event, Receive, Scope, Send
from semblance.edge.statuses import find_status
from semblance.errors import (
    Busy,
    ConfigurationError,
    ModelError,
    PeerError,
    SemblanceError,
    StoreError,
    StoreFull,
    VerificationError,
)
from semblance.messages.message import Message
from semblance.node.trace import write_trace

_TOLD: Final = {
    StoreFull: Message(
        "failure.full",
        "There is no room left for what the node holds; nothing of the act in hand was written. Whoever runs the node "
        "has to make room; then do the same again.",
    ),
    StoreError: Message(
        "failure.store",
        "The node cannot use its store now; nothing of the act in hand was written. Try again in a moment; if it stays "
        "so, tell whoever runs the node.",
    ),
    ModelError: Message(
        "failure.model", "The node's model pack cannot do that now; nothing was kept. Tell whoever runs the node."
    ),
    VerificationError: Message(
        "failure.altered",
        "Something that the node keeps was changed by hand or damaged; nothing was done. Tell whoever runs the node.",
    ),
    SemblanceError: Message(
        "failure.node", "The node cannot do that now; nothing half-done was kept. Tell whoever runs the node."
    ),
}
"""What is said of the machine's own failures, by kind; the first kind that fits counts."""


@dataclass(slots=True)
class _Asked:
    number: str
    failure: BaseException | None = None


_asked: ContextVar[_Asked | None] = ContextVar("asked", default=None)


def get_request_number() -> str:
    """Return the number by which the log knows the request at hand, empty outside of any."""
    asked = _asked.get()
    return "" if asked is None else asked.number


def note_failure(error: BaseException) -> None:
    """Keep what the request at hand failed of, for the log."""
    asked = _asked.get()
    if asked is not None:
        asked.failure = error


def tell_failure(error: SemblanceError) -> Message:
    """Return what whoever asks is told: of the machine's own failures neither place nor host nor cause."""
    values = error.message.values
    if isinstance(error, VerificationError):
        hidden = "path" in values or error.message.identifier.startswith("keyring.")
    else:
        hidden = find_status(error) >= 500 and not isinstance(error, PeerError) and bool(values)
    if hidden or isinstance(error, ConfigurationError):
        return next(words for kind, words in _TOLD.items() if isinstance(error, kind))
    return error.message


class LogFailures:
    """Wraps the whole site: numbers every request, and logs those that fail.

    ``answer`` makes the answer to an error that nothing inside has answered.
    """

    def __init__(self, app: App, *, answer: Callable[[Scope, Exception], Response]) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on; what it raises ends here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = _Asked(secrets.token_hex(6))
        token = _asked.set(asked)
        status = 0

        async def noting(message: Event) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", asked.number.encode())]
            await send(message)

        try:
            await self._run(asked, scope, receive, noting, lambda: status > 0)
        finally:
            _asked.reset(token)
            if status >= 500 or asked.failure is not None:
                _log(asked, status)

    async def _run(self, asked: _Asked, scope: Scope, receive: Receive, send: Send, begun: Callable[[], bool]) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the last place where anything can be answered
            asked.failure = error
            if not begun():
                await self._answer(scope, error)(scope, receive, send)


def _log(asked: _Asked, status: int) -> None:
    error = asked.failure
    told: dict[str, object] = {"request": asked.number, "status": status}
    if isinstance(error, SemblanceError):
        told["error"] = error.message.identifier
    if isinstance(error, StoreError | ConfigurationError | ModelError):
        # made of places and of what the system said; no act's values stand in it
        told["said"] = str(error)
    if error is not None and not isinstance(error, Busy):
        told["trace"] = write_trace(error)
    structlog.get_logger().error("a request failed", **told)
