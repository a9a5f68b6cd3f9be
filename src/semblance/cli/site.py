"""The whole site: pages and API behind one guard, and the server that runs it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import structlog
import uvicorn
from starlette.formparsers import MultiPartParser
from starlette.responses import Response

from semblance.api.answers import answer_problem
from semblance.api.app import make_api
from semblance.bootstrap.config import Settings
from semblance.edge.guards import App, Guard, Receive, Scope, Send, is_loopback
from semblance.errors import ConfigurationError, StoreError
from semblance.web.app import make_pages
from semblance.web.problems import make_error_page
from semblance.web.site import Site
from semblance.workflows.expire import purge_expired
from semblance.workflows.node import Node


def make_site(node: Node, settings: Settings) -> App:
    """Return the ASGI application: ``/api`` for programs, everything else for people."""
    site = Site(
        node=node,
        person=settings.person,
        upload_megabytes=settings.node.serve.upload_megabytes,
    )
    pages, api = make_pages(site), make_api(node)

    def is_api(scope: Scope) -> bool:
        path = str(scope.get("path", ""))
        return path == "/api" or path.startswith("/api/")

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await (api if is_api(scope) else pages)(scope, receive, send)

    def refuse(scope: Scope, status: int, code: str, message: str) -> Response:
        if is_api(scope):
            return answer_problem(status, code, message)
        return make_error_page(site, status, code, message)

    # a little more than the photo, for the form around it
    cap = settings.node.serve.upload_megabytes * 1_000_000 + 100_000
    # what is uploaded stays in memory: a person's photo is not left in the folder for temporary files
    MultiPartParser.spool_max_size = cap
    return Guard(route, refuse=refuse, upload_cap=cap)


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket on a loopback address; port 0 takes any free one.

    Raises ConfigurationError for any other address: without accounts, whoever reaches the port could search.
    """
    if not is_loopback(host):
        raise ConfigurationError(
            f"This release has no accounts yet: whoever reached {host} could search and delete. "
            "Serve on 127.0.0.1, and reach it from elsewhere through a tunnel that knows its users."
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        raise ConfigurationError(f"Port {port} of {host} cannot be used ({error}). Name another with --port.") from None
    return listening


def run_site(node: Node, settings: Settings, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until stopped; ``announce`` is told the address once the port is open."""
    site = make_site(node, settings)
    with closing(open_socket(host, port)) as listening:
        listening.listen(128)
        shown = f"[{host.strip('[]')}]" if ":" in host else host
        announce(f"http://{shown}:{listening.getsockname()[1]}/")
        # addresses of pages hold subjects' keys: none is logged
        config = uvicorn.Config(
            site,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        with forget_in_time(node):
            uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def forget_in_time(node: Node, *, seconds: float = 300) -> Iterator[None]:
    """Delete expired probes every so many seconds, also while nobody submits any."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(seconds):
            try:
                purge_expired(node)
            except StoreError as error:
                structlog.get_logger().warning("expired probes are not deleted yet", error=error.code)

    thread = threading.Thread(target=work, name="forget", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
