"""Downloads against a real server on this machine: cut off, lied to, led astray, and through a proxy."""

import contextlib
import hashlib
import http.server
import random
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from semblance.errors import DigestMismatch, DownloadFailed
from semblance.exchange.download import download_file
from semblance.exchange.transfer import check_address

CONTENT = random.Random(7).randbytes(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
SHORT = httpx2.Timeout(2.0)


@dataclass
class Behaviour:
    """What the server does next, and what it was asked for."""

    content: bytes = CONTENT
    cut_after: int | None = None
    ranges: bool = True
    tag: str | None = '"v1"'
    status: int = 200
    location: str | None = None
    stall: float = 0.0
    state_length: bool = True
    shift_range: int = 0
    encoding: str | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def _make_handler(behaviour: Behaviour) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            # A client that went away in the middle is what some of these tests are about.
            with contextlib.suppress(ConnectionError):
                super().handle()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the test's output clean."""

        def do_CONNECT(self) -> None:
            behaviour.paths.append(self.path)
            self.send_error(502)

        def do_GET(self) -> None:
            behaviour.requests.append({name.lower(): value for name, value in self.headers.items()})
            behaviour.paths.append(self.path)
            if behaviour.location is not None and urlsplit(self.path).path == "/start":
                self.send_response(302)
                self.send_header("Location", behaviour.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if behaviour.status != 200:
                self.send_error(behaviour.status)
                return
            self._send_content()

        def _send_content(self) -> None:
            start = 0
            asked = self.headers.get("Range")
            fits = self.headers.get("If-Range") in (None, behaviour.tag)
            if asked and behaviour.ranges and fits:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(behaviour.content):
                    self.send_response(416)
                    self.send_header("Content-Range", f"bytes */{len(behaviour.content)}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.send_response(206)
                first, last = start + behaviour.shift_range, len(behaviour.content) - 1
                self.send_header("Content-Range", f"bytes {first}-{last}/{len(behaviour.content)}")
            else:
                self.send_response(200)
            body = behaviour.content[start:]
            if behaviour.state_length:
                self.send_header("Content-Length", str(len(body)))
            else:
                self.send_header("Connection", "close")
            if behaviour.tag:
                self.send_header("ETag", behaviour.tag)
            if behaviour.encoding:
                self.send_header("Content-Encoding", behaviour.encoding)
            self.end_headers()
            sent = body if behaviour.cut_after is None else body[: behaviour.cut_after]
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(sent)
                self.wfile.flush()
            if behaviour.stall:
                threading.Event().wait(behaviour.stall)
            if behaviour.cut_after is not None or not behaviour.state_length:
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

    return Handler


@contextlib.contextmanager
def _serve(behaviour: Behaviour) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(behaviour))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


@pytest.fixture
def url(behaviour: Behaviour) -> Iterator[str]:
    with _serve(behaviour) as address:
        yield f"{address}/encoder.onnx"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "pack" / "encoder.onnx"


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _left_beside(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)


def test_fetches_verifies_and_leaves_nothing_beside(url: str, target: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    got = download_file(url, target, sha256=DIGEST, size=len(CONTENT), on_progress=lambda *step: seen.append(step))
    assert got == target
    assert target.read_bytes() == CONTENT
    assert _left_beside(target) == []
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [here for here, _ in seen] == sorted(here for here, _ in seen)


def test_what_is_there_already_is_not_fetched_again(url: str, target: Path, behaviour: Behaviour) -> None:
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    download_file(url, target, sha256=DIGEST.upper())
    assert behaviour.requests == []


def test_a_wrong_file_in_place_is_replaced_only_by_the_right_one(url: str, target: Path, behaviour: Behaviour) -> None:
    target.parent.mkdir()
    target.write_bytes(b"an older version")
    behaviour.content = b"not it either"
    with pytest.raises(DigestMismatch):
        download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == b"an older version"
    behaviour.content = CONTENT
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("tag", ['"v1"', None, 'W/"weak"'])
def test_a_transfer_cut_off_is_kept_and_resumed(url: str, target: Path, behaviour: Behaviour, tag: str | None) -> None:
    behaviour.cut_after, behaviour.tag = 1_500_000, tag
    with pytest.raises(DownloadFailed, match=r"encoder\.onnx.*1500000 bytes.*are kept.*run the same command again"):
        download_file(url, target, sha256=DIGEST, size=len(CONTENT))
    assert not target.exists()
    assert _part(target).read_bytes() == CONTENT[:1_500_000]
    behaviour.cut_after = None
    seen: list[int] = []
    download_file(url, target, sha256=DIGEST, on_progress=lambda here, _: seen.append(here))
    assert target.read_bytes() == CONTENT
    assert seen[0] == 1_500_000
    assert behaviour.requests[-1]["range"] == "bytes=1500000-"
    assert behaviour.requests[-1].get("if-range") == ('"v1"' if tag == '"v1"' else None)
    assert _left_beside(target) == []


def test_a_cut_that_the_server_does_not_admit_is_seen_by_the_size(url: str, target: Path, behaviour: Behaviour) -> None:
    behaviour.cut_after, behaviour.state_length = 1000, False
    with pytest.raises(DownloadFailed, match="broke off before the end"):
        download_file(url, target, sha256=DIGEST, size=len(CONTENT))
    assert _part(target).stat().st_size == 1000


def test_a_file_changed_on_the_server_is_fetched_from_its_beginning(
    url: str, target: Path, behaviour: Behaviour
) -> None:
    behaviour.content, behaviour.cut_after = b"old" * 1000, 900
    with pytest.raises(DownloadFailed):
        download_file(url, target, sha256=DIGEST)
    behaviour.content, behaviour.cut_after, behaviour.tag = CONTENT, None, '"v2"'
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT
    assert len(behaviour.requests) == 2


def test_a_spoilt_part_is_given_up_and_fetched_anew(url: str, target: Path, behaviour: Behaviour) -> None:
    target.parent.mkdir()
    _part(target).write_bytes(b"\0" * 1000)
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT
    assert "range" not in behaviour.requests[-1]


def test_a_part_longer_than_the_file_is_fetched_anew(url: str, target: Path) -> None:
    target.parent.mkdir()
    _part(target).write_bytes(CONTENT + b"more")
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT


def test_a_part_that_is_whole_needs_no_request(url: str, target: Path, behaviour: Behaviour) -> None:
    target.parent.mkdir()
    _part(target).write_bytes(CONTENT)
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT
    assert behaviour.requests == []


def test_a_server_without_ranges_sends_everything_again(url: str, target: Path, behaviour: Behaviour) -> None:
    behaviour.cut_after = 1_000_000
    with pytest.raises(DownloadFailed):
        download_file(url, target, sha256=DIGEST)
    behaviour.cut_after, behaviour.ranges = None, False
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT


def test_an_answer_with_another_range_is_refused(url: str, target: Path, behaviour: Behaviour) -> None:
    target.parent.mkdir()
    _part(target).write_bytes(CONTENT[:1000])
    behaviour.shift_range = 5
    with pytest.raises(DownloadFailed, match="another part of the file"):
        download_file(url, target, sha256=DIGEST)
    behaviour.shift_range = 0
    download_file(url, target, sha256=DIGEST)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("size", [None, len(CONTENT)])
def test_wrong_bytes_are_thrown_away(url: str, target: Path, behaviour: Behaviour, size: int | None) -> None:
    behaviour.content = b"x" + CONTENT[1:]
    with pytest.raises(DigestMismatch, match=DIGEST):
        download_file(url, target, sha256=DIGEST, size=size)
    assert list(target.parent.iterdir()) == []


def test_a_wrong_length_is_refused_before_anything_is_fetched(url: str, target: Path, behaviour: Behaviour) -> None:
    with pytest.raises(DigestMismatch, match="3000000 bytes where 10 are expected"):
        download_file(url, target, sha256=DIGEST, size=10)
    assert list(target.parent.iterdir()) == []


def test_an_endless_answer_is_cut_at_the_expected_size(url: str, target: Path, behaviour: Behaviour) -> None:
    behaviour.state_length = False
    with pytest.raises(DigestMismatch, match="more than the 10 bytes"):
        download_file(url, target, sha256=DIGEST, size=10)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_http_errors_name_the_address_and_the_status(url: str, target: Path, behaviour: Behaviour, status: int) -> None:
    target.parent.mkdir()
    _part(target).write_bytes(CONTENT[:1000])
    behaviour.status = status
    with pytest.raises(DownloadFailed, match=rf"encoder\.onnx answered {status}.*1000 bytes"):
        download_file(url, target, sha256=DIGEST)
    assert _part(target).read_bytes() == CONTENT[:1000]


def test_a_compressed_answer_is_refused(url: str, target: Path, behaviour: Behaviour) -> None:
    behaviour.encoding = "gzip"
    with pytest.raises(DownloadFailed, match="compressed"):
        download_file(url, target, sha256=DIGEST)
    assert behaviour.requests[0]["accept-encoding"] == "identity"


def test_refused_unknown_and_silent_servers(target: Path, behaviour: Behaviour) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(DownloadFailed, match="cannot be reached"):
        download_file(f"http://127.0.0.1:{port}/x", target, sha256=DIGEST, timeout=SHORT)
    with pytest.raises(DownloadFailed, match="cannot be reached"):
        download_file("https://no-such-host.invalid/x", target, sha256=DIGEST, timeout=SHORT)
    behaviour.cut_after, behaviour.stall = 1000, 3.0
    with _serve(behaviour) as address, pytest.raises(DownloadFailed, match=r"did not answer in time.*1000 bytes"):
        download_file(f"{address}/x", target, sha256=DIGEST, timeout=httpx2.Timeout(0.3))


def test_an_interruption_keeps_the_part(url: str, target: Path) -> None:
    def interrupt(here: int, total: int | None) -> None:
        if here:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_file(url, target, sha256=DIGEST, on_progress=interrupt)
    kept = _part(target).read_bytes()
    assert kept
    assert CONTENT.startswith(kept)
    seen: list[int] = []
    download_file(url, target, sha256=DIGEST, on_progress=lambda here, _: seen.append(here))
    assert seen[0] == len(kept)
    assert target.read_bytes() == CONTENT


def test_redirects_are_followed_on_this_machine(url: str, target: Path, behaviour: Behaviour) -> None:
    behaviour.location = "/elsewhere/encoder.onnx"
    download_file(url.replace("encoder.onnx", "start"), target, sha256=DIGEST)
    assert behaviour.paths == ["/start", "/elsewhere/encoder.onnx"]


@pytest.mark.parametrize(
    "location", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/hostname", "//example.org/x"]
)
def test_redirects_to_unsafe_addresses_are_refused(url: str, target: Path, behaviour: Behaviour, location: str) -> None:
    behaviour.location = location
    with pytest.raises(DownloadFailed, match="https://"):
        download_file(url.replace("encoder.onnx", "start"), target, sha256=DIGEST)


def test_redirects_in_a_circle_end(url: str, target: Path, behaviour: Behaviour) -> None:
    behaviour.location = "/start"
    with pytest.raises(DownloadFailed, match="without end"):
        download_file(url.replace("encoder.onnx", "start"), target, sha256=DIGEST)


@pytest.mark.parametrize("address", ["http://example.org/x", "ftp://example.org/x", "nonsense", "", "https://"])
def test_addresses_that_are_not_fetched(address: str, target: Path) -> None:
    with pytest.raises(DownloadFailed):
        download_file(address, target, sha256=DIGEST)
    assert not target.parent.exists()


def test_addresses_that_are_fetched() -> None:
    for address in ("https://example.org/x", "http://localhost:1/x", "http://127.0.0.1/x", "http://[::1]:8/x"):
        assert str(check_address(address)) == address


def test_the_proxy_of_the_environment_is_used(
    behaviour: Behaviour, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _serve(behaviour) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        download_file("http://127.0.0.1:9/encoder.onnx", target, sha256=DIGEST)
    assert behaviour.paths == ["http://127.0.0.1:9/encoder.onnx"]
    assert target.read_bytes() == CONTENT


def test_https_goes_through_the_proxy_as_a_tunnel(
    behaviour: Behaviour, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _serve(behaviour) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(DownloadFailed, match=r"proxy did not let https://example\.org/x through"):
            download_file("https://example.org/x", target, sha256=DIGEST)
    assert behaviour.paths == ["example.org:443"]


def test_no_proxy_is_respected(url: str, behaviour: Behaviour, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unused = Behaviour()
    with _serve(unused) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        download_file(url, target, sha256=DIGEST)
    assert unused.paths == []
    assert behaviour.paths == ["/encoder.onnx"]


def test_a_senseless_proxy_setting_is_named(url: str, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:70")
    with pytest.raises(DownloadFailed, match="HTTP_PROXY"):
        download_file(url, target, sha256=DIGEST)


def test_a_full_disk_is_named_and_the_target_untouched(url: str, target: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    target.parent.mkdir()
    _part(target).symlink_to("/dev/full")
    with pytest.raises(DownloadFailed, match="no room left"):
        download_file(url, target, sha256=DIGEST)
    assert not target.exists()


def test_a_folder_that_cannot_be_written_is_named(url: str, target: Path) -> None:
    target.parent.write_bytes(b"a file where the folder should be")
    with pytest.raises(DownloadFailed, match=r"encoder\.onnx\.part cannot be written"):
        download_file(url, target, sha256=DIGEST)


def test_two_downloads_of_one_file_do_not_mix(url: str, target: Path) -> None:
    refused: list[str] = []

    def start_another(here: int, total: int | None) -> None:
        if not refused:
            with pytest.raises(DownloadFailed, match="another process") as caught:
                download_file(url, target, sha256=DIGEST)
            refused.append(str(caught.value))

    download_file(url, target, sha256=DIGEST, on_progress=start_another)
    assert len(refused) == 1
    assert target.read_bytes() == CONTENT
