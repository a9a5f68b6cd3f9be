"""Accounts for programs: who asks, people, authorities, tokens."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import CAST

from semblance.api.app import make_api

SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
WHY = {"reason": "The personnel office asked for it"}
OPEN = {"/api", "/api/openapi.json", "/api/v1/health"}


def test_nothing_is_answered_to_a_stranger(visited: Visited) -> None:  # noqa: F811
    stranger = visited.open_client()
    asked = 0
    for path, methods in make_api(visited.node).openapi()["paths"].items():
        for method in methods:
            if path in OPEN:
                continue
            answer = stranger.request(method.upper(), re.sub(r"\{[^}]*\}", "1", path))
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert answer.json()["error"]["code"] == "policy.not-signed-in"
            asked += 1
    assert asked > 20


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YWxpY2U6eA==", "Bearer semblance_guess", "x" * 9000]
)
def test_a_header_that_proves_nothing_wins_over_the_cookie_and_is_refused(
    visited: Visited,  # noqa: F811
    header: str,
) -> None:
    alice = visited.open_client("alice")
    assert alice.get("/api/v1/me").status_code == 200
    assert alice.get("/api/v1/me", headers={"authorization": header}).status_code == 401


def test_everybody_is_told_who_they_are(visited: Visited) -> None:  # noqa: F811
    for actor in CAST:
        me = visited.open_client(actor.name).get("/api/v1/me").json()
        assert (me["name"], me["authority"], me["admitted"]) == (actor.name, actor.authority, actor.admitted)
        assert me["roles"] == sorted(role.value for role in actor.roles)


def test_only_administrators_change_people(visited: Visited) -> None:  # noqa: F811
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/people", {"name": "grace", "authority": "FR", "roles": {"supervisor": SOON}}),
        ("PUT", "/people/bob/roles/supervisor", {"until": SOON, **WHY}),
        ("DELETE", "/people/bob/roles/supervisor", WHY),
        ("PUT", "/people/bob/training", {"on": "2026-01-05", **WHY}),
        ("POST", "/people/bob/disable", WHY),
        ("POST", "/people/bob/enable", WHY),
        ("POST", "/people/bob/unlock", WHY),
        ("POST", "/authorities", {"code": "IT", "name": "Polizia"}),
        ("PUT", "/authorities/IT/admission", {"admitted": False, **WHY}),
    ]
    for actor in CAST:
        client = visited.open_client(actor.name)
        for method, path, body in calls:
            answer = client.request(method, f"/api/v1{path}", json=body)
            if actor.name == "ada":
                assert answer.status_code in {200, 201}, (path, answer.text)
            else:
                assert (answer.status_code, answer.json()["error"]["code"]) == (403, "policy.refused"), path
    ada = visited.open_client("ada")
    assert "grace" in [person["name"] for person in ada.get("/api/v1/people").json()["people"]]
    assert ada.get("/api/v1/people/bob").json()["trained_on"] == "2026-01-05"
    assert [body["code"] for body in ada.get("/api/v1/authorities").json()["authorities"]] == ["DE", "FR", "IT", "XX"]
    assert ada.get("/api/v1/people/zoe").status_code == 404
    assert ada.put("/api/v1/people/bob/roles/king", json={"until": SOON, **WHY}).status_code == 422
    assert ada.post("/api/v1/people", json={"name": "Bad Name", "authority": "FR"}).status_code == 422


def test_a_token_is_made_narrow_used_and_revoked(visited: Visited) -> None:  # noqa: F811
    dora, stranger = visited.open_client("dora"), visited.open_client()
    made = dora.post("/api/v1/tokens", json={"label": "nightly", "scope": ["person.read"], "until": SOON}).json()
    program = {"authorization": f"Bearer {made['secret']}"}
    assert stranger.get("/api/v1/me", headers=program).json()["name"] == "dora"
    assert stranger.get("/api/v1/people", headers=program).status_code == 200
    narrowed = stranger.get("/api/v1/policy", headers=program)
    assert narrowed.status_code == 403
    assert "does not allow policy.read" in narrowed.json()["error"]["message"]
    more = {"label": "more", "scope": ["ledger.read"], "until": SOON}
    assert stranger.post("/api/v1/tokens", headers=program, json=more).status_code == 403
    (listed,) = dora.get("/api/v1/tokens").json()["tokens"]
    assert "secret" not in listed
    assert visited.open_client("alice").delete(f"/api/v1/tokens/{made['id']}").status_code == 403
    assert dora.delete(f"/api/v1/tokens/{made['id']}").json()["revoked_at"] is not None
    assert stranger.get("/api/v1/me", headers=program).status_code == 401
    year = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
    faulty: list[dict[str, Any]] = [
        {"until": year},
        {"until": "2001-01-01"},
        {"scope": []},
        {"scope": ["king"]},
        {"label": ""},
    ]
    for wrong in faulty:
        answer = dora.post("/api/v1/tokens", json={"label": "x1", "scope": ["person.read"], "until": SOON, **wrong})
        assert answer.status_code == 422, wrong
