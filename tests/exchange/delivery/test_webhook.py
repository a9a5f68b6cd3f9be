"""Webhooks against a real receiver on this machine: signed, never followed, never led astray, never held up."""

import dataclasses
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.outside import Certificate, Outside, find_closed_port, make_certificate, run_hook

from semblance.errors import IntakeError
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook import WebhookCaller, call_webhook, parse_webhook, resolve_webhook

CALLER = WebhookCaller(b"s" * 64, timeout=5.0)
KEY = CALLER.derive_key("DE")
DOCUMENT = {"id": "n1", "kind": "lead-waits"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def call(url: str, caller: WebhookCaller = CALLER, *, ago: int = 0) -> Undelivered | None:
    now = int(time.time()) - ago
    return call_webhook(caller, parse_webhook(url), DOCUMENT, authority="DE", notice="n1", now=now)


def explain(outcome: Undelivered | None) -> str:
    assert outcome is not None
    return str(outcome.reason)


def test_a_call_arrives_signed() -> None:
    with run_hook() as outside:
        assert call(f"http://127.0.0.1:{outside.port}/semblance?from=fr") is None
    ((target, headers, body),) = outside.calls
    assert target == "/semblance?from=fr"
    assert headers["webhook-id"] == "n1"
    assert Webhook(KEY).verify(body, headers) == DOCUMENT


def test_a_changed_byte_id_time_or_key_fails() -> None:
    with run_hook() as outside:
        assert call(f"http://localhost:{outside.port}/") is None
    ((_, headers, body),) = outside.calls
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(WebhookVerificationError):
            Webhook(KEY).verify(changed, headers)
    wrong: list[dict[str, str]] = [
        {**headers, "webhook-id": "n2"},
        {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)},
        {**headers, "webhook-timestamp": "soon"},
        {},
    ]
    for changed_headers in wrong:
        with pytest.raises(WebhookVerificationError):
            Webhook(KEY).verify(body, changed_headers)
    # the key of another authority's webhook
    with pytest.raises(WebhookVerificationError):
        Webhook(CALLER.derive_key("FR")).verify(body, headers)


def test_a_call_that_was_kept_back_is_told_by_its_time() -> None:
    with run_hook() as outside:
        assert call(f"http://127.0.0.1:{outside.port}/", ago=400) is None
    ((_, headers, body),) = outside.calls
    with pytest.raises(WebhookVerificationError, match="old"):
        Webhook(KEY).verify(body, headers)


def test_a_receiver_that_follows_the_documentation_can_tell() -> None:
    page = (Path(__file__).parents[3] / "docs" / "notifications.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(code, names)
    with run_hook() as outside:
        assert call(f"http://127.0.0.1:{outside.port}/") is None
    ((_, headers, body),) = outside.calls
    assert names["read_call"](KEY, headers, body) == DOCUMENT
    with pytest.raises(WebhookVerificationError):
        names["read_call"](KEY, headers, body.replace(b"n1", b"n2"))


def test_an_encrypted_call_arrives_where_the_certificate_is_vouched_for(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_hook(Outside(certificate=certificate)) as outside:
        url = f"https://localhost:{outside.port}/"
        assert "certificate" in explain(call(url))
        assert outside.calls == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
        assert call(url) is None
    assert len(outside.calls) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(code: int) -> None:
    with (
        run_hook() as elsewhere,
        run_hook(Outside(answers=[code], location=f"http://127.0.0.1:{elsewhere.port}/")) as it,
    ):
        assert "elsewhere" in explain(call(f"http://127.0.0.1:{it.port}/"))
    assert len(it.calls) == 1
    assert elsewhere.connections == 0


@pytest.mark.parametrize("code", [400, 404, 410, 500, 503])
def test_any_other_answer_is_a_failure(code: int) -> None:
    with run_hook(Outside(answers=[code])) as outside:
        failed = call(f"http://127.0.0.1:{outside.port}/")
    assert str(code) in explain(failed)
    assert failed is not None
    assert not failed.unreachable


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("manner", ["hangs", "drip"])
def test_who_answers_slowly_is_cut_off(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, manner: str, encrypted: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    behaviour = Outside(certificate=certificate if encrypted else None, hangs=manner == "hangs", drip=manner == "drip")
    with run_hook(behaviour) as outside:
        url = f"{'https' if encrypted else 'http'}://localhost:{outside.port}/"
        failed = call(url, dataclasses.replace(CALLER, timeout=0.4))
        assert len(outside.calls) == 1
    assert "in time" in explain(failed)


def test_nobody_there() -> None:
    failed = call(f"http://127.0.0.1:{find_closed_port()}/")
    assert failed is not None
    assert failed.unreachable


@pytest.mark.parametrize(
    "url",
    [
        "http://host.example/",
        "ftp://host.example/",
        "file:///etc/passwd",
        "https://",
        "https://user:word@host.example/",
        "https://host.example/#part",
        "https://host.example/a b",
        "https://host.example/\r\nX: y",
        "https://host.example:99999/",
        "https://[::1",
        "https://hôte.example/",
        f"https://host.example/{'a' * 400}",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[fd00:ec2::254]/",
        "https://100.100.100.200/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "host.example",
        "",
    ],
)
def test_an_address_that_may_not_be_called(url: str) -> None:
    with pytest.raises(IntakeError):
        parse_webhook(url)


@pytest.mark.parametrize(
    "url", ["https://host.example", "https://10.1.2.3:8443/x", "http://[::1]:8/", "https://localhost/"]
)
def test_an_address_that_may(url: str) -> None:
    assert parse_webhook(url).target.startswith("/")


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["169.254.169.254"], ["::1"], ["203.0.113.5", "127.0.0.1"], ["fe80::1%eth0"], ["::ffff:127.0.0.1"]],
)
def test_a_name_that_leads_inside_is_not_called(found: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outcome = resolve_webhook(parse_webhook("https://host.example/"))
    assert isinstance(outcome, Undelivered)
    assert not outcome.unreachable


def test_localhost_that_leads_elsewhere_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.5", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    assert isinstance(resolve_webhook(parse_webhook("http://localhost/")), Undelivered)


def test_the_secret_is_not_shown() -> None:
    assert "sss" not in repr(CALLER)
