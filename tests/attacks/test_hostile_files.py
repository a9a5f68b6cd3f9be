"""Whoever may hand in a photo makes it as bad as can be: it costs that photo, and memory within a bound."""

import io
import os
import random
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image
from tests.faces.conftest import encode, every_format, portrait  # noqa: F401 - fixtures are found by their names here

from semblance.errors import DecoderFailed, ImageTooLarge, IntakeError
from semblance.faces.pictures import render_preview
from semblance.faces.sandbox.confine import MEMORY
from semblance.faces.sandbox.photos import DECODERS, decode_safely
from semblance.faces.sandbox.pool import count_places

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is told as Linux tells it")

SECONDS: Final = float(os.environ.get("SEMBLANCE_FUZZ_SECONDS", "20"))
_MEGABYTE: Final = 1024 * 1024
_OWN: Final = 256 * _MEGABYTE
"""What the process that asks may take for pictures of photos of any size."""


def _read_peak(pid: int | str) -> int:
    """Return the most memory that the process ever had in use, 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


@contextmanager
def _bounded(decoders: int) -> Iterator[None]:
    """Fail where this process took more than it may, or its decoders more than so many bytes together."""
    DECODERS.end()
    Path("/proc/self/clear_refs").write_text("5")
    before = _read_peak("self")
    yield
    assert _read_peak("self") - before < _OWN
    assert sum(_read_peak(decoder.pid) for decoder in DECODERS.decoders) < decoders


def _make_tiff_bomb() -> bytes:
    """30 megapixels of 32-bit floats, nearly nothing when packed."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((5_000, 6_000), np.float32)).save(buffer, "TIFF", compression="tiff_adobe_deflate")
    return buffer.getvalue()


def _make_jpeg_2000_bomb(side: int) -> bytes:
    """A tile of one colour; the header says how large it is."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (90, 90, 90)).save(buffer, "JPEG2000", no_jp2=True, num_resolutions=1)
    data = bytearray(buffer.getvalue())
    struct.pack_into(">II", data, 8, side, side)
    struct.pack_into(">II", data, 24, side, side)
    return bytes(data)


def test_a_small_tiff_that_unpacks_to_floats() -> None:
    bomb = _make_tiff_bomb()
    assert len(bomb) < 200_000
    with _bounded(800 * _MEGABYTE):
        assert len(render_preview(bomb, name="bomb.tif")) < 100_000


def test_a_kilobyte_of_jpeg_2000() -> None:
    bomb = _make_jpeg_2000_bomb(7_700)
    assert len(bomb) < 1_100
    with _bounded(300 * _MEGABYTE), pytest.raises(ImageTooLarge, match="would take 678 megabytes while it is decoded"):
        render_preview(bomb, name="bomb.j2k")


def test_just_under_the_cap_the_limit_of_memory_holds() -> None:
    bomb = _make_jpeg_2000_bomb(6_600)
    with _bounded(MEMORY + 200 * _MEGABYTE), pytest.raises(IntakeError, match=r"^bomb\.j2k "):
        render_preview(bomb, name="bomb.j2k")


def test_eight_reads_of_one_png() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (5_000, 3_000), (90, 90, 90, 128)).save(buffer, "PNG", compress_level=1)
    data = buffer.getvalue()
    with _bounded(count_places() * 500 * _MEGABYTE), ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: render_preview(data, name="x.png"), range(8)))) == 1
        assert len(DECODERS.decoders) <= count_places()


@pytest.mark.parametrize("tag", [(322, 323), (278, 278)])
def test_a_strip_or_a_tile_much_larger_than_the_photo(
    tag: tuple[int, int],
    portrait: Image.Image,  # noqa: F811
) -> None:
    info = {tag[0]: 60_000, tag[1]: 60_000}
    buffer = io.BytesIO()
    portrait.save(buffer, "TIFF", tiffinfo=info, compression="tiff_deflate")
    data = bytearray(buffer.getvalue())
    for number in set(tag):
        _restate(data, number, 60_000)
    with _bounded(300 * _MEGABYTE):
        try:
            render_preview(bytes(data), name="x.tif")
        except IntakeError as error:
            assert str(error).startswith("x.tif ")  # noqa: PT017 - either way is right


def _restate(data: bytearray, wanted: int, value: int) -> None:
    (offset,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, offset)
    for index in range(entries):
        place = offset + 2 + 12 * index
        if struct.unpack_from("<H", data, place)[0] == wanted:
            struct.pack_into("<HHII", data, place, wanted, 4, 1, value)


def test_metadata_that_unpacks_without_end(portrait: Image.Image, encode: Callable[..., bytes]) -> None:  # noqa: F811
    flood = zlib.compress(bytes(400_000_000), 9)
    data = encode(portrait, "PNG")
    body = b"zTXt" + b"Comment\x00\x00" + flood
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with _bounded(300 * _MEGABYTE), pytest.raises(IntakeError):
        render_preview(data[:33] + chunk + data[33:], name="flood.png")


def _mutate(data: bytes, randomness: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(randomness.randint(1, 8)):
        place = randomness.randrange(min(len(changed), randomness.choice([64, 600, len(changed)])) or 1)
        length = randomness.choice([1, 1, 2, 4, 64, 900])
        match randomness.randrange(6):
            case 0:
                changed[place : place + 1] = bytes([randomness.randrange(256)])
            case 1:
                changed[place : place + 4] = struct.pack(randomness.choice("<>") + "I", randomness.getrandbits(32))
            case 2:
                changed[place : place + 2] = randomness.choice([b"\xff\xff", b"\x7f\xff", b"\x00\x00", b"\x80\x00"])
            case 3:
                del changed[place : place + length]
            case 4:
                changed[place:place] = randomness.randbytes(length)
            case 5:
                other = randomness.randrange(len(changed) or 1)
                changed[place : place + length] = changed[other : other + length]
    return bytes(changed)


@pytest.mark.timeout(SECONDS + 200)
def test_mutated_photos_of_every_format(every_format: dict[str, bytes]) -> None:  # noqa: F811
    """SEMBLANCE_FUZZ_SECONDS says for how long; one SEMBLANCE_FUZZ_SEED brings the same photos in the same order."""
    randomness = random.Random(os.environ.get("SEMBLANCE_FUZZ_SEED", "1"))
    decoded = refused = crashed = 0
    end = time.monotonic() + SECONDS
    with _bounded(count_places() * (MEMORY + 200 * _MEGABYTE)):
        while time.monotonic() < end:
            for data in every_format.values():
                mutated = _mutate(data, randomness)
                try:
                    photo = decode_safely(mutated, name="mutated")
                    assert photo.pixels.shape == (photo.facts.height, photo.facts.width, 3)
                    decoded += 1
                except DecoderFailed:
                    crashed += 1
                except IntakeError as error:
                    assert str(error).startswith("mutated ")  # noqa: PT017 - either way is right
                    refused += 1
    assert min(decoded, refused) > 0
    print(f"{decoded} decoded, {refused} refused, {crashed} decoders ended")  # noqa: T201
