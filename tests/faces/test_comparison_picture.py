"""The picture to compare by shows what decode_photo sees there, whichever way the photo was stored."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from semblance.errors import DamagedImage, UnsupportedImage
from semblance.faces.cutting import find_region
from semblance.faces.decode import decode_photo
from semblance.faces.photo import turn_photo
from semblance.faces.pictures import render_face, render_preview, render_region, render_whole
from semblance.terms.samples import QUARTER_TURNS, Box, QuarterTurn

Encode = Callable[..., bytes]
BOX = Box(40, 50, 110, 140)


def _open(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    return image


def _cut(data: bytes, box: Box, margin: float) -> NDArray[np.uint8]:
    photo = decode_photo(data, name="x")
    left, top, width, height = find_region(photo.facts.width, photo.facts.height, box, margin)
    return photo.pixels[top : top + height, left : left + width]


def _check_same(data: bytes, box: Box = BOX, margin: float = 0.2) -> None:
    shown = np.asarray(_open(render_region(data, name="x", box=box, margin=margin)))
    expected = _cut(data, box, margin)
    assert shown.shape == expected.shape
    assert np.abs(shown.astype(int) - expected).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP"])
def test_every_orientation(orientation: int, photo_format: str, portrait: Image.Image, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    _check_same(encode(portrait, photo_format, exif=exif))


@pytest.mark.parametrize("turned", QUARTER_TURNS[1:])
@pytest.mark.parametrize("orientation", [1, 5, 6])
@pytest.mark.parametrize("photo_format", ["JPEG", "PNG"])
def test_every_turn_after_every_orientation(
    turned: QuarterTurn, orientation: int, photo_format: str, portrait: Image.Image, encode: Encode
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(portrait, photo_format, exif=exif)
    expected = turn_photo(decode_photo(data, name="x"), turned).pixels
    box = Box(20, 30, 90, 100)
    left, top, width, height = find_region(expected.shape[1], expected.shape[0], box, 0.2)
    near = render_region(data, name="x", box=box, turned=turned, margin=0.2)
    pictures = {
        near: expected[top : top + height, left : left + width],
        render_whole(data, name="x", turned=turned): expected,
        render_preview(data, name="x", turned=turned): expected,
        render_face(data, name="x", box=box, turned=turned, side=70, margin=0.0): expected[30:100, 20:90],
    }
    for picture, pixels in pictures.items():
        shown = np.asarray(_open(picture))
        assert shown.shape == pixels.shape
        assert np.abs(shown.astype(int) - pixels).mean() < 4


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_ink(mode: str, portrait: Image.Image, encode: Encode) -> None:
    _check_same(encode(portrait.convert(mode), "JPEG", quality=95))


def test_a_colour_profile_is_obeyed(portrait: Image.Image, encode: Encode) -> None:
    # a profile whose colours stand in another order, so that whoever ignores it is found out
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = data.index(b"rXYZ"), data.index(b"bXYZ")
    data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
    encoded = encode(portrait, "JPEG", quality=95, icc_profile=bytes(data))
    plain = encode(portrait, "JPEG", quality=95)
    assert np.abs(_cut(encoded, BOX, 0.2).astype(int) - _cut(plain, BOX, 0.2)).mean() > 10
    _check_same(encoded)


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_a_large_photo_is_made_smaller_in_the_right_place(
    orientation: int, portrait: Image.Image, encode: Encode
) -> None:
    large = portrait.resize((portrait.width * 20, portrait.height * 20), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(large, "JPEG", quality=90, exif=exif)
    box = Box(600, 700, 2400, 2500)
    shown = _open(render_region(data, name="x", box=box, margin=0.2, longest=600))
    assert max(shown.size) == 600
    expected = np.asarray(Image.fromarray(_cut(data, box, 0.2)).resize(shown.size, Image.Resampling.BOX))
    difference = np.abs(np.asarray(shown).astype(int) - expected)
    assert difference.mean() < 3
    # two pixels further off it would no longer be the same picture
    assert np.abs(np.roll(np.asarray(shown), 2, axis=1).astype(int) - expected).mean() > 1.5 * difference.mean()


def test_forty_megapixels_of_which_everything_is_wanted(portrait: Image.Image, encode: Encode) -> None:
    large = portrait.resize((5_700, 7_125), Image.Resampling.BILINEAR)
    data = encode(large, "JPEG", quality=80)
    shown = _open(render_region(data, name="x", box=Box(0, 0, 5_700, 7_125)))
    assert shown.size == (1_600, 2_000)
    assert _open(render_whole(data, name="x")).size == (960, 1_200)


def test_nothing_of_the_original_but_the_pixels(portrait: Image.Image, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x8298] = "Secret Camera", "Secret Owner"
    made = render_region(encode(portrait, "JPEG", exif=exif, comment=b"Secret"), name="x", box=BOX)
    assert b"Secret" not in made
    assert not _open(made).getexif()


def test_what_is_no_photo_or_no_place_is_refused(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "JPEG")
    with pytest.raises(UnsupportedImage):
        render_region(b"Dear Sir or Madam,", name="letter", box=BOX)
    with pytest.raises(DamagedImage):
        render_region(data[:200], name="half.jpg", box=BOX)
    with pytest.raises(ValueError, match="holds nothing"):
        render_region(data, name="x", box=Box(500, 500, 600, 600), margin=0.1)


@given(
    width=st.integers(1, 9_000),
    height=st.integers(1, 9_000),
    left=st.floats(-500, 9_000),
    top=st.floats(-500, 9_000),
    side=st.floats(1, 5_000),
    margin=st.floats(0, 2),
)
def test_a_region_lies_in_the_photo_and_holds_what_the_photo_has_of_the_face(
    width: int, height: int, left: float, top: float, side: float, margin: float
) -> None:
    box = Box(left, top, left + side, top + side)
    if left >= width or top >= height or box.right <= 0 or box.bottom <= 0:
        return
    x, y, wide, high = find_region(width, height, box, margin)
    assert 0 <= x < x + wide <= width
    assert 0 <= y < y + high <= height
    assert x <= max(0, left)
    assert y <= max(0, top)
    assert x + wide >= min(width, box.right)
    assert y + high >= min(height, box.bottom)
