"""Photos are decoded in processes that have nothing to lose: what they hold, what they may not, and what ends them."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semblance.errors import ConfigurationError, DecoderFailed, ImageTooLarge, UnsupportedImage
from semblance.faces.sandbox import photos, process, wire
from semblance.faces.sandbox.photos import decode_safely, lend_photo
from semblance.faces.sandbox.pool import DecoderPool
from semblance.faces.sandbox.process import Decoder, DecoderEnded

Encode = Callable[..., bytes]

linux = pytest.mark.skipif(sys.platform != "linux", reason="what Linux tells and forbids")


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[DecoderPool]:
    """Return a pool of one process, in the place of the product's."""
    own = DecoderPool(1)
    monkeypatch.setattr(photos, "DECODERS", own)
    yield own
    own.end()


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Put a secret where a node has its own: in the environment and in a file that is open."""
    monkeypatch.setenv("SEMBLANCE_NODE_KEY", "5ec2e7" * 10)
    file = tmp_path / "keyring"
    file.write_text("5ec2e7")
    with file.open() as opened:
        os.set_inheritable(opened.fileno(), True)
        yield str(file)


def _ended(pid: int) -> bool:
    """Return whether the process is gone, or only waits for somebody to ask how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _wait_until(happened: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not (done := happened()) and time.monotonic() < end:
        time.sleep(0.02)
    return done


@linux
def test_no_secret_and_no_open_file_reaches_the_process(pool: DecoderPool, secret: str, portrait_png: bytes) -> None:
    decode_safely(portrait_png, name="x.png")
    (decoder,) = pool.decoders
    about = Path(f"/proc/{decoder.pid}")
    environment = (about / "environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0].decode() for entry in environment if entry}
    assert names <= {*process._ENVIRONMENT, *process._FIXED, "LC_CTYPE"}
    assert b"5ec2e7" not in (about / "environ").read_bytes() + (about / "cmdline").read_bytes()
    handles = [str(handle.readlink()) for handle in (about / "fd").iterdir()]
    assert {handle for handle in handles if not handle.startswith("pipe:")} <= {"/dev/null"}
    assert secret not in handles
    assert os.getpgid(decoder.pid) == os.getsid(decoder.pid) == decoder.pid
    assert (about / "cwd").readlink() == Path("/")


@linux
def test_little_is_imported_into_the_process() -> None:
    code = "import sys, semblance.faces.sandbox.worker; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"sqlalchemy", "pydantic", "cryptography", "fastapi", "onnxruntime", "cv2", "dlib", "httpx2", "ssl"}
    assert heavy.isdisjoint(found)
    rooms = {name.split(".")[1] for name in found if name.startswith("semblance.")}
    assert rooms == {"errors", "faces", "messages", "terms"}


@linux
def test_the_process_has_limits(pool: DecoderPool, portrait_png: bytes) -> None:
    decode_safely(portrait_png, name="x.png")
    limits = Path(f"/proc/{pool.decoders[0].pid}/limits").read_text()
    found = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
    assert int(found["Max address space"]) < 2_000_000_000
    assert int(found["Max cpu time"]) < 120
    assert int(found["Max open files"]) == 32
    assert found["Max file size"] == found["Max core file size"] == "0"


_ATTEMPTS = """
    import os, socket, subprocess, sys
    from semblance.faces.sandbox.confine import limit_resources, refuse_calls
    keyring, parent = sys.argv[1], int(sys.argv[2])
    limit_resources()
    assert refuse_calls()
    def fork():
        if os.fork() == 0:
            os._exit(0)
    attempts = {
        "read": lambda: os.open(keyring, os.O_RDONLY),
        "write": lambda: os.open("/tmp/left-behind", os.O_CREAT | os.O_WRONLY),
        "list": lambda: os.listdir("/"),
        "connect": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "whisper": lambda: socket.socketpair(),
        "run": lambda: os.execv("/bin/true", ["true"]),
        "fork": fork,
        "signal": lambda: os.kill(parent, 0),
        "rename": lambda: os.rename(keyring, keyring + "2"),
        "delete": lambda: os.unlink(keyring),
        "another's limits": lambda: __import__("resource").prlimit(parent, 0),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except OSError as error:
            assert error.errno == 38, (name, error)
        else:
            print(name)
    try:
        hoard = bytearray(1200 * 1024 * 1024)
    except MemoryError:
        pass
    else:
        print("memory")
"""


@linux
def test_the_kernel_refuses_what_decoding_does_not_need(tmp_path: Path, portrait_png: bytes) -> None:
    with_decoder = Decoder()
    confined = with_decoder.confined
    with_decoder.end()
    if not confined:
        pytest.skip("this kernel takes no filter, or is not x86-64 or 64-bit ARM")
    keyring = tmp_path / "keyring"
    keyring.write_text("secret")
    code = textwrap.dedent(_ATTEMPTS)
    ran = subprocess.run(
        [sys.executable, "-c", code, str(keyring), str(os.getpid())], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert keyring.read_text() == "secret"


@linux
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_decoder_that_crashes_costs_one_photo(number: signal.Signals, pool: DecoderPool, portrait_png: bytes) -> None:
    decode_safely(portrait_png, name="x.png")
    (first,) = pool.decoders
    os.kill(first.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(decode_safely, portrait_png, name="crashes.png")
        assert _wait_until(lambda: first.asked == 2)
        os.kill(first.pid, number)
        os.kill(first.pid, signal.SIGCONT)
        with pytest.raises(DecoderFailed, match=r"^crashes\.png made its decoder fail"):
            asked.result()
    assert first.pid not in {decoder.pid for decoder in pool.decoders}
    assert decode_safely(portrait_png, name="next.png").pixels.size
    assert len(pool.decoders) == 1


@linux
def test_one_that_died_between_two_photos_costs_none(pool: DecoderPool, portrait_png: bytes) -> None:
    decode_safely(portrait_png, name="x.png")
    (first,) = pool.decoders
    os.kill(first.pid, signal.SIGKILL)
    assert _wait_until(lambda: _ended(first.pid))
    assert decode_safely(portrait_png, name="next.png").pixels.size


@linux
def test_a_decoder_that_hangs_is_given_up(
    pool: DecoderPool, portrait_png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode_safely(portrait_png, name="x.png")
    (first,) = pool.decoders
    monkeypatch.setattr(process, "SECONDS", 0.3)
    os.kill(first.pid, signal.SIGSTOP)
    with pytest.raises(DecoderFailed, match=r"^hangs\.png took too long to decode") as caught:
        decode_safely(portrait_png, name="hangs.png")
    assert caught.value.code == "intake.decoder-failed"
    assert _ended(first.pid)
    monkeypatch.undo()


@linux
def test_a_process_ends_with_the_one_that_asks(tmp_path: Path, portrait_png: bytes) -> None:
    """Also where the one that asks has no time to say goodbye, and the other is in the midst of a photo."""
    photo = tmp_path / "x.png"
    photo.write_bytes(portrait_png)
    code = textwrap.dedent(
        """
        import os, signal, sys, threading, time
        from pathlib import Path
        from semblance.faces.sandbox.photos import DECODERS, decode_safely
        data = Path(sys.argv[1]).read_bytes()
        decode_safely(data, name="x")
        print(*(decoder.pid for decoder in DECODERS.decoders), flush=True)
        threading.Thread(target=lambda: [decode_safely(data, name="x") for _ in range(100_000)], daemon=True).start()
        time.sleep(60)
        """
    )
    with subprocess.Popen([sys.executable, "-c", code, str(photo)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        (pid,) = map(int, parent.stdout.readline().split())
        assert not _ended(pid)
        parent.kill()
    assert _wait_until(lambda: _ended(pid), 5)


@linux
def test_the_kernel_ends_one_that_decodes_when_nobody_is_left() -> None:
    code = textwrap.dedent(
        """
        import sys
        from semblance.faces.sandbox.confine import end_with
        end_with(int(sys.argv[1]))
        print("on", flush=True)
        while True:
            pass
        """
    )
    theirs, ours = os.pipe()
    command = [sys.executable, "-c", code, str(theirs)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=[theirs]) as busy:
        os.close(theirs)
        assert busy.stdout is not None
        assert busy.stdout.readline() == "on\n"
        os.close(ours)
        assert busy.wait(10) == -signal.SIGIO


@linux
def test_more_processor_time_than_there_is_ends_it() -> None:
    code = textwrap.dedent(
        """
        from semblance.faces.sandbox import confine
        confine.CPU_SECONDS = 0
        confine.limit_cpu()
        while True:
            pass
        """
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert ran.returncode == -signal.SIGXCPU


def test_no_more_run_than_there_are_places(portrait_png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = DecoderPool(2)
    monkeypatch.setattr(photos, "DECODERS", pool)
    try:
        with ThreadPoolExecutor(8) as threads:
            most = max(
                threads.map(
                    lambda _: decode_safely(portrait_png, name="x").facts.width and len(pool.decoders), range(24)
                )
            )
        assert most <= 2
        assert 1 <= len(pool.decoders) <= 2
    finally:
        pool.end()


def test_no_more_whole_photos_are_lent_than_there_are_places(
    portrait_png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "_PLACES", threading.BoundedSemaphore(2))
    turn, two, now, most = threading.Lock(), threading.Barrier(2), 0, 0

    def work(_: int) -> None:
        nonlocal now, most
        with lend_photo(portrait_png, name="x"):
            with turn:
                now += 1
                most = max(most, now)
            two.wait(60)
            with turn:
                now -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(16)))
    assert most == 2


def test_processes_are_replaced_after_a_while(
    pool: DecoderPool, portrait_png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("semblance.faces.sandbox.pool._PHOTOS_EACH", 2)
    pids = []
    for _ in range(4):
        decode_safely(portrait_png, name="x")
        pids += [decoder.pid for decoder in pool.decoders]
    assert len(pids) == len(set(pids)) == 2
    assert pool.decoders == ()


class _Liar:
    """Answers in the place of a pool, as a process would that somebody else has taken over."""

    def __init__(self, answer: dict[str, Any], pixels: np.ndarray[Any, Any] | None = None) -> None:
        self._answer = answer
        self._pixels = np.zeros((2, 2, 3), np.uint8) if pixels is None else pixels

    def ask(self, *_: object, **__: object) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
        return self._answer, self._pixels


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"notes": "many"},
        {"notes": [{"id": "photo.first-page", "values": {}}] * 33},
        {"notes": [{"id": "policy.role", "values": {}}]},
        {"notes": [{"id": "photo.made-up", "values": {}}]},
        {"notes": [{"id": "photo.primary-image", "values": {}}]},
        {"notes": [{"id": "photo.bomb", "values": {"name": {"id": "policy.role", "values": {}}, "most": 1}}]},
        {"notes": [{"id": "photo.bomb", "values": {"name": [{"id": "policy.role", "values": {}}], "most": 1}}]},
        {"notes": [["photo.first-page"]]},
        {"notes": [{"id": ["photo.first-page"], "values": {}}]},
        {"notes": [{"id": "photo.first-page", "values": 7}]},
        {"notes": [], "undecoded": [1, 2, 3]},
        {"notes": [], "undecoded": [1, 2, 3, "4"]},
        {"notes": [], "undecoded": [1, 2, 3, float("nan")]},
        {"notes": [], "undecoded": {"left": 1}},
        {"error": "intake.manifest", "message": {"id": "photo.empty", "values": {"name": "x", "formats": "y"}}},
        {"error": "intake.damaged-image", "message": {"id": "photo.empty", "values": {"name": "x"}}},
        {"error": "intake.damaged-image"},
        {"error": ["outside"]},
    ],
)
def test_an_answer_that_cannot_be_meant_is_not_believed(
    answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, portrait_png: bytes
) -> None:
    monkeypatch.setattr(photos, "DECODERS", _Liar(answer))
    with pytest.raises(DecoderFailed, match=r"^x\.png "):
        decode_safely(portrait_png, name="x.png")


def test_pixels_of_what_is_no_photo_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "DECODERS", _Liar({"notes": []}))
    with pytest.raises(DecoderFailed):
        decode_safely(b"Dear Sir or Madam", name="x.png")


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ({"height": 40_000, "width": 40_000}, b""),
        ({"height": 2, "width": 2}, bytes(11)),
        ({"height": -1, "width": -1}, bytes(3)),
        ({"height": 2.0, "width": 2}, bytes(12)),
        ({"height": "2", "width": 2}, bytes(12)),
        ({}, bytes(3)),
    ],
)
def test_pixels_of_another_size_than_was_agreed_on_end_the_process(header: dict[str, Any], body: bytes) -> None:
    decoder = Decoder()
    said = io.BytesIO()
    wire.send(said, header, body)
    decoder._answers.close()
    decoder._answers = io.BytesIO(said.getvalue())
    with pytest.raises(DecoderEnded):
        decoder.ask({"task": "decode", "name": "x", "arguments": {}}, b"", most=100)
    assert not decoder.alive


@pytest.mark.parametrize(
    "said", [b"", b"\0", b"\xff" * 64, wire._LENGTHS.pack(2, 0) + b"[]", wire._LENGTHS.pack(1, 0) + b"{"]
)
def test_what_is_no_header_is_told_from_one(said: bytes) -> None:
    with pytest.raises(wire.WireBroken):
        wire.receive_header(io.BytesIO(said))


def test_a_process_that_does_not_come_up_is_no_fault_of_the_photo(
    monkeypatch: pytest.MonkeyPatch, pool: DecoderPool, portrait_png: bytes
) -> None:
    monkeypatch.setattr(process, "_MAIN", "raise SystemExit(3)")
    with pytest.raises(ConfigurationError, match=r"cannot be started \(3\)"):
        decode_safely(portrait_png, name="x")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ConfigurationError, match="cannot be started"):
        decode_safely(portrait_png, name="x")


def test_errors_and_notes_come_back_as_they_were_said(portrait: Image.Image, encode: Encode) -> None:
    with pytest.raises(UnsupportedImage, match=r"^clip\.webm is a video, not a photo: Semblance reads JPEG"):
        decode_safely(b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01", name="clip.webm")
    with pytest.raises(ImageTooLarge, match=r"x has 160 x 200 pixels \(32,000 pixels\); at most 99 pixels"):
        decode_safely(encode(portrait, "PNG"), name="x", max_pixels=99)
    photo = decode_safely(encode(portrait, "PNG"), name="x.jpg")
    assert list(map(str, photo.facts.notes)) == ["the name ends in .jpg, but the content is PNG"]
    assert not photo.pixels.flags.writeable
    assert np.array_equal(photo.pixels, np.asarray(portrait))


@pytest.fixture(scope="module")
def portrait_png(portrait: Image.Image, encode: Encode) -> bytes:
    return encode(portrait, "PNG")
