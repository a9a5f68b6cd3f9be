"""Somebody without an account tries wrong passwords, so that the person who has the right one is shut out."""

from typing import Any

from starlette.testclient import TestClient
from tests.accounts import PASSWORD
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here


def sign_in(client: TestClient, password: str) -> Any:
    return client.post("/sign-in", data={"name": "carol", "password": password})


def test_strangers_do_not_shut_out_whoever_signed_in_before(visited: Visited) -> None:  # noqa: F811
    carol, stranger = visited.open_client(), visited.open_client()
    first = sign_in(carol, PASSWORD)
    (kept,) = (line for line in first.headers.get_list("set-cookie") if "-device-" in line)
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept
    assert "Path=/sign-in" in kept
    assert "carol" not in kept
    carol.post("/sign-out")
    for _ in range(12):
        assert sign_in(stranger, "wrong password!").status_code == 403
    assert sign_in(visited.open_client(), PASSWORD).status_code == 403, "strangers wait"
    assert sign_in(carol, PASSWORD).status_code == 303
    # somebody else who uses her browser is a stranger to every other account
    bob = carol.post("/sign-in", data={"name": "bob", "password": "wrong password!"})
    assert bob.status_code == 403
