"""Tiny videos for the tests, made as cameras make them and as they do not."""

import io
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame as Picture
from av.video.stream import VideoStream
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
ENDINGS = {"mp4": "mp4", "mov": "mov", "matroska": "mkv", "avi": "avi", "webm": "webm"}
CORNERS = np.array([[[200, 40, 40], [40, 160, 40]], [[40, 60, 200], [200, 200, 190]]], np.uint8)
"""Red upper left, green upper right, blue lower left, nearly white lower right."""


def draw_scene(number: int, width: int, height: int) -> Pixels:
    """Return four quarters in four colours, and a grey square that moves from one picture to the next."""
    scene = np.repeat(np.repeat(CORNERS, -(-height // 2), axis=0), -(-width // 2), axis=1)[:height, :width].copy()
    left = (number * 4) % max(1, width - 8)
    scene[height // 2 - 4 : height // 2 + 4, left : left + 8] = 20 + 7 * number % 200
    return scene


def make_clip(*given: Any, **named: Any) -> bytes:
    """Return a video with a picture at each of the times, as ``_make_clip`` does.

    Now and then x265 on a busy machine hands out a stream that the container refuses; the encoder is not under test.
    """
    try:
        return _make_clip(*given, **named)
    except av.error.PatchWelcomeError:
        return _make_clip(*given, **named)


def _make_clip(
    container: str = "mp4",
    codec: str = "libx264",
    size: tuple[int, int] = (96, 64),
    *,
    times: Iterable[int] = range(12),
    time_base: Fraction = Fraction(1, 25),
    pix_fmt: str = "yuv420p",
    draw: Callable[[int, int, int], Pixels] = draw_scene,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    prepare: Callable[[VideoStream], None] = lambda _: None,
    change: Callable[[Picture], None] = lambda _: None,
) -> bytes:
    """Return a video with a picture at each of those times, in units of the time base.

    ``prepare`` sets what the file says of the stream, ``change`` what it says of a picture.
    """
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=container_options or {}) as output:
        rate = round(1 / time_base)
        stream: Any = output.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = time_base
        stream.codec_context.thread_count = 1
        prepare(stream)
        for number, pts in enumerate(times):
            picture = Picture.from_ndarray(draw(number, *size), format="rgb24").reformat(
                format=pix_fmt, dst_colorspace="ITU709" if size[1] >= 720 else "ITU601"
            )
            picture.pts, picture.time_base = pts, time_base
            change(picture)
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return file.getvalue()


def make_jumping_clip() -> bytes:
    """Return a video of 30 pictures, 25 a second, whose times jump back from 0.68 s to 0.1 s."""
    data = bytearray(
        make_clip(
            "matroska", times=range(30), options={"bf": "0", "g": "5"}, container_options={"cluster_time_limit": "200"}
        )
    )
    cluster = -1
    for _ in range(4):
        cluster = data.index(b"\x1f\x43\xb6\x75", cluster + 1)
    place = data.index(b"\xe7\x82", cluster)
    data[place + 2 : place + 4] = (100).to_bytes(2, "big")
    return bytes(data)


def name_corners(pixels: Pixels) -> Pixels:
    """Return the colours in the middles of the four quarters, shape (2, 2, 3)."""
    height, width, _ = pixels.shape
    rows, columns = (height // 5, height - height // 5 - 1), (width // 5, width - width // 5 - 1)
    return pixels[np.ix_(rows, columns)]
