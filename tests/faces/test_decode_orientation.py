"""A photo stands upright whichever way the camera was held, in every format that can say so."""

import contextlib
import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.decode import decode_photo
from semblance.faces.orientation import DamagedExif, read_orientation, turn_further, turn_upright
from semblance.terms.samples import QUARTER_TURNS, QuarterTurn

# Pytest puts its own warning filters in the place of the product's.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

# What a camera stores so that a viewer which obeys the tag sees the photo upright: the tag's inverse.
STORED: dict[int, Image.Transpose | None] = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def _exif(orientation: int, order: str = "<") -> bytes:
    start = b"II*\x00" if order == "<" else b"MM\x00*"
    entries = ((0x010F, 2, 4, b"Cam\x00"), (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0)))
    body = struct.pack(order + "IH", 8, len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack(order + "HHI", tag, kind, count) + value
    return b"Exif\x00\x00" + start + body + struct.pack(order + "I", 0)


def _store(image: Image.Image, orientation: int) -> Image.Image:
    way = STORED[orientation]
    return image if way is None else image.transpose(way)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_all_orientations_in_all_formats(
    orientation: int, photo_format: str, portrait: Image.Image, encode: Callable[..., bytes]
) -> None:
    options = {"lossless": True} if photo_format == "WEBP" else {}
    exif: object = _exif(orientation)
    if photo_format == "TIFF":
        tags = Image.Exif()
        tags[0x0112] = orientation
        exif = tags
    data = encode(_store(portrait, orientation), photo_format, exif=exif, **options)
    photo = decode_photo(data, name="photo")
    assert photo.pixels.shape == (200, 160, 3)
    assert (photo.facts.width, photo.facts.height) == (160, 200)
    assert photo.facts.notes == ()
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 5
    assert photo.pixels.flags.c_contiguous
    assert not photo.pixels.flags.writeable


@pytest.mark.parametrize("compression", ["tiff_deflate", "tiff_lzw"])
def test_compressed_tiff_is_turned_once(compression: str, portrait: Image.Image, encode: Callable[..., bytes]) -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    data = encode(_store(portrait, 6), "TIFF", exif=tags, compression=compression)
    assert np.array_equal(decode_photo(data, name="x").pixels, np.asarray(portrait))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_both_byte_orders(order: str, orientation: int) -> None:
    assert read_orientation(_exif(orientation, order)) == orientation


def test_orientation_in_xmp_only(portrait: Image.Image, encode: Callable[..., bytes]) -> None:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    data = encode(_store(portrait, 6), "WEBP", lossless=True, xmp=packet)
    assert np.array_equal(decode_photo(data, name="x").pixels, np.asarray(portrait))


@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00garbage that is no directory",
        b"Exif\x00\x00II*\x00\xff\xff\xff\x7f",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff",
        _exif(77),
        _exif(6).replace(struct.pack("<HHI", 0x0112, 3, 1), struct.pack("<HHI", 0x0112, 9, 900)),
    ],
)
def test_damaged_exif_is_ignored(
    exif: bytes, photo_format: str, portrait: Image.Image, encode: Callable[..., bytes], every_format: dict[str, bytes]
) -> None:
    if photo_format in ("AVIF", "HEIF"):
        # These encoders look into the block and write another: the damage comes into a file made from a sound one.
        data = encode(portrait, photo_format, exif=_exif(1))
        place = data.find(b"Cam\x00") - 18
        assert data[place : place + 2] in (b"II", b"MM")
        patch = exif[6:26]
        data = data[:place] + patch + data[place + len(patch) :]
    else:
        data = encode(portrait, photo_format, exif=exif)
    photo = decode_photo(data, name="x")
    assert photo.pixels.shape == (200, 160, 3)
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 5
    if photo_format in ("JPEG", "PNG", "WEBP"):
        assert len(photo.facts.notes) == 1
        assert "ignored" in str(photo.facts.notes[0])


def test_a_photo_of_unknown_orientation_is_left_without_a_note(
    portrait: Image.Image, encode: Callable[..., bytes]
) -> None:
    photo = decode_photo(encode(portrait, "JPEG", exif=_exif(0)), name="x")
    assert photo.facts.notes == ()
    assert photo.pixels.shape == (200, 160, 3)


@given(st.binary(max_size=200))
def test_any_block_gives_an_orientation_or_says_why_not(block: bytes) -> None:
    for exif in (block, b"II*\x00\x08\x00\x00\x00" + block, b"Exif\x00\x00MM\x00*" + block):
        found = None
        with contextlib.suppress(DamagedExif):
            found = read_orientation(exif)
        assert found is None or 1 <= found <= 8


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 8))
def test_turning_moves_pixels_and_changes_none(height: int, width: int, orientation: int) -> None:
    pixels: NDArray[np.uint8] = np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)
    before = pixels.copy()
    turned = turn_upright(pixels, orientation)
    assert turned.shape == ((width, height, 3) if orientation >= 5 else (height, width, 3))
    assert sorted(map(tuple, turned.reshape(-1, 3).tolist())) == sorted(map(tuple, pixels.reshape(-1, 3).tolist()))
    assert np.array_equal(pixels, before)
    stored = _store(Image.fromarray(before), orientation)
    assert np.array_equal(turn_upright(np.asarray(stored), orientation), before)


@given(st.integers(1, 8), st.sampled_from(QUARTER_TURNS))
def test_an_orientation_and_a_turn_are_one_orientation(orientation: int, turned: QuarterTurn) -> None:
    pixels: NDArray[np.uint8] = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    expected = np.rot90(turn_upright(pixels, orientation), -turned // 90)
    assert np.array_equal(turn_upright(pixels, turn_further(orientation, turned)), expected)


def test_imagemagicks_way_of_exif_in_png(portrait: Image.Image) -> None:
    from PIL.PngImagePlugin import PngInfo

    block = _exif(6)
    text = PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n", zip=True)
    buffer = io.BytesIO()
    _store(portrait, 6).save(buffer, "PNG", pnginfo=text)
    assert np.array_equal(decode_photo(buffer.getvalue(), name="x").pixels, np.asarray(portrait))
