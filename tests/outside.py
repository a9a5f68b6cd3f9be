"""The other side of notices, on this machine only: an SMTP server, a webhook's receiver, a certificate."""

import base64
import contextlib
import datetime
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "node", "four blue lamps"


@dataclass
class Certificate:
    """A certificate of localhost and 127.0.0.1 that signs itself; ``path`` holds it with its key."""

    path: Path

    def make_context(self) -> ssl.SSLContext:
        """Return what a server encrypts with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


def make_certificate(folder: Path) -> Certificate:
    """Make one; tests trust it through SSL_CERT_FILE."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return Certificate(path)


@dataclass
class Outside:
    """How a server behaves, and every byte that it was sent; ``port`` is where it listens.

    ``answers`` are the codes of the next mails (SMTP) or calls (HTTP), then all is well. ``hangs`` accepts and says
    nothing more. ``goodbye`` is the code that ends a talk, 0 for none. ``drip`` sends the answer one byte at a time.
    """

    port: int = 0
    certificate: Certificate | None = None
    starttls: bool = True
    implicit: bool = False
    answers: list[int] = field(default_factory=list)
    refused_recipient: int | None = None
    location: str | None = None
    hangs: bool = False
    drip: bool = False
    goodbye: int = 221
    received: bytearray = field(default_factory=bytearray)
    plain: bytearray = field(default_factory=bytearray)
    messages: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def next_code(self, well: int) -> int:
        """Return the code of the answer in hand."""
        return self.answers.pop(0) if self.answers else well


class _Smtp(socketserver.StreamRequestHandler):
    outside: Outside
    timeout = 10
    encrypted = False

    def handle(self) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            self.talk()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode("ascii") + b"\r\n")
        self.wfile.flush()

    def read(self) -> bytes:
        line = self.rfile.readline(65536)
        self.outside.received += line
        if not self.encrypted:
            self.outside.plain += line
        return line

    def encrypt(self) -> None:
        assert self.outside.certificate is not None
        self.request = self.outside.certificate.make_context().wrap_socket(self.request, server_side=True)
        self.encrypted = True
        self.setup()

    def talk(self) -> None:
        outside = self.outside
        outside.connections += 1
        if outside.implicit:
            self.encrypt()
        if outside.hangs:
            outside.stopped.wait(10)
            return
        self.say("220 localhost")
        while line := self.read():
            word = line.strip().upper()
            if word.startswith(b"EHLO"):
                offered = ["localhost"]
                if outside.starttls and not self.encrypted:
                    offered.append("STARTTLS")
                if self.encrypted or not outside.starttls:
                    offered.append("AUTH PLAIN")
                for text in offered[:-1]:
                    self.say(f"250-{text}")
                self.say(f"250 {offered[-1]}")
            elif word == b"STARTTLS":
                self.say("220 go on")
                self.encrypt()
            elif word.startswith(b"AUTH PLAIN"):
                given = base64.b64decode(line.split()[2])
                right = given == f"\0{USER}\0{PASSWORD}".encode()
                self.say("235 well" if right else "535 not that")
            elif word.startswith(b"RCPT"):
                if outside.refused_recipient is not None:
                    self.say(f"{outside.refused_recipient} desk@de.invalid is not known")
                else:
                    outside.recipients.append(line.decode().strip())
                    self.say("250 well")
            elif word == b"DATA":
                self.take_message()
            elif word == b"QUIT":
                if outside.goodbye:
                    self.say(f"{outside.goodbye} said")
                else:
                    outside.stopped.wait(10)
                return
            else:
                self.say("250 well")

    def take_message(self) -> None:
        self.say("354 go on")
        message = b""
        while (line := self.read()) not in (b".\r\n", b""):
            message += line
        code = self.outside.next_code(250)
        if code == 250:
            self.outside.messages.append(message)
        self.say(f"{code} said")


class _Hook(socketserver.StreamRequestHandler):
    outside: Outside
    timeout = 10

    def handle(self) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            self.talk()

    def talk(self) -> None:
        outside = self.outside
        outside.connections += 1
        if outside.certificate is not None:
            self.request = outside.certificate.make_context().wrap_socket(self.request, server_side=True)
            self.setup()
        first = self.rfile.readline(65536)
        outside.received += first
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(65536)) not in (b"\r\n", b""):
            outside.received += line
            name, _, value = line.decode("ascii").partition(":")
            headers[name.strip()] = value.strip()
        body = self.rfile.read(int(headers.get("Content-Length", "0")))
        outside.received += body
        outside.calls.append((first.decode("ascii").split()[1], headers, body))
        if outside.hangs:
            outside.stopped.wait(10)
            return
        code = outside.next_code(204)
        location = f"Location: {outside.location}\r\n" if outside.location else ""
        answer = f"HTTP/1.1 {code} said\r\n{location}Content-Length: 0\r\n\r\n".encode("ascii")
        for one in [answer[i : i + 1] for i in range(len(answer))] if outside.drip else [answer]:
            self.wfile.write(one)
            self.wfile.flush()
            if outside.drip and outside.stopped.wait(0.1):
                return


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def _run(kind: type[socketserver.StreamRequestHandler], outside: Outside) -> Iterator[Outside]:
    handler = type("Handler", (kind,), {"outside": outside})
    with _Server(("127.0.0.1", 0), handler) as server:
        outside.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield outside
        finally:
            outside.stopped.set()
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def run_smtp(outside: Outside | None = None) -> Iterator[Outside]:
    """Run an SMTP server for the length of a ``with`` block."""
    with _run(_Smtp, outside or Outside(starttls=False)) as running:
        yield running


@contextlib.contextmanager
def run_hook(outside: Outside | None = None) -> Iterator[Outside]:
    """Run a webhook's receiver for the length of a ``with`` block: HTTPS where it has a certificate."""
    with _run(_Hook, outside or Outside()) as running:
        yield running


def find_closed_port() -> int:
    """Return a port at which nobody listens."""
    with _Server(("127.0.0.1", 0), _Hook) as server:
        port: int = server.server_address[1]
    return port
