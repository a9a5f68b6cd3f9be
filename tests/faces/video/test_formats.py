"""Every container and codec that is read; what cameras do to times, lines, pixels and orientation."""

import io
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame as Picture
from av.video.stream import VideoStream
from tests.faces.video.clips import CORNERS, ENDINGS, Pixels, draw_scene, make_clip, name_corners

from semblance.faces.sandbox.videos import find_frame, iterate_frames, read_video_facts
from semblance.faces.video.facts import read_facts
from semblance.faces.video.frame import VideoFrame
from semblance.faces.video.reading import FrameReader, ReadFrame, Sampling, digest_pixels
from semblance.messages.message import Message
from semblance.terms.byte_source import MemorySource
from semblance.terms.frames import FrameName, VideoFacts

X265 = {"x265-params": "log-level=none:pools=none:frame-threads=1"}


def read_all(data: bytes, **rule: Any) -> tuple[list[VideoFrame], list[str]]:
    """Read frames in this process, as the confined one does."""
    reader = FrameReader(io.BytesIO(data), "x")
    frames = [_name(reader, read) for read in reader.read(Sampling(**rule)) if read.pixels is not None]
    return frames, [note.identifier for note in reader.notes]


def _name(reader: FrameReader, read: ReadFrame) -> VideoFrame:
    picture, pixels = read.picture, read.pixels
    assert pixels is not None
    assert picture.pts is not None
    assert picture.time_base is not None
    return VideoFrame(
        FrameName(reader.stream, picture.pts, picture.time_base, digest_pixels(pixels)), read.seconds, pixels
    )


def find(data: bytes, name: FrameName) -> VideoFrame:
    reader = FrameReader(io.BytesIO(data), "x", name.stream)
    (found,) = [_name(reader, read) for read in reader.find(name) if read.pixels is not None]
    return found


def tell_facts(data: bytes, name: str = "x") -> VideoFacts:
    return read_facts(io.BytesIO(data), name, len(data))


def measure_corners(pixels: Pixels) -> int:
    """Return by how much the four corners differ from what was drawn, at most."""
    return int(np.abs(name_corners(pixels).astype(int) - CORNERS).max())


@pytest.mark.parametrize(
    ("container", "codec", "said"),
    [
        ("mp4", "libx264", ("MP4", "H.264")),
        ("mov", "libx264", ("MOV", "H.264")),
        ("matroska", "libx264", ("MKV", "H.264")),
        ("avi", "libx264", ("AVI", "H.264")),
        ("mp4", "libx265", ("MP4", "H.265")),
        ("matroska", "libx265", ("MKV", "H.265")),
        ("webm", "libvpx", ("WebM", "VP8")),
        ("avi", "libvpx", ("AVI", "VP8")),
        ("webm", "libvpx-vp9", ("WebM", "VP9")),
        ("mp4", "libvpx-vp9", ("MP4", "VP9")),
        ("webm", "libsvtav1", ("WebM", "AV1")),
        ("mp4", "libsvtav1", ("MP4", "AV1")),
        ("avi", "mjpeg", ("AVI", "MJPEG")),
        ("mov", "mjpeg", ("MOV", "MJPEG")),
    ],
)
def test_every_container_and_codec(container: str, codec: str, said: tuple[str, str]) -> None:
    options = X265 if codec == "libx265" else {"preset": "12"} if codec == "libsvtav1" else {}
    data = make_clip(container, codec, pix_fmt="yuvj420p" if codec == "mjpeg" else "yuv420p", options=options)
    name = f"clip.{ENDINGS[container]}"
    facts = read_video_facts(MemorySource(data), name=name)
    assert (facts.container, facts.codec, facts.width, facts.height) == (*said, 96, 64)
    assert (facts.rotation, facts.transfer, facts.interlaced, facts.notes) == (0, None, False, ())
    assert facts.seconds == pytest.approx(0.48)
    assert facts.frame_rate == pytest.approx(25)
    assert facts.size == len(data)
    with iterate_frames(MemorySource(data), name=name) as given:
        frames = list(given)
    assert given.notes == ()
    assert np.diff([frame.seconds for frame in frames]) == pytest.approx([0.04] * 11)
    assert max(measure_corners(frame.pixels) for frame in frames) <= 12
    assert not frames[0].pixels.flags.writeable
    again = find_frame(MemorySource(data), frames[7].name, name=name)
    assert again.name == frames[7].name
    assert np.array_equal(again.pixels, frames[7].pixels)


@pytest.mark.parametrize(("degrees", "turned"), [(-90.0, 90), (180.0, 180), (90.0, 270)])
def test_a_turned_recording_is_upright(degrees: float, turned: int) -> None:
    def lay_down(number: int, width: int, height: int) -> Pixels:
        scene = draw_scene(number, *((height, width) if turned != 180 else (width, height)))
        return np.ascontiguousarray(np.rot90(scene, turned // 90))

    data = make_clip("mp4", draw=lay_down, prepare=lambda stream: stream.set_display_rotation(degrees))
    facts = tell_facts(data)
    assert (facts.rotation, facts.width, facts.height) == (turned, *((96, 64) if turned == 180 else (64, 96)))
    frames, _ = read_all(data)
    assert frames[0].pixels.shape == (facts.height, facts.width, 3)
    assert measure_corners(frames[0].pixels) <= 8


def test_a_mirrored_recording_is_shown_as_its_file_asks() -> None:
    def mirror(number: int, width: int, height: int) -> Pixels:
        return np.ascontiguousarray(draw_scene(number, width, height)[:, ::-1])

    data = make_clip("mp4", draw=mirror, prepare=lambda stream: stream.set_display_rotation(0, hflip=True))
    frames, notes = read_all(data)
    assert measure_corners(frames[0].pixels) <= 8
    assert notes == ["video.mirrored"]


@pytest.mark.parametrize(
    ("aspect", "size", "notes"),
    [
        (Fraction(4, 3), (128, 64), []),
        (Fraction(1, 2), (96, 128), []),
        (Fraction(50), (96, 64), ["video.aspect-ignored"]),
    ],
)
def test_pixels_become_square(aspect: Fraction, size: tuple[int, int], notes: list[str]) -> None:
    def prepare(stream: VideoStream) -> None:
        stream.codec_context.sample_aspect_ratio = aspect

    data = make_clip("mp4", prepare=prepare)
    facts = tell_facts(data)
    assert (facts.width, facts.height) == size
    frames, found = read_all(data)
    assert frames[0].pixels.shape == (size[1], size[0], 3)
    assert (found, [note.identifier for note in facts.notes]) == (notes, notes)


@pytest.mark.parametrize(
    ("pix_fmt", "size"),
    [
        ("yuv422p", (96, 64)),
        ("yuv444p", (97, 63)),
        ("yuv422p10le", (98, 66)),
        ("gray", (96, 64)),
        ("yuv420p", (98, 66)),
    ],
)
def test_finer_colours_and_odd_sizes(pix_fmt: str, size: tuple[int, int]) -> None:
    frames, notes = read_all(make_clip("matroska", "libx264", size, pix_fmt=pix_fmt))
    assert (frames[0].pixels.shape, notes) == ((size[1], size[0], 3), [])
    if pix_fmt != "gray":
        assert measure_corners(frames[0].pixels) <= 8


@pytest.mark.parametrize(
    ("matrix", "weights"),
    [(1, (0.2126, 0.0722)), (5, (0.299, 0.114)), (6, (0.299, 0.114)), (9, (0.2627, 0.0593))],
    ids=["709", "601-PAL", "601-NTSC", "2020"],
)
@pytest.mark.parametrize("full", [False, True])
def test_matrix_and_range_are_those_that_the_file_states(matrix: int, weights: tuple[float, float], full: bool) -> None:
    """Held to the definition in ITU-R BT.601, BT.709 and BT.2020, computed here."""
    codes = (120, 100, 160)

    def paint(picture: Picture) -> None:
        for plane, code in zip(picture.planes, codes, strict=True):
            plane.update(bytes([code]) * plane.buffer_size)
        picture.colorspace, picture.color_range = matrix, 2 if full else 1

    def prepare(stream: VideoStream) -> None:
        stream.codec_context.colorspace, stream.codec_context.color_range = matrix, 2 if full else 1

    data = make_clip("mp4", "libx264", pix_fmt="yuv444p", options={"qp": "0"}, prepare=prepare, change=paint)
    red, blue = weights
    luma = codes[0] / 255 if full else (codes[0] - 16) / 219
    cb, cr = ((code - 128) / (255 if full else 224) for code in codes[1:])
    r, b = luma + 2 * (1 - red) * cr, luma + 2 * (1 - blue) * cb
    expected = np.array([r, (luma - red * r - blue * b) / (1 - red - blue), b]) * 255
    frames, _ = read_all(data)
    assert np.abs(frames[0].pixels[32, 48] - expected).max() <= 1.5


def test_a_rate_that_changes_is_told_and_times_are_kept() -> None:
    times = [0, 40, 80, 120, 400, 420, 440, 1000, 1040, 1080]
    data = make_clip("mp4", times=times, time_base=Fraction(1, 1000), options={"bf": "0"})
    assert tell_facts(data).frame_rate == "variable"
    frames, _ = read_all(data)
    assert [frame.seconds for frame in frames] == pytest.approx([time / 1000 for time in times])
    assert [frame.seconds for frame in read_all(data, every=0.3)[0]] == pytest.approx([0, 0.4, 1.0])


def test_times_before_the_beginning_are_kept() -> None:
    data = make_clip("matroska", "libvpx", times=range(-4, 8))
    frames, _ = read_all(data)
    assert len(frames) == 12
    assert np.diff([frame.seconds for frame in frames]) == pytest.approx([0.04] * 11, abs=0.002)
    assert find(data, frames[0].name).name == frames[0].name


def test_an_edit_list_leaves_out_what_it_says() -> None:
    """A cut at the beginning, as telephones write it: pictures before it are in the file, and never shown."""
    data = bytearray(make_clip("mp4", times=range(50), options={"bf": "0", "g": "10"}))
    place = data.index(b"elst")
    assert int.from_bytes(data[place + 8 : place + 12], "big") == 1
    rate = int.from_bytes(data[data.index(b"mdhd") + 16 : data.index(b"mdhd") + 20], "big")
    data[place + 16 : place + 20] = round(rate * 0.8).to_bytes(4, "big")
    frames, _ = read_all(bytes(data))
    assert 28 <= len(frames) <= 31
    whole, _ = read_all(make_clip("mp4", times=range(50), options={"bf": "0", "g": "10"}))
    assert np.array_equal(frames[-1].pixels, whole[-1].pixels)


def test_interlaced_lines_become_whole_pictures() -> None:
    """The two fields of a picture are of two moments: the square's edges are combed unless they are told apart."""

    def weave(number: int, width: int, height: int) -> Pixels:
        scene = np.full((height, width, 3), 60, np.uint8)
        for field in (0, 1):
            left = 8 + (2 * number + field) * 3
            scene[field::2, left : left + 24] = 220
        return scene

    data = make_clip("mp4", "libx264", draw=weave, options={"x264-params": "interlaced=1:tff=1", "crf": "10"})
    facts = tell_facts(data)
    assert facts.interlaced
    frames, notes = read_all(data)
    assert notes == ["video.interlaced"]

    def comb(pixels: Pixels) -> float:
        rows = pixels[8:-8].astype(int)
        return float(np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean())

    assert comb(frames[5].pixels) < comb(weave(5, 96, 64)) / 4
    for frame in (frames[0], frames[5], frames[-1]):
        assert find(data, frame.name).name == frame.name


def _pq(light: float) -> float:
    """Return the code of an amount of light in cd/m² (SMPTE ST 2084, inverse EOTF)."""
    power = (light / 10_000) ** 0.1593017578125
    return float(((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def _hlg(scene: float) -> float:
    """Return the code of scene light (ARIB STD-B67, OETF)."""
    if scene <= 1 / 12:
        return float((3 * scene) ** 0.5)
    return float(0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073)


def _srgb(share: float) -> float:
    return 255 * (12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055)


def _write_grey(code: float) -> Callable[[Picture], None]:
    def paint(picture: Picture) -> None:
        for plane, value in zip(picture.planes, (round(64 + 876 * code), 512, 512), strict=True):
            plane.update(value.to_bytes(2, "little") * (plane.buffer_size // 2))

    return paint


@pytest.mark.parametrize(("transfer", "number"), [("PQ", 16), ("HLG", 18)])
@pytest.mark.parametrize("light", [2.03, 20.3, 101.5])
def test_high_dynamic_range_comes_out_as_the_light_it_means(transfer: str, number: int, light: float) -> None:
    """203 cd/m² are white paper; greys below seven tenths of that are held to the definitions, computed here."""
    code = _pq(light) if transfer == "PQ" else _hlg((light / 1000) ** (1 / 1.2))

    def prepare(stream: VideoStream) -> None:
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = number, 9, 9, 1

    data = make_clip(
        "mp4", "libx265", pix_fmt="yuv420p10le", options=X265, times=range(2), prepare=prepare, change=_write_grey(code)
    )
    facts = tell_facts(data)
    assert facts.transfer == transfer
    frames, notes = read_all(data)
    assert notes == ["video.high-range"]
    assert np.abs(frames[0].pixels[32, 48] - _srgb(light / 203)).max() <= 2


def test_sizes_that_change_in_mid_stream_are_kept() -> None:
    small, large = make_clip("matroska", "libvpx", (64, 48)), make_clip("matroska", "libvpx", (96, 64))
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as output:
        stream: Any = None
        for number, data in enumerate((small, large, small)):
            with av.open(io.BytesIO(data), "r") as source:
                stream = stream or output.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.dts is not None:
                        packet.pts = packet.dts = packet.dts + 480 * number
                        packet.stream = stream
                        output.mux(packet)
    frames, notes = read_all(file.getvalue())
    assert {frame.pixels.shape for frame in frames} == {(48, 64, 3), (64, 96, 3)}
    assert (len(frames), notes) == (36, ["video.size-changes"])
    for frame in frames[11:14]:
        assert find(file.getvalue(), frame.name).pixels.shape == frame.pixels.shape


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"x264-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:scenecut=0"}),
        ("libx264", {"x264-params": "intra-refresh=1:keyint=12:bframes=3"}),
        ("libx265", {"x265-params": X265["x265-params"] + ":open-gop=1:keyint=12:min-keyint=12:bframes=3:scenecut=0"}),
    ],
    ids=["H.264", "without points of entry", "H.265"],
)
def test_reading_from_anywhere_gives_the_frames_of_reading_from_the_beginning(
    codec: str, options: dict[str, str]
) -> None:
    """Also where frames behind a point of entry lean on what lies before it."""
    data = make_clip("mp4", codec, times=range(40), options=options)
    whole, _ = read_all(data)
    for frame in whole[::3]:
        frames, notes = read_all(data, start=frame.seconds, until=frame.seconds + 0.05)
        assert (frames[0].name, notes) == (frame.name, [])
        assert find(data, frame.name).name == frame.name


def test_one_picture_is_a_video() -> None:
    for container, codec in (("mp4", "libx264"), ("webm", "libvpx-vp9")):
        data = make_clip(container, codec, times=[0])
        frames, notes = read_all(data)
        assert (len(frames), notes) == (1, [])
        assert find(data, frames[0].name).name == frames[0].name


def test_a_name_that_promises_another_container_is_noted() -> None:
    facts = tell_facts(make_clip("avi", "mjpeg", pix_fmt="yuvj420p"), "holiday.mp4")
    assert facts.notes == (Message("video.other-ending", "", ending=".mp4", format="AVI"),)
    assert "content is AVI" in str(facts.notes[0])
