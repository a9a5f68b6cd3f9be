"""Videos are decoded by a process that has no file and nothing to lose; what it answers is not believed unseen."""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.faces.video.clips import make_clip, make_jumping_clip

from semblance.errors import (
    Busy,
    DamagedVideo,
    DecoderFailed,
    DependencyMissing,
    FrameDisputed,
    IntakeError,
    StoreError,
    UnsupportedVideo,
)
from semblance.faces.sandbox import videos
from semblance.faces.sandbox.process import Decoder
from semblance.faces.sandbox.videos import find_frame, iterate_frames, read_video_facts
from semblance.faces.video.frame import VideoFrame
from semblance.terms.byte_source import MemorySource
from semblance.terms.frames import FrameName

linux = pytest.mark.skipif(sys.platform != "linux", reason="what Linux tells and forbids")


@pytest.fixture(scope="module")
def clip() -> bytes:
    return make_clip("mp4", size=(160, 120), times=range(60), options={"bf": "2", "g": "12"})


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Decoder]:
    """Return the processes that were started, as they come."""
    found: list[Decoder] = []

    class Seen(Decoder):
        def __init__(self, worker: str) -> None:
            super().__init__(worker)
            found.append(self)

    monkeypatch.setattr(videos, "Decoder", Seen)
    return found


class Source(MemorySource):
    """Remembers what was read, and whether it was more than a piece."""

    pieces: list[tuple[int, int]]

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        object.__setattr__(self, "pieces", [])

    def read(self, offset: int, length: int) -> bytes:
        self.pieces.append((offset, length))
        return super().read(offset, length)


@linux
def test_the_process_holds_nothing_and_ends_with_the_reading(
    clip: bytes, started: list[Decoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMBLANCE_NODE_KEY", "5ec2e7" * 10)
    with iterate_frames(MemorySource(clip), name="x") as frames:
        next(frames)
        (decoder,) = started
        about = Path(f"/proc/{decoder.pid}")
        assert b"5ec2e7" not in (about / "environ").read_bytes() + (about / "cmdline").read_bytes()
        handles = [str(handle.readlink()) for handle in (about / "fd").iterdir()]
        assert {handle for handle in handles if not handle.startswith("pipe:")} <= {"/dev/null"}
        limits = (about / "limits").read_text()
        found = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
        assert int(found["Max address space"]) < 3_000_000_000
        assert int(found["Max cpu time"]) < 200
        assert found["Max file size"] == found["Max core file size"] == "0"
        if decoder.confined:
            assert "Seccomp:\t2" in (about / "status").read_text()
    assert not decoder.alive
    find_frame(MemorySource(clip), next(iter([frame.name for frame in _read(clip)])), name="x")
    assert len({decoder.pid for decoder in started}) == 3


def _read(data: bytes) -> list[VideoFrame]:
    with iterate_frames(MemorySource(data), name="x", until=0.1) as frames:
        return list(frames)


_ATTEMPTS = """
    import os, socket, sys
    from semblance.faces.sandbox import video_worker as worker
    from semblance.faces.sandbox.confine import limit_resources, refuse_calls
    data = open(sys.argv[1], "rb").read()
    tried = []
    def ask(offset, length):
        for name, attempt in {
            "read": lambda: os.open(sys.argv[1], os.O_RDONLY),
            "write": lambda: os.open("/tmp/left-behind", os.O_CREAT | os.O_WRONLY),
            "connect": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
            "run": lambda: os.execv("/bin/true", ["true"]),
            "signal": lambda: os.kill(os.getppid(), 0),
        }.items():
            try:
                attempt()
            except OSError as error:
                assert error.errno == 38, (name, error)
                tried.append(name)
            else:
                print(name)
        return data[offset : offset + length]
    worker.import_late_parts()
    limit_resources(worker.VIDEO_MEMORY)
    assert refuse_calls()
    reader = worker.FrameReader(worker.RangeFile(ask, len(data)), "x")
    frames = [frame for frame in reader.read(worker.Sampling()) if frame.pixels is not None]
    print(len(frames), len(set(tried)))
"""


@linux
def test_the_kernel_refuses_it_files_and_sockets_while_it_decodes(tmp_path: Path, clip: bytes) -> None:
    with_decoder = Decoder("video_worker")
    confined = with_decoder.confined
    with_decoder.end()
    if not confined:
        pytest.skip("this kernel takes no filter, or is not x86-64 or 64-bit ARM")
    (tmp_path / "clip").write_bytes(clip)
    command = [sys.executable, "-c", textwrap.dedent(_ATTEMPTS), str(tmp_path / "clip")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "60 5\n", "")


def test_pieces_are_asked_for_and_a_reading_that_is_left_ends_the_process(started: list[Decoder]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (4, 120, 160, 3), np.uint8)
    data = make_clip(
        "avi",
        "mjpeg",
        (160, 120),
        times=range(120),
        pix_fmt="yuvj420p",
        draw=lambda number, *_: noise[number % 4],
        options={"qmin": "1", "qmax": "1"},
    )
    assert len(data) > 1_200_000
    source = Source(data)
    with iterate_frames(source, name="x") as frames:
        for frame in frames:
            if frame.seconds > 0.1:
                break
    assert not started[0].alive
    assert max(length for _, length in source.pieces) <= 1024 * 1024
    assert sum(length for _, length in source.pieces) < 2 * len(data)
    with iterate_frames(source, name="x", every=0.5, start=1, until=3.1, longest=40) as frames:
        given = list(frames)
    assert [frame.seconds for frame in given] == pytest.approx([1, 1.5, 2, 2.5, 3], abs=0.05)
    assert {frame.pixels.shape for frame in given} == {(30, 40, 3)}
    with iterate_frames(source, name="x", start=2, until=2.01, longest=40, turned=90) as frames:
        (turned,) = frames
    assert turned.name == given[2].name
    assert np.array_equal(turned.pixels, np.rot90(given[2].pixels, -1))
    found = find_frame(source, given[2].name, name="x")
    assert np.array_equal(find_frame(source, found.name, name="x", turned=180).pixels, found.pixels[::-1, ::-1])
    assert found.pixels.shape == (120, 160, 3)
    assert find_frame(source, given[2].name, name="x", longest=40).name == found.name


@pytest.mark.parametrize("times", [range(40), [*range(0, 40, 9), *range(41, 50)], None], ids=["even", "gaps", "jumps"])
@pytest.mark.parametrize("start", [None, 0.5])
def test_frames_are_given_from_when_on_they_are_wanted(times: Iterable[int] | None, start: float | None) -> None:
    data = make_jumping_clip() if times is None else make_clip("matroska", times=times, options={"bf": "0"})
    with iterate_frames(MemorySource(data), name="x") as frames:
        every = [frame.name for frame in frames]
    steps = [0.1, None, 0.3, 0.04, 0.2]
    expected: list[FrameName] = []
    due, last = start, float("-inf")
    for name in every:
        if name.seconds < last:
            due = start
        if due is None or name.seconds >= due - 1e-6:
            step = steps[len(expected) % len(steps)]
            due = None if step is None else name.seconds + step
            expected.append(name)
        last = name.seconds
    given: list[VideoFrame] = []

    def say_wanted() -> float | None:
        step = steps[(len(given) - 1) % len(steps)]
        return None if step is None else given[-1].seconds + step

    source = Source(data)
    with iterate_frames(source, name="x", start=start, wanted=say_wanted) as frames:
        for frame in frames:
            given += [frame]
    assert [frame.name for frame in given] == expected
    assert len(expected) < len(every)


@linux
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_decoder_that_crashes_costs_one_video(number: signal.Signals, clip: bytes, started: list[Decoder]) -> None:
    def read() -> Iterator[VideoFrame]:
        with iterate_frames(MemorySource(clip), name="crashes.mp4") as frames:
            for frame in frames:
                yield frame
                os.kill(started[0].pid, number)

    with pytest.raises(DecoderFailed, match=r"^crashes\.mp4 made its decoder fail"):
        list(read())
    assert read_video_facts(MemorySource(clip), name="next.mp4").codec == "H.264"


@linux
def test_a_decoder_that_hangs_is_given_up(clip: bytes, started: list[Decoder], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "SECONDS", 0.3)

    class Stops(MemorySource):
        def read(self, offset: int, length: int) -> bytes:
            os.kill(started[0].pid, signal.SIGSTOP)
            return super().read(offset, length)

    with pytest.raises(DecoderFailed, match=r"^hangs\.mp4 took too long to decode"):
        read_video_facts(Stops(clip), name="hangs.mp4")
    assert not started[0].alive


@linux
def test_more_processor_time_than_its_length_allows_ends_it(clip: bytes) -> None:
    code = """
        import time
        from semblance.faces.sandbox import confine, video_worker
        video_worker.CPU_SECONDS = confine.CPU_SECONDS = 0
        budget = video_worker._Budget()
        while True:
            budget.reach(0.5)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60)
    assert ran.returncode == -signal.SIGXCPU


def test_what_the_source_raises_comes_through_and_a_short_one_is_told(clip: bytes, started: list[Decoder]) -> None:
    class Fails(MemorySource):
        def read(self, offset: int, length: int) -> bytes:
            raise StoreError("store.gone", "the disk is gone")

    class Short(MemorySource):
        def read(self, offset: int, length: int) -> bytes:
            return super().read(offset, length)[:-1]

    with pytest.raises(StoreError, match="the disk is gone"):
        read_video_facts(Fails(clip), name="x")
    with pytest.raises(DamagedVideo, match="has fewer bytes than when it was taken in"):
        read_video_facts(Short(clip), name="x")
    assert not any(decoder.alive for decoder in started)


def test_what_watches_may_end_the_reading(clip: bytes, started: list[Decoder]) -> None:
    class Cancelled(Exception):
        pass

    def cancel(seconds: float) -> None:
        raise Cancelled(seconds)

    source = MemorySource(clip)
    liar = _Liar([{"progress": 1.5}])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(videos, "Decoder", lambda _: liar)
        with pytest.raises(Cancelled), iterate_frames(source, name="x", watch=cancel) as frames:
            list(frames)
    assert liar.ended


class _Liar:
    """Answers as a process would that somebody else has taken over."""

    def __init__(self, answers: list[dict[str, Any]], pixels: Any = None) -> None:
        self._answers, self._pixels, self.ended = iter(answers), pixels, False

    def tell(self, *_: object, **__: object) -> None:
        pass

    def hear(self, **_: object) -> tuple[dict[str, Any], Any]:
        return next(self._answers), np.zeros((2, 2, 3), np.uint8) if self._pixels is None else self._pixels

    def end(self) -> None:
        self.ended = True


NAME: list[Any] = [0, 5, 1, 25]
NOTE: dict[str, Any] = {"id": "video.interlaced", "values": {}}
FACTS: dict[str, Any] = {
    "sha256": None,
    "size": 9,
    "container": "MP4",
    "codec": "H.264",
    "stream": 0,
    "streams": [{"index": 0, "kind": "video", "codec": "h264"}],
    "seconds": 1.0,
    "width": 4,
    "height": 4,
    "rotation": 0,
    "frame_rate": 25.0,
    "transfer": None,
    "interlaced": False,
    "notes": [],
}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"read": [0, 1 << 30]},
        {"read": [-1, 10]},
        {"read": [5, 10]},
        {"read": [True, 1]},
        {"read": "all"},
        {"frame": NAME, "sha256": "0" * 64},
        {"frame": NAME, "sha256": 7},
        {"frame": [0, 5, 0, 25]},
        {"frame": [0, 5, 1, 0]},
        {"frame": [0, 2**63, 1, 25]},
        {"frame": [64, 5, 1, 25]},
        {"frame": [0, 5.0, 1, 25]},
        {"frame": [0, 5, 1]},
        {"notes": "many"},
        {"notes": [NOTE] * 33},
        {"notes": [{"id": "policy.role", "values": {}}]},
        {"notes": [{"id": "video.made-up", "values": {}}]},
        {"notes": [{"id": "video.too-long", "values": {}}]},
        {"progress": "far"},
        {"error": "intake.manifest", "message": NOTE},
        {"error": "intake.damaged-video"},
        {"error": "intake.damaged-video", "message": {"id": "photo.empty", "values": {"name": "x"}}},
    ],
)
def test_an_answer_that_cannot_be_meant_is_not_believed(
    answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    liar = _Liar([answer])
    monkeypatch.setattr(videos, "Decoder", lambda _: liar)
    with (
        pytest.raises(DecoderFailed, match=r"^x\.mp4 "),
        iterate_frames(MemorySource(b"123456789"), name="x.mp4", watch=lambda _: None) as frames,
    ):
        list(frames)
    assert liar.ended


@pytest.mark.parametrize(
    "change",
    [
        {"container": "FLV"},
        {"codec": "h264"},
        {"stream": 1},
        {"streams": [{"index": 0, "kind": "video"}]},
        {"streams": [{"index": 0, "kind": "video", "codec": "<b>"}]},
        {"streams": [{"index": 0, "kind": "video", "codec": "h264"}] * 65},
        {"streams": [{"index": 0, "kind": "thought", "codec": "h264"}]},
        {"width": 0},
        {"width": 9000, "height": 9000},
        {"width": 4.0},
        {"seconds": float("inf")},
        {"seconds": -1},
        {"frame_rate": "fast"},
        {"frame_rate": True},
        {"rotation": 45},
        {"transfer": "SDR"},
        {"interlaced": "no"},
        {"notes": None},
        {"more": 1},
    ],
)
def test_facts_that_cannot_be_meant_are_not_believed(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "Decoder", lambda _: _Liar([{"facts": FACTS}]))
    assert read_video_facts(MemorySource(b"123456789"), name="x").width == 4
    monkeypatch.setattr(videos, "Decoder", lambda _: _Liar([{"facts": FACTS | change}]))
    with pytest.raises(DecoderFailed, match=r"^x "):
        read_video_facts(MemorySource(b"123456789"), name="x")


def test_another_frame_than_was_asked_for_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    monkeypatch.setattr(videos, "Decoder", lambda _: _Liar([{"frame": NAME}], pixels))
    with iterate_frames(MemorySource(b"1"), name="x") as frames:
        name = next(frames).name
    assert find_frame(MemorySource(b"1"), name, name="x").name == name
    other = FrameName(name.stream, name.pts, name.time_base, type(name.sha256)("0" * 64))
    with pytest.raises(DecoderFailed):
        find_frame(MemorySource(b"1"), other, name="x")


def test_no_more_run_than_there_are_places(clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "_PLACES", threading.BoundedSemaphore(1))
    monkeypatch.setattr(videos, "WAIT", 0.05)
    source = MemorySource(clip)
    with iterate_frames(source, name="x"), pytest.raises(Busy, match="As many videos are being read"):
        read_video_facts(source, name="x")
    assert read_video_facts(source, name="x").width == 160


def test_without_the_extra_it_is_named(clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "av" else found(name))
    with pytest.raises(DependencyMissing, match=r"pip install 'semblance-faces\[video\]'"):
        read_video_facts(MemorySource(clip), name="x")


def test_errors_come_back_as_they_were_said(clip: bytes) -> None:
    with pytest.raises(UnsupportedVideo, match=r"^letter\.mp4 is text, not a video that can be read"):
        read_video_facts(MemorySource(b"Dear Sir or Madam"), name="letter.mp4")
    with iterate_frames(MemorySource(clip), name="x", until=0.0) as frames:
        name = next(frames).name
    other = FrameName(name.stream, name.pts + 1, name.time_base, name.sha256)
    with pytest.raises(FrameDisputed, match="x has no frame at"):
        find_frame(MemorySource(clip), other, name="x")


def test_8k_is_read_within_the_limit_of_memory() -> None:
    def draw(_: int, width: int, height: int) -> Any:
        return np.full((height, width, 3), 90, np.uint8)

    data = make_clip("mp4", "mjpeg", (7680, 4320), times=[0], pix_fmt="yuvj420p", draw=draw)
    facts = read_video_facts(MemorySource(data), name="x")
    assert (facts.width, facts.height) == (7680, 4320)
    with iterate_frames(MemorySource(data), name="x", longest=480) as frames:
        assert next(frames).pixels.shape == (270, 480, 3)


def test_mutated_files_never_harm_the_one_that_asks() -> None:
    chance, count = random.Random(20), 0
    for container, codec in (("mp4", "libx264"), ("avi", "mjpeg"), ("webm", "libvpx"), ("matroska", "libx265")):
        options = {"x265-params": "log-level=none:pools=none"} if codec == "libx265" else {}
        whole = make_clip(container, codec, pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p", options=options)
        for _ in range(3):
            data = bytearray(whole)
            for _ in range(chance.randrange(1, 30)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            with suppress(IntakeError), iterate_frames(MemorySource(bytes(data)), name="x") as frames:
                count += sum(frame.pixels.size > 0 for frame in frames)
    assert count > 12


@linux
def test_a_long_video_takes_no_more_memory_than_a_short_one() -> None:
    data = make_clip("mp4", size=(640, 480), times=range(150), options={"preset": "ultrafast"})

    def measure() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    sizes = []
    with iterate_frames(MemorySource(data), name="x") as frames:
        for number, _ in enumerate(frames):
            if number >= 10:
                sizes.append(measure())
    assert len(sizes) == 140
    # all of them together would be 130 MB
    assert max(sizes) - sizes[0] < 20_000_000
