"""What every request must pass before any page or route sees it, and the headers that every answer carries.

The node speaks plain HTTP, which anybody on the way could read. So only this machine's own browser may reach it, by a
loopback name (a page elsewhere that points its own name at this machine, DNS rebinding, is refused), and no page of
another site may send a form here (cross-site request forgery).
"""

from typing import Final
from urllib.parse import urlsplit

from semblance.edge.asgi import SAFE_METHODS, App, Event, Receive, Refuse, Scope, Send
from semblance.edge.bodies import Incoming
from semblance.errors import RequestProblem
from semblance.exchange.transfer import is_loopback
from semblance.messages.message import Message

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_LENGTH_DIGITS: Final = 15


class Guard:
    """Wraps the whole site; ``refuse`` makes the answers to what is not let through."""

    def __init__(self, app: App, *, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        dressed = _add_headers(scope, send)
        fault = self._find_fault(scope)
        if fault is None:
            await self._app(scope, receive, dressed)
            return
        await Incoming(receive).drain()
        await self._refuse(scope, fault)(scope, receive, dressed)

    def _find_fault(self, scope: Scope) -> RequestProblem | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        if not is_loopback(_strip_port(host)):
            return RequestProblem(
                421,
                "guard.host",
                Message("guard.host", "This node answers to this machine's own names only: localhost or 127.0.0.1."),
            )
        if "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
            return RequestProblem(
                422,
                "request.invalid",
                Message("guard.nul", "The address holds a NUL character, which nothing here is called by."),
            )
        if scope["method"] in SAFE_METHODS:
            return None
        if not _comes_from_here(headers, host):
            return RequestProblem(
                403,
                "guard.origin",
                Message(
                    "guard.origin", "The request came from a page of another site. Open the node's own page and retry."
                ),
            )
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or (length and not (length.isdecimal() and len(length) <= _LENGTH_DIGITS)):
            return RequestProblem(
                411,
                "guard.length",
                Message("guard.length", "The request does not say how long it is. Send it with a Content-Length."),
            )
        return None


def _strip_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _comes_from_here(headers: dict[str, str], host: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        # "none" is an act of the person in front of the browser, such as sending a form again
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    # a program that is no browser sends neither; a browser that sends a form across sites always says where from
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _add_headers(scope: Scope, send: Send) -> Send:
    static = str(scope["path"]).startswith("/static/")
    cache = b"no-cache" if static else b"no-store"

    async def dressed(message: Event) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            extra = [(name, value) for name, value in _HEADERS if name not in given]
            kept = [(name, value) for name, value in message["headers"] if name.lower() != b"cache-control"]
            message["headers"] = [*kept, *extra, (b"cache-control", cache)]
        await send(message)

    return dressed
