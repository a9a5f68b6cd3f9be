"""What may reach the site at all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from starlette.responses import PlainTextResponse, Response

from semblance.edge.asgi import Receive, Scope, Send
from semblance.edge.guards import Guard
from semblance.errors import RequestProblem, SemblanceError
from semblance.exchange.transfer import is_loopback


async def _site(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("reached")(scope, receive, send)


def _refuse(_scope: Scope, problem: SemblanceError) -> Response:
    assert isinstance(problem, RequestProblem)
    return PlainTextResponse(f"{problem.code}: {problem}", status_code=problem.status)


class Client:
    """Asks a guarded site, one request at a time."""

    def __init__(self) -> None:
        self._app = Guard(_site, refuse=_refuse)

    def ask(self, method: str, *, headers: dict[str, str] | None = None, content: Any = None) -> httpx2.Response:
        async def ask() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self._app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8710") as client:
                return await client.request(method, "/", headers=headers, content=content)

        return asyncio.run(ask())


@pytest.fixture
def client() -> Client:
    return Client()


async def _make_chunks() -> AsyncIterator[bytes]:
    yield b"x"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_loopback_names_are_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "10.0.0.1", "::", "example.org", "localhost.example.org", "127.0.0.1.example.org", "2130706433"],
)
def test_other_names_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["localhost:8710", "127.0.0.1:8710", "[::1]:8710", "localhost"])
def test_this_machine_is_answered(client: Client, host: str) -> None:
    assert client.ask("GET", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "attacker.example:8710", "10.0.0.1:8710", "localhost.attacker.example"]
)
def test_a_name_pointed_at_this_machine_is_refused(client: Client, host: str) -> None:
    answer = client.ask("GET", headers={"host": host})
    assert answer.status_code == 421
    assert "reached" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://attacker.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8710"},
    ],
)
def test_another_sites_form_is_refused(client: Client, headers: dict[str, str]) -> None:
    assert client.ask("POST", headers=headers).status_code == 403
    assert client.ask("DELETE", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://127.0.0.1:8710"}, {"sec-fetch-site": "same-origin", "origin": "null"}]
)
def test_its_own_form_and_programs_are_let_through(client: Client, headers: dict[str, str]) -> None:
    assert client.ask("POST", headers=headers).status_code == 200


def test_a_body_of_unknown_length_is_refused(client: Client) -> None:
    assert client.ask("POST", content=_make_chunks()).status_code == 411


def test_every_answer_carries_the_headers(client: Client) -> None:
    for answer in (client.ask("GET"), client.ask("GET", headers={"host": "attacker.example"})):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
