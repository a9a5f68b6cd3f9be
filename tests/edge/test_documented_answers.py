"""The OpenAPI document names every status that its operations answer: each is asked in every way to be refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.accounts_site import ADDRESS, Visited

from semblance.api.app import PUBLIC_ADDRESSES
from semblance.edge.crowd import Crowd
from semblance.server.site import make_site

JSON = {"content-type": "application/json"}


@pytest.fixture
def crowded(visited: Visited) -> TestClient:
    """Return alice's client of a node that is answering as much as it can."""
    known = visited.open_client("alice")
    return TestClient(
        make_site(visited.node, visited.settings, crowd=Crowd(strangers=0, known=0)),
        base_url=ADDRESS,
        cookies=dict(known.cookies),
    )


def list_refusals(
    stranger: TestClient, alice: TestClient, crowded: TestClient, method: str, path: str
) -> Iterator[tuple[int, int]]:
    """Give the status that an operation should be refused with, and that it was, in each way."""

    def ask(client: TestClient, **options: Any) -> int:
        return client.request(method, path, **options).status_code

    yield 421, ask(stranger, headers={"host": "attacker.example"})
    yield 422, ask(stranger, params={"x": "\0"})
    if path not in PUBLIC_ADDRESSES:
        yield 401, ask(stranger)
        yield 503, ask(crowded)
    if method == "GET":
        return
    yield 403, ask(alice, headers={"origin": "https://attacker.example"})
    yield 411, ask(alice, content=iter([b"{}"]), headers=JSON)
    yield 413, ask(alice, content=b"", headers={"content-length": "999999999"})
    yield 422, ask(alice, content=b"[" * 100, headers=JSON)


def test_every_operation_documents_how_it_refuses(visited: Visited, crowded: TestClient) -> None:
    stranger, alice = visited.open_client(), visited.open_client("alice")
    paths = stranger.get("/api/openapi.json").json()["paths"]
    seen = 0
    for path, methods in paths.items():
        filled = path.replace("{number}", "3").replace("{older}", "1").replace("{", "").replace("}", "")
        for method, operation in methods.items():
            documented = set(map(int, operation["responses"]))
            for expected, status in list_refusals(stranger, alice, crowded, method.upper(), filled):
                seen += 1
                assert (expected, method, path) == (status, method, path)
                assert status in documented, (method, path)
            assert documented >= {500, 503, 507}, path
            if method != "get":
                assert documented >= {400, 408, 409}, path
            if "{" in path:
                assert 404 in documented, path
    assert seen > 400
