"""Signing in, the own account, and people, as pages."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
import pytest
from fastapi import FastAPI
from oidc_provider_mock import User, run_server_in_thread
from starlette.testclient import TestClient
from tests.accounts import PASSWORD, agree
from tests.accounts_site import ADDRESS, COOKIE, Visited, visited  # noqa: F401 - fixtures are found by their names here
from tests.cast import ADA, ADMINISTRATORS, CAST

from semblance.people.account_rules import AccountRules
from semblance.server.site import make_site
from semblance.web.app import make_pages
from semblance.web.page.next_address import read_onward
from semblance.web.page.site import Site
from semblance.workflows.accounts.joint_acts import LinkPerson, ResetPerson
from semblance.workflows.accounts.people import list_people

SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
WHY = "The personnel office asked for it"


def sign_in(client: TestClient, name: str = "alice", password: str = PASSWORD, **more: str) -> httpx2.Response:
    found: httpx2.Response = client.post("/sign-in", data={"name": name, "password": password, **more})
    return found


def list_routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield method.upper(), re.sub(r"\{[^}]*\}", "x", path)


def test_no_page_shows_anything_to_a_stranger(visited: Visited) -> None:  # noqa: F811
    stranger = visited.open_client()
    open_to_all = {"/language", "/sign-in", "/sign-out", "/sign-in/provider", "/sign-in/back"}
    asked = 0
    for method, path in list_routes(make_pages(Site(visited.node, 40))):
        if path in open_to_all or path.startswith("/static"):
            continue
        answer = stranger.request(method, path)
        assert answer.status_code == 303, (method, path, answer.status_code)
        assert answer.headers["location"].startswith("/sign-in"), (method, path)
        asked += 1
    assert asked > 20


def test_the_session_s_cookie_is_out_of_reach_of_scripts_and_other_sites(visited: Visited) -> None:  # noqa: F811
    answer = sign_in(visited.open_client(), next="/policy?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/policy?x=1")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    over_tls = TestClient(visited.app, base_url="https://localhost", follow_redirects=False)
    assert "Secure" in sign_in(over_tls).headers["set-cookie"]


@pytest.mark.parametrize(
    ("asked", "onward"),
    [
        ("/cases/1?x=%C3%A9", "/cases/1?x=%C3%A9"),
        ("", "/"),
        ("https://evil.invalid/", "/"),
        ("//evil.invalid/", "/"),
        ("/\\evil.invalid/", "/"),
        ("\\\\evil.invalid", "/"),
        ("/\t/evil.invalid", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/sign-out", "/"),
        ("/é", "/"),
        ("/" + "x" * 3000, "/"),
    ],
)
def test_signing_in_leads_to_pages_of_this_node_only(asked: str, onward: str) -> None:
    assert read_onward(asked) == onward


def test_a_stranger_comes_back_to_the_page_that_was_asked_for(visited: Visited) -> None:  # noqa: F811
    stranger = visited.open_client()
    sent = stranger.get("/account", params={"x": "1 2"})
    assert sent.status_code == 303
    page = stranger.get(sent.headers["location"])
    assert page.status_code == 200
    assert 'name="next" value="/account?x=1+2"' in page.text
    assert stranger.post("/account/password").headers["location"] == "/sign-in"


def test_a_wrong_sign_in_says_the_same_and_keeps_the_name(visited: Visited) -> None:  # noqa: F811
    client = visited.open_client()
    pages = [sign_in(client, name, "wrong password!") for name in ("alice", "nobody-here")]
    assert {page.status_code for page in pages} == {403}
    texts = [re.sub("alice|nobody-here", "", page.text) for page in pages]
    assert texts[0] == texts[1]
    assert "is not right" in texts[0]
    assert "set-cookie" not in pages[0].headers
    odd = sign_in(client, '<script>"', "x")
    assert "&lt;script&gt;" in odd.text


def test_signing_out_ends_the_session_on_the_node_too(visited: Visited) -> None:  # noqa: F811
    client = visited.open_client("alice")
    secret = client.cookies[COOKIE]
    assert client.get("/account").status_code == 200
    assert client.get("/sign-in").status_code == 303
    assert client.post("/sign-out").status_code == 303
    again = visited.open_client()
    again.cookies.set(COOKIE, secret, domain="127.0.0.1", path="/")
    assert again.get("/account").status_code == 303


def test_a_newcomer_sets_up_password_and_second_factor_before_anything_else(visited: Visited) -> None:  # noqa: F811
    visited.node = replace(visited.node, accounts=AccountRules())
    visited.app = make_site(visited.node, visited.settings)
    first = agree(visited.node, ResetPerson("alice"))
    client = visited.open_client()
    assert sign_in(client, password=first).headers["location"] == "/account/set-up"
    for path in ("/", "/account", "/policy", "/people"):
        assert client.get(path).headers["location"] == "/account/set-up", path
    assert client.get("/api/v1/me").status_code == 401
    assert "chosen by somebody else" in client.get("/account/set-up").text
    form = {"old": first, "new": "my own long words", "again": "my own long word"}
    assert "the same twice" in client.post("/account/set-up", data=form).text
    assert "at least 12" in client.post("/account/set-up", data={**form, "new": "short", "again": "short"}).text
    changed = client.post("/account/set-up", data={**form, "again": form["new"]})
    assert changed.status_code == 303
    assert client.get("/account/set-up").headers["location"] == "/account/second-factor"
    assert client.get("/").status_code == 303
    page = client.get("/account/second-factor")
    assert "<svg" in page.text
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert key is not None
    totp = pyotp.TOTP(key[1].replace(" ", ""))
    wrong = f"{(int(totp.now()) + 1) % 1_000_000:06}"
    refused = client.post("/account/second-factor", data={"code": wrong})
    assert refused.status_code == 403
    assert key[1] in refused.text
    done = client.post("/account/second-factor", data={"code": totp.now()})
    assert len(re.findall(r"<li><code>\w{5}-\w{5}</code>", done.text)) == 10
    assert client.get("/policy").status_code == 200


def test_a_password_is_changed_and_other_sessions_end(visited: Visited) -> None:  # noqa: F811
    here, there = visited.open_client("alice"), visited.open_client("alice")
    form = {"old": PASSWORD, "new": "my own long words", "again": "my own long words"}
    wrong = here.post("/account/password", data={**form, "old": "wrong password!"})
    assert wrong.status_code == 403
    assert "not right" in wrong.text
    assert here.post("/account/password", data=form).status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 303
    assert sign_in(visited.open_client(), password="my own long words").status_code == 303


def test_a_token_is_made_shown_once_used_and_revoked(visited: Visited) -> None:  # noqa: F811
    client = visited.open_client("dora")
    form = {"label": "nightly <import>", "until": SOON, "scope": ["person.read"]}
    page = client.post("/account/tokens", data=form)
    secret = re.search(r"<code>(semblance_[\w-]+)</code>", page.text)
    assert secret is not None
    listed = client.get("/account").text
    assert secret[1] not in listed
    assert "nightly &lt;import&gt;" in listed
    program = {"authorization": f"Bearer {secret[1]}"}
    stranger = visited.open_client()
    assert stranger.get("/api/v1/people", headers=program).status_code == 200
    assert stranger.get("/api/v1/policy", headers=program).json()["error"]["code"] == "policy.refused"
    # a token opens no account
    assert stranger.get("/account/second-factor", headers=program).status_code == 403
    token = re.search(r"/account/tokens/(\w+)/revoke", listed)
    assert token is not None
    assert visited.open_client("alice").post(f"/account/tokens/{token[1]}/revoke").status_code == 403
    assert client.post(f"/account/tokens/{token[1]}/revoke").status_code == 303
    assert stranger.get("/api/v1/people", headers=program).status_code == 401
    faulty: list[dict[str, Any]] = [
        {"until": "2001-01-01"},
        {"until": "soon"},
        {"label": " "},
        {"scope": []},
        {"scope": ["x"]},
    ]
    for wrong in faulty:
        assert client.post("/account/tokens", data={**form, **wrong}).status_code == 422, wrong


def test_people_are_shown_to_those_who_may_know_and_changed_by_administrators(visited: Visited) -> None:  # noqa: F811
    for actor in CAST:
        client = visited.open_client(actor.name)
        may_look = actor.name in {"ada", "axel", "carol", "dora"}
        assert client.get("/people").status_code == (200 if may_look else 403), actor.name
        assert client.get("/people/bob").status_code == (200 if may_look else 403), actor.name
        changed = client.post("/people/bob/unlock", data={"reason": WHY})
        manages = actor in ADMINISTRATORS
        assert changed.status_code == (200 if manages else 403), actor.name
        assert ("Add somebody" in client.get("/people").text) is manages
        assert client.get("/proposals").status_code == (200 if may_look else 403), actor.name


def read_person(site: Visited, name: str) -> Any:
    page = list_people(site.node, ADA)
    return next(shown.person for shown in page.people if shown.person.name == name)


def confirm_all(site: Visited) -> list[str]:
    """Confirm as Axel what waits, and return the pages that say so."""
    axel = site.open_client("axel")
    numbers = re.findall(r'action="/proposals/(\d+)/confirm"', axel.get("/proposals").text)
    return [axel.post(f"/proposals/{number}/confirm").text for number in numbers]


def find_half(page: str) -> str:
    found = re.search(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){2})</code>", page)
    assert found is not None, page
    return found[1]


def test_two_administrators_add_somebody_and_change_their_account(visited: Visited) -> None:  # noqa: F811
    ada = visited.open_client("ada")
    form = {"name": "grace", "authority": "FR", "role": "examiner", "until": SOON, "trained": "2026-01-05"}
    assert ada.post("/people", data=form).status_code == 403
    form["reason"] = WHY
    page = ada.post("/people", data=form)
    assert "waits for a second person" in page.text
    assert 'action="/proposals/1/confirm"' not in ada.get("/proposals").text
    assert ada.post("/proposals/1/confirm").status_code == 403
    (done,) = confirm_all(visited)
    password = f"{find_half(page.text)}-{find_half(done)}"
    assert sign_in(visited.open_client(), "grace", password).headers["location"] == "/account/set-up"
    assert ada.post("/people", data=form).status_code == 409
    assert ada.post("/people", data={**form, "name": "Bad Name"}).status_code == 422
    assert ada.post("/people", data={**form, "name": "zoe", "authority": "ES"}).status_code == 404
    assert ada.post("/people", data={**form, "name": "zoe", "role": "king"}).status_code == 422
    for path, fields in [
        ("grant", {"role": "supervisor", "until": SOON}),
        ("revoke", {"role": "examiner"}),
        ("training", {"on": "2026-02-01"}),
        ("disable", {}),
        ("enable", {}),
        ("unlock", {}),
    ]:
        assert ada.post(f"/people/grace/{path}", data={**fields, "reason": " "}).status_code == 403, path
        assert ada.post(f"/people/grace/{path}", data={**fields, "reason": WHY}).status_code == 200, path
    assert len(confirm_all(visited)) == 3
    grace = read_person(visited, "grace")
    assert [grant.role.value for grant in grace.grants] == ["supervisor"]
    assert (str(grace.trained_on), grace.disabled_at) == ("2026-02-01", None)
    assert ada.post("/people/grace/grant", data={"role": "supervisor", "until": "x", "reason": WHY}).status_code == 422
    joined = ada.post("/people/grace/grant", data={"role": "administrator", "until": SOON, "reason": WHY})
    assert (joined.status_code, "keeps apart" in joined.text) == (403, True)
    assert find_half(ada.post("/people/grace/reset", data={"reason": WHY}).text)
    withdrawn = ada.post("/proposals/5/decline", data={"reason": "She found her phone"})
    assert "Declined" in withdrawn.text
    assert confirm_all(visited) == []
    assert ada.get("/people/zoe").status_code == 404
    assert ada.post("/people/zoe/disable", data={"reason": WHY}).status_code == 404
    assert ada.post("/proposals/99/confirm").status_code == 404


def test_authorities_are_registered_admitted_and_excluded(visited: Visited) -> None:  # noqa: F811
    ada, emil = visited.open_client("ada"), visited.open_client("emil")
    assert emil.get("/policy").status_code == 200
    assert ada.post("/authorities/DE/exclude", data={"reason": WHY}).status_code == 303
    refused = emil.get("/policy")
    assert refused.status_code == 403
    assert "not admitted" in refused.text
    assert "waits for a second person" in ada.post("/authorities/DE/admit", data={"reason": WHY}).text
    assert emil.get("/policy").status_code == 403
    confirm_all(visited)
    assert emil.get("/policy").status_code == 200
    hook = "https://it.example/semblance"
    assert ada.post("/authorities", data={"code": "IT", "name": "Polizia", "webhook": hook}).status_code == 303
    assert hook in ada.get("/people").text
    inside = {"code": "PT", "name": "Polícia", "webhook": "https://169.254.169.254/"}
    assert ada.post("/authorities", data=inside).status_code == 422
    assert "Polizia" in ada.get("/people").text
    for wrong in (
        {"code": "IT", "name": "Polizia"},
        {"code": "it", "name": "x"},
        {"code": "ES", "name": "x", "key": "k"},
    ):
        assert ada.post("/authorities", data=wrong).status_code in {409, 422}, wrong
    for act in ("admit", "exclude"):
        assert ada.post(f"/authorities/ES/{act}", data={"reason": WHY}).status_code == 404


def test_a_session_that_ends_in_the_middle_leads_to_the_sign_in_page(visited: Visited) -> None:  # noqa: F811
    bob, ada = visited.open_client("bob"), visited.open_client("ada")
    assert bob.get("/account").status_code == 200
    assert ada.post("/people/bob/disable", data={"reason": WHY}).status_code == 200
    assert bob.get("/account").headers["location"].startswith("/sign-in")
    assert bob.get("/api/v1/me").json()["error"]["code"] == "policy.not-signed-in"


def test_signing_in_at_the_provider(visited: Visited, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("SEMBLANCE_OIDC_SECRET", "a client's secret")
    assert visited.open_client().get("/sign-in/provider").status_code == 404
    with warnings.catch_warnings(), run_server_in_thread(user_claims=[User(sub="a-17", claims={})]) as server:
        warnings.simplefilter("ignore")
        issuer = f"http://localhost:{server.server_port}"
        oidc = visited.settings.node.oidc.model_copy(update={"issuer": issuer, "client_id": "semblance"})
        settings = replace(visited.settings, node=visited.settings.node.model_copy(update={"oidc": oidc}))
        visited.app = make_site(visited.node, settings)
        client = visited.open_client()
        assert "/sign-in/provider?next=%2Fpolicy" in client.get("/sign-in?next=/policy").text
        begun = client.get("/sign-in/provider?next=/policy")
        assert "SameSite=lax" in begun.headers["set-cookie"]
        with httpx2.Client(trust_env=False) as browser:
            back = browser.post(begun.headers["location"], data={"sub": "a-17"}).headers["location"]
        assert back.startswith(f"{ADDRESS}/sign-in/back?")
        answer = parse_qs(urlsplit(back).query)
        unlinked = client.get(back.removeprefix(ADDRESS))
        assert unlinked.status_code == 403
        assert "linked with nobody" in unlinked.text
        agree(visited.node, LinkPerson("alice", issuer, "a-17"))
        replayed = client.get("/sign-in/back", params={name: values[0] for name, values in answer.items()})
        assert replayed.status_code == 422
        begun = client.get("/sign-in/provider?next=/policy")
        with httpx2.Client(trust_env=False) as browser:
            back = browser.post(begun.headers["location"], data={"sub": "a-17"}).headers["location"]
        # another browser cannot use what was begun in this one
        assert visited.open_client().get(back.removeprefix(ADDRESS)).status_code == 422
        welcome = client.get(back.removeprefix(ADDRESS))
        assert welcome.status_code == 200
        assert 'content="0; url=/policy"' in welcome.text
        assert client.get("/policy").status_code == 200
        assert "alice" in client.get("/account").text
