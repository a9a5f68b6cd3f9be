"""What is no video, or only half of one: each costs itself, says what is wrong, and gives what can be read."""

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from av.stream import Disposition
from av.video.frame import VideoFrame as Picture
from tests.faces.video.clips import draw_scene, make_clip, make_jumping_clip
from tests.faces.video.test_formats import find, read_all, tell_facts

from semblance.errors import DamagedVideo, FrameDisputed, IntakeError, UnsupportedVideo, VideoTooLarge
from semblance.faces.video.reading import FrameReader, Sampling, digest_pixels
from semblance.terms.frames import FrameName
from semblance.terms.ids import digest_bytes

PLAIN = {"bf": "0", "g": "5"}


def make_sound(*, cover: bool = False) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream: Any = output.add_stream("aac", rate=44100)
        picture: Any = output.add_stream("mjpeg", rate=1) if cover else None
        if cover:
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p"
            picture.disposition = Disposition.attached_pic
            scene = Picture.from_ndarray(draw_scene(0, 64, 64), format="rgb24")
            scene.pts = 0
            output.mux([*picture.encode(scene), *picture.encode(None)])
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 44100
        output.mux(stream.encode(sound))
        output.mux(stream.encode(None))
    return file.getvalue()


def drop_streams(data: bytes) -> bytes:
    """Return an MP4 whose index lists no stream."""
    start = data.index(b"mvhd") - 4
    header = data[start : start + int.from_bytes(data[start : start + 4], "big")]
    return data[: int.from_bytes(data[:4], "big")] + struct.pack(">I4s", 8 + len(header), b"moov") + header


def drop_pictures(data: bytes) -> bytes:
    """Return the MP4 with an index that says that there is not one picture."""
    changed = bytearray(data)
    for table, count_at in ((b"stts", 8), (b"stsz", 12), (b"stsc", 8), (b"stco", 8), (b"ctts", 8), (b"stss", 8)):
        place = data.find(table)
        if place >= 0:
            changed[place + count_at - 4 + 4 : place + count_at + 4] = bytes(4)
    return bytes(changed)


@pytest.mark.parametrize(
    ("make", "identifier"),
    [
        (lambda: b"", "video.empty"),
        (lambda: b"Dear Sir or Madam, enclosed is the video.", "video.no-video"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "video.no-video"),
        (make_sound, "video.sound-only"),
        (lambda: make_sound(cover=True), "video.sound-only"),
        (lambda: drop_streams(make_clip("mp4")), "video.no-stream"),
        (lambda: make_clip("matroska", "mpeg4"), "video.codec-unknown"),
    ],
)
def test_what_is_no_video_is_told_from_one(make: Callable[[], bytes], identifier: str) -> None:
    with pytest.raises(UnsupportedVideo) as caught:
        tell_facts(make(), "clip.mp4")
    assert caught.value.message.identifier == identifier
    assert str(caught.value).startswith("clip.mp4 ")


def test_a_photo_and_an_unknown_encoding_are_named() -> None:
    with pytest.raises(UnsupportedVideo, match="is a photo \\(JPEG\\), not a video"):
        tell_facts(b"\xff\xd8\xff" + bytes(100))
    with pytest.raises(UnsupportedVideo, match=r"is encoded as mpeg4; Semblance reads H\.264, H\.265, VP8"):
        tell_facts(make_clip("avi", "mpeg4"))


@pytest.mark.parametrize(
    ("spoil", "identifier"),
    [
        (lambda data: data[: data.index(b"moov") - 4], "video.index-missing"),
        (lambda data: data.decode("utf-8", "replace").encode(), "video.passed-as-text"),
        (drop_pictures, "video.no-pictures"),
        (lambda data: data.replace(b"avcC", b"free"), "video.damaged"),
    ],
)
def test_a_video_without_one_picture_says_why(spoil: Callable[[bytes], bytes], identifier: str) -> None:
    data = spoil(make_clip("mp4", size=(160, 120), options={"crf": "5"}))
    for read in (tell_facts, read_all):
        with pytest.raises(DamagedVideo) as caught:
            read(data)
        assert caught.value.message.identifier == identifier


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "libx264"), ("matroska", "libx264"), ("webm", "libvpx"), ("avi", "mjpeg")]
)
def test_one_that_breaks_off_gives_what_is_there_and_says_so(container: str, codec: str) -> None:
    pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    data = make_clip(
        container,
        codec,
        times=range(60),
        pix_fmt=pix_fmt,
        options=PLAIN,
        container_options={"movflags": "frag_keyframe+empty_moov"} if container == "mp4" else {},
    )
    whole = read_all(data)[0]
    counts = []
    for share in range(5, 100, 5):
        try:
            frames, notes = read_all(data[: len(data) * share // 100])
        except IntakeError:
            counts.append(0)
            continue
        counts.append(len(frames))
        assert [frame.name for frame in frames[:-1]] == [frame.name for frame in whole[: len(frames) - 1]]
        # what is not written anywhere else is how long it should have been
        assert notes or container != "avi" or len(frames) > 46
    assert counts == sorted(counts)
    assert counts[-1] > 50
    assert len(set(counts)) > 8


def test_damage_in_the_middle_costs_what_it_hits() -> None:
    data = bytearray(make_clip("mp4", times=range(40), size=(160, 120), options={**PLAIN, "crf": "12"}))
    place = data.index(b"mdat") + (data.index(b"moov") - data.index(b"mdat")) // 2
    data[place : place + 200] = bytes(200)
    frames, notes = read_all(bytes(data))
    assert 30 < len(frames) <= 40
    assert notes == ["video.pictures-damaged"]
    whole = read_all(make_clip("mp4", times=range(40), size=(160, 120), options={**PLAIN, "crf": "12"}))[0]
    assert frames[0].name == whole[0].name
    assert frames[-1].name == whole[-1].name


def test_a_wrong_duration_is_said() -> None:
    data = bytearray(make_clip("matroska", times=range(60), options=PLAIN))
    place = data.index(b"\x44\x89\x88") + 3
    for claimed, note in ((36_000.0, "video.ends-early"), (1.0, "video.runs-longer"), (2.4, None)):
        data[place : place + 8] = struct.pack(">d", claimed * 1000)
        assert tell_facts(bytes(data)).seconds == claimed
        frames, notes = read_all(bytes(data))
        assert (len(frames), notes) == (60, [note] if note else [])
    data[place : place + 8] = struct.pack(">d", float("nan"))
    assert tell_facts(bytes(data)).seconds is None


def test_times_that_jump_back_keep_the_order_of_the_file() -> None:
    data = make_jumping_clip()
    frames, notes = read_all(data)
    times = [round(frame.seconds, 2) for frame in frames]
    assert (len(times), notes) == (30, ["video.times-jump"])
    assert times[17:20] == [0.68, 0.1, 0.14]
    sampled = [round(frame.seconds, 2) for frame in read_all(data, every=0.1)[0]]
    assert {0.0, 0.6, 0.1, 0.96} <= set(sampled)
    for frame in (frames[2], frames[18], frames[29]):
        assert find(bytes(data), frame.name).name == frame.name


class CountingFile(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        part = super().read(size)
        self.count += len(part)
        return part


def test_ten_hours_are_not_read_whole() -> None:
    """240 pictures, 150 s apart; facts, a sparse look and one frame take a small share of the bytes."""
    noise = np.random.default_rng(1).integers(0, 256, (8, 144, 192, 3), np.uint8)
    data = make_clip(
        "mp4",
        "mjpeg",
        (192, 144),
        times=range(0, 36_000, 150),
        time_base=Fraction(1),
        pix_fmt="yuvj420p",
        draw=lambda number, *_: noise[number % 8],
        options={"qmin": "1", "qmax": "1"},
    )
    assert len(data) > 4_000_000
    file = CountingFile(data)
    reader = FrameReader(file, "x")
    frames = [frame for frame in reader.read(Sampling(every=6000)) if frame.pixels is not None]
    assert [frame.seconds for frame in frames] == [0, 6000, 12_000, 18_000, 24_000, 30_000]
    assert file.count < len(data) / 5
    pixels, base = frames[4].pixels, frames[4].picture.time_base
    assert pixels is not None
    assert base is not None
    wanted = FrameName(0, round(24_000 / base), base, digest_pixels(pixels))
    file = CountingFile(data)
    assert [frame for frame in FrameReader(file, "x").read(Sampling(start=35_000)) if frame.pixels is not None]
    assert next(frame for frame in FrameReader(file, "x").find(wanted) if frame.pixels is not None).seconds == 24_000
    assert file.count < len(data) / 5


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(VideoTooLarge, match=r"9000 x 4400 pixels; at most 36 megapixels"):
        tell_facts(make_clip("avi", "mjpeg", (9000, 4400), times=[0], pix_fmt="yuvj420p", draw=draw_flat))
    data = bytearray(make_clip("matroska", "mjpeg", pix_fmt="yuvj420p"))
    frame_header = data.index(b"\xff\xc0")
    # the pictures are larger than the container says
    while frame_header >= 0:
        data[frame_header + 5 : frame_header + 9] = struct.pack(">HH", 60_000, 60_000)
        frame_header = data.find(b"\xff\xc0", frame_header + 1)
    with pytest.raises((DamagedVideo, VideoTooLarge)):
        tell_facts(bytes(data))


def draw_flat(_: int, width: int, height: int) -> Any:
    return np.full((height, width, 3), 128, np.uint8)


def test_an_index_of_two_thousand_million_pictures_is_no_harm() -> None:
    data = bytearray(make_clip("mp4", options=PLAIN))
    place = data.index(b"stsz")
    data[place + 8 : place + 16] = struct.pack(">II", 1, 0x7FFF_FFFF)
    place = data.index(b"stts")
    data[place + 12 : place + 16] = struct.pack(">I", 0x7FFF_FFFF)
    with pytest.raises(IntakeError):
        tell_facts(bytes(data))


def test_a_frame_is_found_by_its_name_and_nothing_else_passes_for_it() -> None:
    data = make_clip("mp4", times=range(50), options={"bf": "3", "g": "12"})
    frames, _ = read_all(data)
    name = frames[31].name
    other = FrameName(name.stream, name.pts, name.time_base, digest_bytes(b"another"))
    with pytest.raises(FrameDisputed, match=r"x shows something else at 1\.240 s"):
        find(data, other)
    for missing in (
        FrameName(name.stream, name.pts + 1, name.time_base, name.sha256),
        FrameName(name.stream, name.pts, name.time_base * 2, name.sha256),
        FrameName(name.stream, 10**12, name.time_base, name.sha256),
    ):
        with pytest.raises(FrameDisputed, match="x has no frame at"):
            find(data, missing)
    with pytest.raises(UnsupportedVideo, match="no stream of pictures number 3"):
        find(data, FrameName(3, name.pts, name.time_base, name.sha256))


def test_several_streams_are_said_and_each_can_be_read() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        streams: list[Any] = [output.add_stream("libx264", rate=25) for _ in range(2)]
        for stream, size in zip(streams, ((96, 64), (64, 48)), strict=True):
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(6):
            for stream in streams:
                scene = draw_scene(number, stream.width, stream.height)
                picture = Picture.from_ndarray(scene, format="rgb24")
                picture.pts = number
                output.mux(stream.encode(picture))
        for stream in streams:
            output.mux(stream.encode(None))
    facts = tell_facts(file.getvalue())
    assert [note.identifier for note in facts.notes] == ["video.several-streams"]
    assert (facts.stream, len(facts.streams)) == (0, 2)
    reader = FrameReader(io.BytesIO(file.getvalue()), "x", 1)
    shapes = {frame.pixels.shape for frame in reader.read(Sampling()) if frame.pixels is not None}
    assert (shapes, reader.stream) == ({(48, 64, 3)}, 1)
