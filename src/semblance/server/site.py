"""The whole site: pages and API behind one guard, and the server that runs it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import structlog
from fastapi import FastAPI
from fastapi.params import File
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from semblance.api.answers import answer_error, answer_unexpected
from semblance.api.app import PUBLIC_ADDRESSES, make_api
from semblance.bootstrap.config import Settings, read_client_secret
from semblance.edge.admission import Admission
from semblance.edge.asgi import App, Receive, Scope, Send
from semblance.edge.crowd import Crowd
from semblance.edge.failures import LogFailures
from semblance.edge.guards import Guard
from semblance.edge.oidc import make_provider
from semblance.errors import ConfigurationError, SemblanceError
from semblance.exchange.transfer import is_loopback
from semblance.node.node import Node
from semblance.server.connections import make_server
from semblance.web.app import OPEN_FORMS, make_pages
from semblance.web.page.problems import answer_page_error, make_unexpected_page
from semblance.web.page.site import Site
from semblance.web.wording.language import SpeakLanguage
from semblance.workflows.jobs.run_jobs import running_jobs
from semblance.workflows.scheduled.kinds import KINDS
from semblance.workflows.scheduled.worker import RoundReport, run_until_stopped


def make_site(node: Node, settings: Settings, *, crowd: Crowd | None = None) -> App:
    """Return the ASGI application: ``/api`` for programs, everything else for people.

    ``crowd`` is how many requests are answered at once; None means as many as a node usually does.
    """
    site = Site(
        node=node,
        upload_megabytes=settings.node.serve.upload_megabytes,
        provider=make_provider(
            settings.node.oidc.issuer,
            settings.node.oidc.client_id,
            read_client_secret(settings),
            settings.node.oidc.title,
        ),
    )
    pages, api = make_pages(site), make_api(node)

    def is_api(scope: Scope) -> bool:
        path = str(scope.get("path", ""))
        return path == "/api" or path.startswith("/api/")

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await (api if is_api(scope) else pages)(scope, receive, send)

    def refuse(scope: Scope, error: SemblanceError) -> Response:
        return answer_error(error) if is_api(scope) else answer_page_error(site, error, Request(scope))

    def fail(scope: Scope, error: Exception) -> Response:
        return answer_unexpected(error) if is_api(scope) else make_unexpected_page(site, error)

    # a little more than the photo, for the form around it
    cap = settings.node.serve.upload_megabytes * 1_000_000 + 100_000
    # what is uploaded stays in memory: a person's photo is not left in the folder for temporary files
    MultiPartParser.spool_max_size = cap
    photo_paths = [compile_path(path)[0] for app in (pages, api) for path in list_photo_paths(app)]
    admission = Admission(
        route,
        node,
        is_public=lambda path: path in PUBLIC_ADDRESSES or path.startswith("/static/"),
        takes_forms=OPEN_FORMS.__contains__,
        takes_photos=lambda path: any(pattern.match(path) for pattern in photo_paths),
        upload_cap=cap,
        refuse=refuse,
        crowd=crowd or Crowd(),
    )
    return SpeakLanguage(Guard(LogFailures(admission, answer=fail), refuse=refuse))


def list_photo_paths(app: FastAPI) -> tuple[str, ...]:
    """Return the paths of the routes that take a file."""
    return tuple(
        found.path
        for found in iter_route_contexts(app.routes)
        if found.path is not None
        and isinstance(found.original_route, APIRoute)
        and any(isinstance(field.field_info, File) for field in found.original_route.dependant.body_params)
    )


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket on a loopback address; port 0 takes any free one.

    Raises ConfigurationError for any other address: plain HTTP carries passwords and photos for anybody to read.
    """
    if not is_loopback(host):
        raise ConfigurationError(
            "operator.serve.not-loopback",
            "The node speaks plain HTTP: on the way to '{host}' anybody could read passwords and photos. Serve "
            "on 127.0.0.1, and reach it from elsewhere through an encrypted tunnel.",
            host=host,
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
        raise ConfigurationError(
            "operator.serve.port-unusable",
            "Port {port} of {host} cannot be used ({why}). Name another with --port.",
            port=port,
            host=host,
            why=error,
        ) from None
    return listening


def run_site(node: Node, settings: Settings, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until stopped; ``announce`` is told the address once the port is open."""
    site = make_site(node, settings)
    with closing(open_socket(host, port)) as listening:
        listening.listen(128)
        shown = f"[{host.strip('[]')}]" if ":" in host else host
        announce(f"http://{shown}:{listening.getsockname()[1]}/")
        with work_beside(node):
            make_server(site).run(sockets=[listening])


@contextmanager
def work_beside(node: Node, *, seconds: float = 300) -> Iterator[None]:
    """Do what falls due every so many seconds, and jobs, each in a thread of its own, also while nobody comes."""
    stop = threading.Event()

    def report(done: RoundReport) -> None:
        for outcome in done.outcomes:
            if outcome.error is not None:
                structlog.get_logger().warning("a job was not done", job=outcome.job, error=outcome.error)

    def work() -> None:
        run_until_stopped(node, stop, seconds=seconds, on_round=report)

    thread = threading.Thread(target=work, name="worker", daemon=True)
    thread.start()
    try:
        with running_jobs(node, KINDS):
            yield
    finally:
        stop.set()
        thread.join()
