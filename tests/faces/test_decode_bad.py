"""What is handed in and is no photo, or no longer one: each is named, explained, and costs next to nothing."""

import gzip
import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from semblance.errors import DamagedImage, ImageTooLarge, IntakeError, UnsupportedImage
from semblance.faces.decode import decode_photo
from semblance.faces.photo import MAX_PIXELS

# Pytest puts its own warning filters in the place of the product's.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

Encode = Callable[..., bytes]

NO_PHOTOS = {
    "report.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF document"),
    "drawing.svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
    "page.html": (b"<!DOCTYPE html><html><body>not found</body></html>", "a web page"),
    "clip.mp4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "a video"),
    "clip.mov": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "a video"),
    "clip.webm": (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01", "a video"),
    "clip.avi": (b"RIFF\x24\x00\x00\x00AVI LIST", "a video"),
    "sound.wav": (b"RIFF\x24\x00\x00\x00WAVEfmt ", "a sound file"),
    "raw.cr3": (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "a camera's raw file"),
    "layers.psd": (b"8BPS\x00\x01", "a Photoshop document"),
    "new.jxl": (b"\xff\x0a\xfa\x7f", "a JPEG XL image"),
    "letter.docx": (b"PK\x03\x04\x14\x00", "a ZIP archive"),
    "photos.gz": (gzip.compress(b"x"), "a compressed archive"),
    "notes.jpg": ("Ein Foto: größer als 12 Pixel".encode(), "text"),
    "letter.txt": ("é".encode() * 5000, "text"),
    "zeros.jpg": (bytes(5000), "nothing that Semblance knows"),
    "noise.jpg": (bytes(range(128, 256)) * 50, "nothing that Semblance knows"),
    "short.jpg": (b"\xff\xd8", "nothing that Semblance knows"),
    "mail.bmp": (b"BM 14 o'clock, at the station", "text"),
}


@pytest.mark.parametrize("name", NO_PHOTOS)
def test_what_is_no_photo_is_named_and_the_formats_listed(name: str) -> None:
    data, noun = NO_PHOTOS[name]
    with pytest.raises(UnsupportedImage) as caught:
        decode_photo(data, name=name)
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} is {noun}")
    assert "JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000, HEIC and AVIF" in sentence


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(UnsupportedImage, match=r"^gone\.jpg is empty: Semblance reads JPEG"):
        decode_photo(b"", name="gone.jpg")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.99])
def test_truncated_photos_are_damaged_in_every_format(share: float, every_format: dict[str, bytes]) -> None:
    for name, data in every_format.items():
        if name.endswith(".jpg"):
            # what is there of it is shown, and what is not is told
            continue
        cut = data[: max(16, int(len(data) * share))]
        with pytest.raises(DamagedImage) as caught:
            decode_photo(cut, name=name)
        assert str(caught.value).startswith(f"{name} starts as ")
        assert "export it anew" in str(caught.value)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png_header(width: int, height: int, *, bits: int = 8, colour: int = 2) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))


def _restate_size(name: str, data: bytes, width: int, height: int) -> bytes:
    """Return the photo with another size in its header, as a crafted file has it."""
    out = bytearray(data)
    ending = name.rpartition(".")[2]
    if ending == "png":
        return _png_header(width, height) + data[33:]
    if ending == "jpg":
        place = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
        struct.pack_into(">HH", out, place + 5, height, width)
    elif ending == "gif":
        struct.pack_into("<HH", out, 6, width, height)
    elif ending == "bmp":
        struct.pack_into("<ii", out, 18, width, height)
    elif ending == "tif":
        with Image.open(io.BytesIO(data)) as image:
            assert isinstance(image, TiffImagePlugin.TiffImageFile)
            (offset,) = struct.unpack_from("<I", data, 4)
        (entries,) = struct.unpack_from("<H", data, offset)
        for index in range(entries):
            place = offset + 2 + 12 * index
            (tag,) = struct.unpack_from("<H", data, place)
            if tag in (256, 257):
                struct.pack_into("<HHII", out, place, tag, 4, 1, width if tag == 256 else height)
    elif ending in ("jp2", "j2k"):
        place = data.find(b"\xff\x4f\xff\x51") + 8
        struct.pack_into(">II", out, place, width, height)
    elif ending in ("heic", "avif"):
        place = data.find(b"ispe") + 8
        struct.pack_into(">II", out, place, width, height)
    elif data[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        struct.pack_into("<I", out, 21, (bits >> 28 << 28) | (height - 1) << 14 | (width - 1))
    else:
        place = data.find(b"VP8 ") + 14
        struct.pack_into("<HH", out, place, width, height)
    return bytes(out)


def test_a_hundred_megapixels_are_refused_before_anything_is_decoded(every_format: dict[str, bytes]) -> None:
    for name, data in every_format.items():
        crafted = _restate_size(name, data, 12_000, 9_000)
        tracemalloc.start()
        start = time.perf_counter()
        with pytest.raises(ImageTooLarge) as caught:
            decode_photo(crafted, name=name)
        elapsed, (_, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert str(caught.value) == (
            f"{name} has 12000 x 9000 pixels (108 megapixels); at most 60 megapixels are read: "
            "make it smaller and try again."
        )
        assert elapsed < 0.5
        assert peak < 5_000_000


def test_a_real_decompression_bomb_is_refused_at_once() -> None:
    """30 000 x 30 000 white pixels in less than 400 kB."""
    squeezed = zlib.compressobj(9)
    row = bytes(1 + 30_000 // 8)
    body = b"".join(squeezed.compress(row) for _ in range(30_000)) + squeezed.flush()
    bomb = _png_header(30_000, 30_000, bits=1, colour=0) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    assert len(bomb) < 400_000
    start = time.perf_counter()
    with pytest.raises(ImageTooLarge, match=r"30000 x 30000 pixels \(900 megapixels\)"):
        decode_photo(bomb, name="bomb.png")
    assert time.perf_counter() - start < 0.5


def test_bombs_in_metadata_do_no_harm(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "PNG")
    flood = zlib.compress(bytes(200_000_000), 9)
    for kind in (b"zTXt", b"iCCP"):
        crafted = data[:33] + _chunk(kind, b"Comment\x00\x00" + flood) + data[33:]
        tracemalloc.start()
        with pytest.raises(IntakeError):
            decode_photo(crafted, name="flood.png")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()


def test_zero_dimensions_are_damage(every_format: dict[str, bytes]) -> None:
    for name, data in every_format.items():
        if name.endswith((".webp", ".gif")):
            # WebP counts from one and cannot say zero; a GIF of no size grows to that of its first frame.
            continue
        for width, height in ((0, 200), (160, 0), (0, 0)):
            with pytest.raises(DamagedImage, match=name):
                decode_photo(_restate_size(name, data, width, height), name=name)


def test_a_size_that_the_data_do_not_fill_is_damage(every_format: dict[str, bytes]) -> None:
    for name in ("photo.png", "photo.webp", "photo.tif", "photo.bmp", "deflated.tif", "photo.jp2", "photo.heic"):
        with pytest.raises(DamagedImage, match=name):
            decode_photo(_restate_size(name, every_format[name], 4000, 4000), name=name)


def test_the_cap_counts_pixels_and_is_the_callers(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "PNG")
    assert decode_photo(data, name="x", max_pixels=160 * 200).facts.width == 160
    with pytest.raises(ImageTooLarge, match=r"x has 160 x 200 pixels \(32,000 pixels\); at most 31,999 pixels"):
        decode_photo(data, name="x", max_pixels=160 * 200 - 1)
    assert MAX_PIXELS == 60_000_000


def test_just_under_the_cap_is_read() -> None:
    buffer = io.BytesIO()
    Image.new("L", (10_000, 5_999), 77).save(buffer, "PNG")
    photo = decode_photo(buffer.getvalue(), name="large.png")
    assert photo.pixels.shape == (5_999, 10_000, 3)
    assert int(photo.pixels.min()) == int(photo.pixels.max()) == 77


def test_variants_that_are_not_read_are_named(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "JPEG")
    place = data.index(b"\xff\xc0") + 4
    with pytest.raises(UnsupportedImage, match=r"scan\.jpg is a kind of JPEG .*12-bit.* export it as"):
        decode_photo(data[:place] + b"\x0c" + data[place + 1 :], name="scan.jpg")
    bmp = bytearray(encode(portrait, "BMP"))
    struct.pack_into("<H", bmp, 28, 7)
    with pytest.raises(UnsupportedImage, match=r"x\.bmp is a kind of BMP"):
        decode_photo(bytes(bmp), name="x.bmp")


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\x01\x04\x00\x00"}])
def test_a_raw_file_is_not_taken_for_its_thumbnail(tags: dict[int, object], portrait: Image.Image) -> None:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        info[tag] = value
        if tag == 50706:
            info.tagtype[tag] = 1
    buffer = io.BytesIO()
    portrait.save(buffer, "TIFF", tiffinfo=info)
    with pytest.raises(UnsupportedImage, match=r"IMG_1\.dng is a kind of TIFF .*camera's raw file"):
        decode_photo(buffer.getvalue(), name="IMG_1.dng")


def test_one_pixel_is_a_photo(encode: Encode) -> None:
    dot = Image.new("RGB", (1, 1), (10, 20, 30))
    for photo_format in ("PNG", "BMP", "TIFF"):
        pixels = decode_photo(encode(dot, photo_format), name="dot").pixels
        assert np.array_equal(pixels, np.array([[[10, 20, 30]]], dtype=np.uint8))
