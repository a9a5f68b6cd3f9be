"""Previews are upright, in sRGB, without metadata, and show the face that was asked for."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from semblance.errors import UnsupportedImage
from semblance.faces.colour import BACKDROP
from semblance.faces.decode import decode_photo
from semblance.faces.pictures import crop_face, render_face, render_photo, render_preview
from semblance.terms.samples import Box

Encode = Callable[..., bytes]


def _open(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert image.mode == "RGB"
    return image


@pytest.mark.parametrize(("longest", "size"), [(100, (80, 100)), (200, (160, 200)), (5000, (160, 200))])
def test_previews_fit_and_are_never_enlarged(
    longest: int, size: tuple[int, int], portrait: Image.Image, encode: Encode
) -> None:
    shown = _open(render_preview(encode(portrait, "PNG"), name="x.png", longest_side=longest))
    assert shown.size == size
    expected = np.asarray(portrait.resize(size, Image.Resampling.LANCZOS)).astype(int)
    assert np.abs(np.asarray(shown) - expected).mean() < 4


def test_previews_are_upright_and_tell_nothing_of_the_original(portrait: Image.Image, encode: Encode) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8298] = 6, "Secret Camera", "Secret Owner"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stored = portrait.transpose(Image.Transpose.ROTATE_90)
    data = encode(stored, "JPEG", quality=95, exif=exif, icc_profile=profile, comment=b"Secret place")
    for picture in (render_preview(data, name="x.jpg"), render_face(data, name="x.jpg", box=Box(30, 30, 90, 100))):
        assert b"Secret" not in picture
        assert b"Exif" not in picture
        assert b"ICC_PROFILE" not in picture
    shown = _open(render_preview(data, name="x.jpg"))
    assert shown.size == (160, 200)
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(portrait)).mean() < 6


def test_a_face_is_cut_out_with_its_margin(portrait: Image.Image, encode: Encode) -> None:
    box = Box(50, 70, 100, 120)
    shown = _open(render_face(encode(portrait, "PNG"), name="x", box=box, side=85, margin=0.35))
    # A box of 50 pixels and a margin of 35 % on each side: a square of 85 pixels, shown at its own size.
    wanted = portrait.crop((32, 52, 118, 138)).resize((85, 85))
    assert shown.size == (85, 85)
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(wanted)).mean() < 12


def test_without_a_margin_the_square_is_the_box(portrait: Image.Image) -> None:
    photo = decode_photo(_png(portrait), name="x")
    shown = np.asarray(_open(crop_face(photo, box=Box(40, 40, 100, 100), side=60, margin=0.0))).astype(int)
    assert np.abs(shown - photo.pixels[40:100, 40:100]).mean() < 4


def test_what_lies_beyond_the_edges_is_grey() -> None:
    photo = decode_photo(_png(Image.new("RGB", (100, 100), "white")), name="x")
    shown = np.asarray(_open(crop_face(photo, box=Box(-50, -50, 50, 50), side=200, margin=0.0))).astype(int)
    assert np.abs(shown[:90] - BACKDROP).max() <= 4
    assert np.abs(shown[:, :90] - BACKDROP).max() <= 4
    assert shown[110:, 110:].min() >= 250


@pytest.mark.parametrize("side", [24, 240, 512])
def test_a_face_of_twelve_pixels_is_shown_as_large_as_any(side: int, portrait: Image.Image) -> None:
    photo = decode_photo(_png(portrait), name="x")
    assert _open(crop_face(photo, box=Box(60.2, 70.7, 72.1, 82.9), side=side)).size == (side, side)


@pytest.mark.parametrize(
    "box", [Box(500, 500, 600, 600), Box(-90, 0, -50, 40), Box(10, 10, 10, 10), Box(float("nan"), 0, 5, 5)]
)
def test_a_box_that_holds_nothing_of_the_photo_is_a_mistake(box: Box, portrait: Image.Image) -> None:
    photo = decode_photo(_png(portrait), name="x")
    with pytest.raises(ValueError, match="holds nothing of a photo of 160 x 200 pixels"):
        crop_face(photo, box=box)


def test_neither_changes_the_photo(portrait: Image.Image) -> None:
    photo = decode_photo(_png(portrait), name="x")
    before = photo.pixels.copy()
    render_photo(photo, longest_side=50)
    crop_face(photo, box=Box(-5, -5, 300, 300))
    assert np.array_equal(photo.pixels, before)


def test_bytes_that_are_no_photo_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedImage, match=r"^x\.jpg "):
        render_preview(b"no", name="x.jpg")
    with pytest.raises(UnsupportedImage, match=r"^x\.jpg "):
        render_face(b"no", name="x.jpg", box=Box(0, 0, 1, 1))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
