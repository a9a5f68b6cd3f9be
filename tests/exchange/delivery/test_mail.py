"""E-mail against a real server on this machine: encrypted or not sent, refused, hanging, and nothing smuggled in."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.outside import PASSWORD, USER, Certificate, Outside, find_closed_port, make_certificate, run_smtp

from semblance.exchange.delivery.mail import MailServer, Security, send_mail
from semblance.exchange.delivery.undelivered import Undelivered
from semblance.terms.text import is_mail_address

TO = "desk@de.invalid"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    return certificate


def make_server(
    port: int, security: Security = "none", *, user: str = "", password: str = "", timeout: float = 5.0
) -> MailServer:
    return MailServer("127.0.0.1", port, security, "node@fr.invalid", user, password, timeout)


def make_message(text: str = "A lead waits.\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "A lead waits"
    message.set_content(text)
    return message


def explain(outcome: Undelivered | None) -> str:
    assert outcome is not None
    return str(outcome.reason)


def test_a_message_arrives_on_a_plain_way_to_this_machine() -> None:
    with run_smtp() as outside:
        assert send_mail(make_server(outside.port), make_message(), to=TO) is None
    (message,) = outside.messages
    assert b"\r\nFrom: node@fr.invalid\r\n" in message
    assert b"\r\nTo: desk@de.invalid\r\n" in message
    # the machine's own name is told to nobody
    assert outside.received.startswith(b"ehlo fr.invalid\r\n")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_arrives_encrypted(trusted: Certificate, security: Security) -> None:
    with run_smtp(Outside(certificate=trusted, implicit=security == "tls")) as outside:
        server = make_server(outside.port, security, user=USER, password=PASSWORD)
        assert send_mail(server, make_message(), to=TO) is None
    assert len(outside.messages) == 1
    assert b"AUTH" not in outside.plain
    assert b"MAIL" not in outside.plain.upper()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Certificate, security: Security) -> None:
    with run_smtp(Outside(certificate=certificate, implicit=security == "tls")) as outside:
        failed = send_mail(make_server(outside.port, security), make_message(), to=TO)
    assert "certificate" in explain(failed)
    assert outside.messages == []


def test_nothing_is_sent_where_encryption_is_asked_for_and_not_offered() -> None:
    with run_smtp(Outside(starttls=False)) as outside:
        server = make_server(outside.port, "starttls", user=USER, password=PASSWORD)
        failed = send_mail(server, make_message(), to=TO)
    assert "STARTTLS" in explain(failed)
    assert outside.messages == []
    assert b"MAIL" not in outside.received.upper()
    assert b"AUTH" not in outside.received.upper()


def test_a_wrong_password_is_said_and_not_shown(trusted: Certificate) -> None:
    with run_smtp(Outside(certificate=trusted)) as outside:
        server = make_server(outside.port, "starttls", user=USER, password="five red lamps")
        failed = send_mail(server, make_message(), to=TO)
    assert "mail.password_file" in explain(failed)
    assert failed is not None
    assert failed.unreachable
    assert "lamps" not in f"{failed} {server}"
    assert outside.messages == []


@pytest.mark.parametrize(("code", "unreachable"), [(451, False), (554, False)])
def test_a_message_that_is_not_taken(code: int, unreachable: bool) -> None:
    with run_smtp(Outside(starttls=False, answers=[code])) as outside:
        failed = send_mail(make_server(outside.port), make_message(), to=TO)
    assert str(code) in explain(failed)
    assert failed is not None
    assert failed.unreachable is unreachable


def test_a_refused_recipient_is_explained_without_the_servers_words() -> None:
    with run_smtp(Outside(starttls=False, refused_recipient=550)) as outside:
        failed = send_mail(make_server(outside.port), make_message(), to=TO)
    assert "550" in explain(failed)
    assert "desk" not in explain(failed)


@pytest.mark.parametrize("goodbye", [421, 500, 0])
def test_a_message_that_was_taken_stays_so_whatever_the_goodbye(goodbye: int) -> None:
    with run_smtp(Outside(starttls=False, goodbye=goodbye)) as outside:
        assert send_mail(make_server(outside.port, timeout=0.3), make_message(), to=TO) is None
    assert len(outside.messages) == 1


def test_nobody_there_and_nobody_answering() -> None:
    refused = send_mail(make_server(find_closed_port()), make_message(), to=TO)
    with run_smtp(Outside(hangs=True)) as outside:
        hanging = send_mail(make_server(outside.port, timeout=0.2), make_message(), to=TO)
    assert refused is not None
    assert refused.unreachable
    assert hanging is not None
    assert (hanging.unreachable, "in time" in str(hanging.reason)) == (True, True)


@pytest.mark.parametrize(
    "smuggled",
    [
        "desk@de.invalid\r\nBcc: other@xx.invalid",
        "desk@de.invalid\n",
        "desk@de.invalid, other@xx.invalid",
        "Desk <desk@de.invalid>",
        "desk@de.invalid>\r\nRCPT TO:<other@xx.invalid",
        "desk@dé.invalid",
        "@de.invalid",
        "desk@",
        "a..b@de.invalid",
        "",
    ],
)
def test_nothing_is_smuggled_in_with_an_address(smuggled: str) -> None:
    with run_smtp() as outside:
        assert "contact" in explain(send_mail(make_server(outside.port), make_message(), to=smuggled))
    assert outside.connections == 0


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=30), st.sampled_from('\r\n\t \0<>,;:()[]"\\'))
def test_no_address_holds_what_means_something_in_a_header(text: str, sign: str) -> None:
    half = len(text) // 2
    assert not is_mail_address(f"{text[:half]}{sign}{text[half:]}@de.invalid")
    assert not is_mail_address(f"desk@{text[:half]}{sign}{text[half:]}")


def test_a_plain_address_is_one() -> None:
    assert all(map(is_mail_address, ("desk@example.org", "a.b+c@ncb-berlin.example.org", "x@localhost")))


def test_a_line_that_is_a_full_stop_ends_no_message() -> None:
    with run_smtp() as outside:
        assert send_mail(make_server(outside.port), make_message("one\n.\nRCPT TO:<x@xx.invalid>\n"), to=TO) is None
    assert len(outside.messages) == 1
    assert outside.recipients == ["rcpt TO:<desk@de.invalid>"]
