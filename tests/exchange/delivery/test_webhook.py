"""Webhooks against a real receiver on this machine: signed, never followed, never led astray, never held up."""

import dataclasses
import ipaddress
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.outside import Certificate, Outside, find_closed_port, make_certificate, run_hook

from semblance.bootstrap.config import WebhookSettings
from semblance.errors import IntakeError
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.exchange.delivery.webhook import WebhookCaller, call_webhook, parse_webhook, resolve_webhook

CALLER = WebhookCaller(b"s" * 64, timeout=5.0)
KEY = CALLER.derive_key("DE")
DOCUMENT = {"id": "n1", "kind": "lead-waits"}
INSIDE_4 = (
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "100.100.100.200", "169.254.169.254", "192.0.0.192", "198.18.0.1", "203.0.113.5", "224.0.0.1", "240.0.0.1",
    "255.255.255.255",
)  # fmt: skip
INSIDE_6 = (
    "::1", "::", "::127.0.0.1", "::10.1.2.3", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0:10.1.2.3",
    "64:ff9b::127.0.0.1", "64:ff9b::10.1.2.3", "64:ff9b::169.254.169.254", "64:ff9b:1::10.1.2.3", "64:ff9b:1:a::1",
    "2002:7f00:1::", "2002:a01:203::1", "2002:a9fe:a9fe::", "2001:0:7f00:1::1", "2001:0:808:808::f5fe:fdfc",
    "2001:db8::5efe:10.1.2.3", "2a00::200:5efe:10.1.2.3", "2a00::5efe:127.0.0.1", "fec0::1", "fd00::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "ff02::1", "100::1", "2001:db8::1", "5f00::1", "4000::1",
)  # fmt: skip


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
        *(f"https://[{address}]/" for address in INSIDE_6[1:]),
        *(f"https://{address}/" for address in INSIDE_4[2:]),
        "host.example",
        "",
    ],
)
def test_an_address_that_may_not_be_called(url: str) -> None:
    with pytest.raises(IntakeError):
        parse_webhook(url)


NETWORKS = tuple(map(ipaddress.ip_network, ("10.1.0.0/16", "fd12:3456::/32")))


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "[fd12:3456::1]", "[::ffff:10.1.2.3]", "[64:ff9b::10.1.2.3]", "8.8.8.8", "[64:ff9b::8.8.8.8]"]
)
def test_private_networks_are_called_where_the_settings_name_them(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_webhook(f"https://{host}/", NETWORKS).host == host.strip("[]")
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host.strip("[]"), 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    assert resolve_webhook(parse_webhook("https://host.example/"), NETWORKS) == host.strip("[]")


@pytest.mark.parametrize("host", ["10.2.0.1", "169.254.169.254", "[fd12:3457::1]", "[fd00:ec2::254]"])
def test_a_named_network_opens_no_other(host: str) -> None:
    with pytest.raises(IntakeError):
        parse_webhook(f"https://{host}/", NETWORKS)


@pytest.mark.parametrize(
    "network",
    ["0.0.0.0/0", "127.0.0.0/8", "169.254.0.0/16", "::/0", "::1/128", "fe80::/10", "8.8.8.0/24", "224.0.0.0/4"],
)
def test_what_is_no_private_network_cannot_be_named(network: str) -> None:
    with pytest.raises(ValueError, match="private network"):
        WebhookSettings(networks=(ipaddress.ip_network(network),))


def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may lead elsewhere at the second look-up; there is none."""
    reached, connect, look_up = list[object](), socket.create_connection, socket.getaddrinfo

    def note(at: tuple[str, int], **how: Any) -> socket.socket:
        reached.append(at[0])
        return connect(at, **how)

    with run_hook() as outside:
        entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, outside.port)) for at in ("127.0.0.1", "10.0.0.1")]

        def answer(host: str, *how: Any, **named: Any) -> Any:
            return [entries.pop(0)] if host == "localhost" else look_up(host, *how, **named)

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        monkeypatch.setattr(socket, "create_connection", note)
        assert call(f"http://localhost:{outside.port}/") is None
    assert reached == ["127.0.0.1"]
    assert len(entries) == 1


@pytest.mark.parametrize(
    "url", ["https://host.example", "https://8.8.8.8:8443/x", "http://[::1]:8/", "https://localhost/"]
)
def test_an_address_that_may(url: str) -> None:
    assert parse_webhook(url).target.startswith("/")


@pytest.mark.parametrize(
    "found",
    [
        ["8.8.8.8", "127.0.0.1"],
        ["8.8.8.8", "10.0.0.1"],
        ["fe80::1%eth0"],
        *([address] for address in (*INSIDE_4, *INSIDE_6)),
    ],
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
