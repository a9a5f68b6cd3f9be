"""Signing in at a real OpenID Connect provider on this machine, and every way in which its word is not taken."""

import base64
import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from oidc_provider_mock import User, run_server_in_thread
from tests.accounts import add_cast, agree
from tests.cast import ADA

from semblance.audit.entry import read_entry
from semblance.edge.oidc import Provider, begin_sign_in, make_provider, read_id_token, verify_answer
from semblance.errors import ConfigurationError, PeerError, RefusedByPolicy, VerificationError
from semblance.node.node import Node
from semblance.store import ledger
from semblance.workflows.accounts.joint_acts import LinkPerson
from semblance.workflows.accounts.people import disable_person
from semblance.workflows.accounts.sign_in import find_actor, sign_in_linked

BACK = "http://127.0.0.1:8710/sign-in/back"
WHY = "The personnel office asked for it"
NONCE = "n-0S6_WzA2Mj"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_server_in_thread(user_claims=[User(sub="a-17", claims={}), User(sub="stranger", claims={})]) as running:
        yield f"http://localhost:{running.server_port}"


@pytest.fixture
def provider(server: str) -> Provider:
    found = make_provider(server, "semblance", "a client's secret", "Bureau")
    assert found is not None
    return found


@pytest.fixture
def node(make_node: Callable[..., Node]) -> Node:
    made = make_node()
    add_cast(made)
    return made


def go_there(address: str, user: str = "a-17", **form: str) -> dict[str, str]:
    """Do what a browser and somebody in front of it would: log in at the provider, and come back with its answer."""
    with httpx2.Client(trust_env=False) as browser:
        answer = browser.post(address, data={"sub": user, **form})
    assert answer.status_code in {302, 303}, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def read_rules(node: Node) -> list[tuple[str, str]]:
    with node.store.reading() as tx:
        entries = [read_entry(data) for _, data in ledger.iterate_entries(tx)]
    return [(entry["person"], entry["rule"]) for entry in entries if entry["verb"] == "refusal"]


def test_a_linked_account_signs_in_with_the_roles_that_it_has_here(node: Node, provider: Provider) -> None:
    agree(node, LinkPerson("alice", provider.issuer, "a-17"))
    address, state = begin_sign_in(provider, node, back=BACK, onward="/cases")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["state"] == state
    assert asked["nonce"] != state
    subject, onward = verify_answer(provider, node, go_there(address), state=state, back=BACK)
    opened = sign_in_linked(node, issuer=provider.issuer, subject=subject)
    # the provider has asked for its own second factor, or not: the site's choice
    assert opened.duty is None
    assert (find_actor(node, opened.secret).name, onward) == ("alice", "/cases")


def test_nobody_is_made_by_signing_in(node: Node, provider: Provider) -> None:
    address, state = begin_sign_in(provider, node, back=BACK, onward="/")
    subject, _ = verify_answer(provider, node, go_there(address, "stranger"), state=state, back=BACK)
    with pytest.raises(RefusedByPolicy, match="linked with nobody"):
        sign_in_linked(node, issuer=provider.issuer, subject=subject)
    assert read_rules(node) == [("unknown", "sign-in.link")]


def test_a_disabled_person_is_not_let_in_by_the_provider(node: Node, provider: Provider) -> None:
    agree(node, LinkPerson("alice", provider.issuer, "a-17"))
    disable_person(node, ADA, "alice", reason=WHY)
    address, state = begin_sign_in(provider, node, back=BACK, onward="/")
    subject, _ = verify_answer(provider, node, go_there(address), state=state, back=BACK)
    with pytest.raises(RefusedByPolicy, match="disabled or locked"):
        sign_in_linked(node, issuer=provider.issuer, subject=subject)
    assert read_rules(node) == [("alice", "sign-in.locked")]


def test_a_state_is_taken_once_in_its_own_browser_and_in_time(node: Node, provider: Provider, clock: Any) -> None:
    agree(node, LinkPerson("alice", provider.issuer, "a-17"))
    address, state = begin_sign_in(provider, node, back=BACK, onward="/")
    answer = go_there(address)
    for theirs, brought in [(state, {**answer, "state": "forged"}), ("another", answer), ("", answer), ("", {})]:
        with pytest.raises(VerificationError, match="this browser"):
            verify_answer(provider, node, brought, state=theirs, back=BACK)
    verify_answer(provider, node, answer, state=state, back=BACK)
    with pytest.raises(VerificationError, match="used already"):
        verify_answer(provider, node, answer, state=state, back=BACK)
    with pytest.raises(VerificationError, match="not begun here"):
        verify_answer(provider, node, {**answer, "state": "forged"}, state="forged", back=BACK)
    address, state = begin_sign_in(provider, node, back=BACK, onward="/")
    answer = go_there(address)
    clock.now += timedelta(minutes=11)
    with pytest.raises(VerificationError, match="too long"):
        verify_answer(provider, node, answer, state=state, back=BACK)
    assert {rule for _, rule in read_rules(node)} == {"sign-in.provider"}


def test_a_refusal_and_a_wrong_code_let_nobody_in(node: Node, provider: Provider) -> None:
    address, state = begin_sign_in(provider, node, back=BACK, onward="/")
    # this provider leaves the state out of its refusals
    denied = {**go_there(address, action="deny"), "state": state}
    with pytest.raises(VerificationError, match="access_denied"):
        verify_answer(provider, node, denied, state=state, back=BACK)
    address, state = begin_sign_in(provider, node, back=BACK, onward="/")
    answer = go_there(address)
    with pytest.raises(PeerError):
        verify_answer(provider, node, {**answer, "code": "forged"}, state=state, back=BACK)


def test_a_code_of_another_sign_in_does_not_fit(node: Node, provider: Provider) -> None:
    """Somebody puts a code that was made for them into another's sign-in: nonce and verifier do not match."""
    agree(node, LinkPerson("alice", provider.issuer, "a-17"))
    first, _ = begin_sign_in(provider, node, back=BACK, onward="/")
    second, state = begin_sign_in(provider, node, back=BACK, onward="/")
    stolen = go_there(first)["code"]
    with pytest.raises((VerificationError, PeerError)):
        verify_answer(provider, node, {**go_there(second), "code": stolen}, state=state, back=BACK)


def test_a_provider_that_does_not_answer_or_is_another_is_said(node: Node, provider: Provider) -> None:
    with pytest.raises(PeerError, match="does not answer"):
        begin_sign_in(replace(provider, issuer="http://127.0.0.1:9"), node, back=BACK, onward="/")
    with pytest.raises(VerificationError, match="another issuer"):
        begin_sign_in(replace(provider, issuer=f"{provider.issuer}/"), node, back=BACK, onward="/")


@pytest.mark.parametrize("issuer", ["http://id.example.org", "ftp://localhost", "id.example.org", "https://"])
def test_a_provider_is_reached_over_https_only(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        make_provider(issuer, "semblance", None, "Bureau")


def test_half_a_setting_is_none() -> None:
    assert make_provider("", "", None, "Bureau") is None
    with pytest.raises(ConfigurationError, match="client_id"):
        make_provider("https://id.example.org", "", None, "Bureau")


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": "one"})


@pytest.fixture
def keys(key: RSAKey) -> dict[str, Any]:
    return dict(KeySet([key]).as_dict(private=False))


def make_claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": "https://id.invalid",
        "aud": "semblance",
        "sub": "a-17",
        "nonce": NONCE,
        "iat": now,
        "exp": now + 300,
        **changed,
    }
    return {name: value for name, value in claims.items() if value is not None}


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


THERE = Provider("https://id.invalid", "semblance", None, "Bureau")


def test_a_whole_token_verifies(key: RSAKey, keys: dict[str, Any]) -> None:
    token = jwt.encode({"alg": "RS256", "kid": "one"}, make_claims(), key)
    assert read_id_token(token, keys, provider=THERE, nonce=NONCE)["sub"] == "a-17"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.invalid"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": None},
        {"aud": ["semblance", "another"], "azp": "another"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"iat": int(time.time()) + 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 17},
    ],
)
def test_a_token_for_others_of_others_or_of_another_time_is_not_taken(
    key: RSAKey, keys: dict[str, Any], changed: dict[str, Any]
) -> None:
    token = jwt.encode({"alg": "RS256", "kid": "one"}, make_claims(**changed), key)
    with pytest.raises(VerificationError):
        read_id_token(token, keys, provider=THERE, nonce=NONCE)


def test_a_token_that_the_provider_did_not_sign_is_not_taken(key: RSAKey, keys: dict[str, Any]) -> None:
    other = RSAKey.generate_key(2048, parameters={"kid": "one"})
    right = jwt.encode({"alg": "RS256", "kid": "one"}, make_claims(), key)
    head, body, made = right.split(".")
    forged = jwt.encode({"alg": "RS256", "kid": "one"}, make_claims(sub="admin"), other).split(".")[1]
    confused = encode(b'{"alg":"HS256","kid":"one"}') + f".{body}"
    mac = hmac.digest(key.as_pem(private=False), confused.encode(), "sha256")
    tokens = [
        jwt.encode({"alg": "RS256", "kid": "one"}, make_claims(), other),
        # the public key taken for a shared secret
        f"{confused}.{encode(mac)}",
        f"{head}.{forged}.{made}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"eyJhbGciOiJub25lIn0.{body}.",
        "",
        "a.b.c",
        made,
    ]
    for token in tokens:
        with pytest.raises(VerificationError):
            read_id_token(token, keys, provider=THERE, nonce=NONCE)
    faulty: tuple[dict[str, Any], ...] = ({}, {"keys": []}, {"keys": [{"kty": "RSA"}]}, {"keys": "none"})
    for no_keys in faulty:
        with pytest.raises(VerificationError):
            read_id_token(right, no_keys, provider=THERE, nonce=NONCE)


def test_the_clock_of_the_provider_may_differ_by_a_minute(key: RSAKey, keys: dict[str, Any]) -> None:
    late = int(datetime.now().timestamp()) - 30  # noqa: DTZ005 - a Unix time
    token = jwt.encode({"alg": "RS256", "kid": "one"}, make_claims(exp=late), key)
    assert read_id_token(token, keys, provider=THERE, nonce=NONCE)["sub"] == "a-17"
