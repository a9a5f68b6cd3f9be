"""Accounts for programs: who asks, people, authorities, tokens."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import ADMINISTRATORS, BOB, CAST

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
        ("POST", "/people", {"name": "grace", "authority": "FR", "roles": {"supervisor": SOON}, **WHY}),
        ("PUT", "/people/bob/roles/supervisor", {"until": SOON, **WHY}),
        ("DELETE", "/people/bob/roles/examiner", WHY),
        ("PUT", "/people/bob/training", {"on": "2026-01-05", **WHY}),
        ("POST", "/people/bob/disable", WHY),
        ("POST", "/people/bob/enable", WHY),
        ("POST", "/people/bob/reset", WHY),
        ("POST", "/people/bob/unlock", WHY),
        ("POST", "/authorities", {"code": "IT", "name": "Polizia"}),
        ("POST", "/authorities/IT/admit", WHY),
        ("POST", "/authorities/DE/exclude", WHY),
    ]
    ada, axel = visited.open_client("ada"), visited.open_client("axel")
    answers = [ada.request(method, f"/api/v1{path}", json=body) for method, path, body in calls]
    assert [answer.status_code for answer in answers] == [202, 202, 200, 202, 200, 202, 202, 200, 201, 202, 200]
    for actor in CAST:
        # Bob is disabled by now
        if actor not in (*ADMINISTRATORS, BOB):
            client = visited.open_client(actor.name)
            for method, path, body in [
                *calls,
                ("POST", "/proposals/1/confirm", None),
                ("POST", "/proposals/1/decline", WHY),
            ]:
                answer = client.request(method, f"/api/v1{path}", json=body)
                assert (answer.status_code, answer.json()["error"]["code"]) == (403, "policy.refused"), path
    assert "grace" not in [person["name"] for person in ada.get("/api/v1/people").json()["people"]]
    assert ada.get("/api/v1/people/bob").json()["disabled_at"] is not None
    waiting = visited.open_client("dora").get("/api/v1/proposals").json()["proposals"]
    assert [proposal["act"] for proposal in waiting] == [
        *("person.add", "role.give", "person.train", "person.enable", "person.reset", "authority.admit")
    ]
    assert ada.post("/api/v1/proposals/1/confirm").json()["error"]["rule"] == "proposal.same-person"
    done = [axel.post(f"/api/v1/proposals/{proposal['number']}/confirm") for proposal in waiting]
    assert [answer.status_code for answer in done] == [200] * len(waiting)
    halves = answers[0].json()["password_half"], done[0].json()["password_half"]
    assert all(re.fullmatch("[a-z2-9]{4}(-[a-z2-9]{4}){2}", half) for half in halves)
    assert (
        visited.open_client().post("/sign-in", data={"name": "grace", "password": "-".join(halves)}).headers["location"]
        == "/account/set-up"
    )
    bob = ada.get("/api/v1/people/bob").json()
    assert (bob["trained_on"], bob["disabled_at"], bob["must_change_password"]) == ("2026-01-05", None, True)
    assert [role["role"] for role in bob["roles"]] == ["supervisor"]
    admitted = {body["code"]: body["admitted"] for body in ada.get("/api/v1/authorities").json()["authorities"]}
    assert admitted == {"DE": False, "FR": True, "IT": True, "XX": False}
    assert axel.post("/api/v1/proposals/1/confirm").status_code == 409
    assert axel.post("/api/v1/proposals/99/confirm").status_code == 404
    assert ada.put("/api/v1/people/alice/roles/supervisor", json={"until": SOON, **WHY}).status_code == 202
    declined = axel.post("/api/v1/proposals/7/decline", json=WHY).json()
    assert (declined["state"], declined["decided_by"]) == ("declined", "axel")
    assert ada.get("/api/v1/people/zoe").status_code == 404
    assert ada.put("/api/v1/people/bob/roles/king", json={"until": SOON, **WHY}).status_code == 422
    assert ada.post("/api/v1/people", json={"name": "Bad Name", "authority": "FR", **WHY}).status_code == 422
    joined = ada.put("/api/v1/people/bob/roles/administrator", json={"until": SOON, **WHY})
    assert (joined.status_code, joined.json()["error"]["rule"]) == (403, "roles.apart")


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
