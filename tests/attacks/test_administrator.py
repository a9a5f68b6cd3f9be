"""An administrator alone tries to become every role, to be two people, and to let somebody in who should not be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from tests.accounts import PASSWORD, agree
from tests.accounts_site import Visited, visited  # noqa: F401 - fixtures are found by their names here

from semblance.store import people, proposals
from semblance.store.schema.proposal import account_hand
from semblance.terms.permission import Role
from semblance.workflows.accounts.joint_acts import AddPerson, GiveRole

SOON = (datetime.now(UTC) + timedelta(days=30)).date()
WHY = {"reason": "The personnel office asked for it"}
JOINED = {Role.EXAMINER, Role.SUPERVISOR, Role.DATA_PROTECTION_OFFICER}


@pytest.fixture
def ada(visited: Visited) -> TestClient:  # noqa: F811
    return visited.open_client("ada")


def describe_accounts(site: Visited) -> dict[str, Any]:
    """Return who is let in as what, and which authorities are admitted."""
    with site.node.store.reading() as tx:
        found, _ = people.list_people(tx, after=None, limit=100)
        return {
            "people": {
                person.name: (person.grants, person.trained_on, person.must_change, people.list_links(tx, person.id))
                for person in found
            },
            "authorities": people.list_authorities(tx),
        }


def list_grabs() -> Iterator[tuple[str, str, Any]]:
    """Give every call by which an administrator could give herself, or a puppet, a role or a way in."""
    for role in Role:
        until = {"until": str(SOON), **WHY}
        yield "PUT", f"/api/v1/people/ada/roles/{role}", until
        yield "PUT", f"/api/v1/people/alice/roles/{role}", until
        yield "POST", "/api/v1/people", {"name": f"puppet-{role}", "authority": "FR", "roles": {role: str(SOON)}, **WHY}
        yield "POST", "/people/ada/grant", {"role": role.value, "until": str(SOON), **WHY}
        yield "POST", "/people", {"name": "doll", "authority": "FR", "role": role.value, "until": str(SOON), **WHY}
    yield "PUT", "/api/v1/people/alice/training", {"on": "2026-01-05", **WHY}
    yield "POST", "/people/bob/training", {"on": "2026-01-05", **WHY}
    for name in ("alice", "axel", "dora"):
        yield "POST", f"/api/v1/people/{name}/reset", WHY
        yield "POST", f"/people/{name}/reset", WHY
    yield "POST", "/api/v1/authorities", {"code": "XY", "name": "Puppets", "admitted": True}
    yield "POST", "/api/v1/authorities/XX/admit", WHY
    yield "POST", "/authorities/XX/admit", WHY
    yield "PUT", "/api/v1/policy", {"text": "title = 'hers'", **WHY}


def test_alone_she_becomes_nothing_and_lets_nobody_in(visited: Visited, ada: TestClient) -> None:  # noqa: F811
    before = describe_accounts(visited)
    for method, path, body in list_grabs():
        form = {"json": body} if path.startswith("/api/") else {"data": body}
        answer = ada.request(method, path, **form)
        assert answer.status_code < 500, (path, answer.text)
    waiting = ada.get("/api/v1/proposals").json()["proposals"]
    assert len(waiting) > 10
    token = ada.post(
        "/api/v1/tokens", json={"label": "hers", "scope": ["person.manage", "authority.manage"], "until": str(SOON)}
    ).json()["secret"]
    program = {"authorization": f"Bearer {token}"}
    for proposal in waiting:
        number = proposal["number"]
        for client, headers, rule in (
            (ada, {}, "proposal.same-person"),
            (visited.open_client(), program, "proposal.by-token"),
        ):
            answer = client.post(f"/api/v1/proposals/{number}/confirm", headers=headers)
            assert answer.json()["error"]["rule"] == rule
        assert ada.post(f"/proposals/{number}/confirm").status_code == 403
    assert describe_accounts(visited) == before
    # she can take power away, and is no nearer to any
    assert ada.post("/api/v1/people/axel/disable", json=WHY).status_code == 200
    assert ada.post("/api/v1/people/axel/enable", json=WHY).status_code == 202
    assert [ada.post(f"/api/v1/proposals/{proposal['number']}/confirm").status_code for proposal in waiting] == [
        403
    ] * len(waiting)


def test_roles_that_are_kept_apart_are_refused_even_to_two(visited: Visited, ada: TestClient) -> None:  # noqa: F811
    for role in sorted(JOINED):
        answer = ada.put(f"/api/v1/people/ada/roles/{role}", json={"until": str(SOON), **WHY})
        assert (answer.status_code, answer.json()["error"]["rule"]) == (403, "roles.apart")
        both = {"name": "both", "authority": "FR", "roles": {role: str(SOON), "administrator": str(SOON)}, **WHY}
        assert ada.post("/api/v1/people", json=both).json()["error"]["rule"] == "roles.apart"


def test_an_account_of_her_making_is_no_second_person(visited: Visited, ada: TestClient) -> None:  # noqa: F811
    # made by her alone, as an older version let her
    agree(visited.node, AddPerson("puppet", "FR", must_change=False))
    agree(visited.node, GiveRole("puppet", Role.ADMINISTRATOR, SOON))
    with visited.node.store.writing() as tx:
        puppet, maker = (people.find_person_named(tx, name) for name in ("puppet", "ada"))
        assert puppet is not None
        assert maker is not None
        proposals.add_hands(tx, puppet.id, (maker.id,))
    strings = visited.open_client("puppet")
    first = ada.put("/api/v1/people/emil/roles/examiner", json={"until": str(SOON), **WHY}).json()["number"]
    second = strings.put("/api/v1/people/emil/roles/supervisor", json={"until": str(SOON), **WHY}).json()["number"]
    for client, number in ((strings, first), (ada, second)):
        answer = client.post(f"/api/v1/proposals/{number}/confirm")
        assert (answer.status_code, answer.json()["error"]["rule"]) == (403, "proposal.not-independent")
    assert visited.open_client("axel").post(f"/api/v1/proposals/{first}/confirm").status_code == 200


def test_whoever_strikes_a_hand_out_of_the_database_has_no_second_person(
    visited: Visited,  # noqa: F811
    ada: TestClient,
) -> None:
    agree(visited.node, AddPerson("puppet", "FR", must_change=False))
    agree(visited.node, GiveRole("puppet", Role.ADMINISTRATOR, SOON))
    with visited.node.store.writing() as tx:
        puppet, axel, maker = (people.find_person_named(tx, name) for name in ("puppet", "axel", "ada"))
        assert puppet is not None
        assert axel is not None
        assert maker is not None
        # axel alone made the puppet, and she made axel
        proposals.add_hands(tx, puppet.id, (axel.id,))
        proposals.add_hands(tx, axel.id, (maker.id,))
    strings = visited.open_client("puppet")
    number = ada.put("/api/v1/people/emil/roles/examiner", json={"until": str(SOON), **WHY}).json()["number"]
    with visited.node.store.writing() as tx:
        tx.connection.execute(sa.delete(account_hand).where(account_hand.c.person_id == axel.id))
    answer = strings.post(f"/api/v1/proposals/{number}/confirm")
    assert answer.json()["error"]["id"] == "power.changed-by-hand"
    with visited.node.store.reading() as tx:
        assert [waiting.number for waiting in proposals.list_waiting(tx, now=visited.node.clock())] == [number]


def test_she_learns_half_a_password_and_cannot_be_whom_she_added(visited: Visited, ada: TestClient) -> None:  # noqa: F811
    body = {"name": "grace", "authority": "FR", "roles": {"data-protection-officer": str(SOON)}, **WHY}
    proposed = ada.post("/api/v1/people", json=body).json()
    half = proposed["password_half"]
    confirmed = visited.open_client("axel").post(f"/api/v1/proposals/{proposed['number']}/confirm").json()
    seen = [found["password_half"] for found in ada.get("/api/v1/proposals?decided=true").json()["proposals"]]
    assert seen == [None]
    stranger = visited.open_client()
    for guess in (half, f"{half}-{half}", PASSWORD):
        assert stranger.post("/sign-in", data={"name": "grace", "password": guess}).status_code == 403
    whole = f"{half}-{confirmed['password_half']}"
    assert stranger.post("/sign-in", data={"name": "grace", "password": whole}).status_code == 303


def test_every_try_of_hers_is_in_the_ledger(visited: Visited, ada: TestClient) -> None:  # noqa: F811
    number = ada.put("/api/v1/people/emil/roles/examiner", json={"until": str(SOON), **WHY}).json()["number"]
    ada.post(f"/api/v1/proposals/{number}/confirm")
    ada.put("/api/v1/people/ada/roles/examiner", json={"until": str(SOON), **WHY})
    entries = visited.open_client("dora").get("/api/v1/ledger?by=ada").json()["entries"]
    told = [(entry["verb"], entry["action"], entry["rule"]) for entry in entries]
    assert told == [
        ("refusal", "person.manage", "roles.apart"),
        ("refusal", "person.manage", "proposal.same-person"),
        ("collection", "proposal.make", "actions.person.manage"),
    ]
    assert re.search("kept|keeps", entries[0]["reason"])
