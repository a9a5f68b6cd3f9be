"""Colours come out as a person would see them: depth, palettes, transparency, ink and profiles."""

import io
import struct
from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from semblance.faces.decode import decode_photo
from semblance.faces.photo import Photo

Encode = Callable[..., bytes]


def _grey(portrait: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(portrait.convert("L"), dtype=np.uint8)


def _largest_difference(photo: Photo, expected: object) -> int:
    wanted = np.asarray(expected).astype(int)
    if wanted.ndim == 2:
        wanted = np.repeat(wanted[..., None], 3, axis=2)
    return int(np.abs(photo.pixels.astype(int) - wanted).max())


def _tiff(samples: NDArray[np.generic], **options: object) -> bytes:
    buffer = io.BytesIO()
    options.setdefault("photometric", "minisblack" if samples.ndim == 2 else "rgb")
    tifffile.imwrite(buffer, samples, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def _png16(samples: NDArray[np.uint16]) -> bytes:
    """Write a 16-bit PNG by hand (ISO/IEC 15948): Pillow writes none with colours."""
    import zlib

    height, width, channels = samples.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in samples)

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png_is_scaled_and_not_clipped(channels: int, portrait: Image.Image) -> None:
    grey = _grey(portrait)
    colour = np.asarray(portrait)
    opaque = np.full((*grey.shape, 1), 255, dtype=np.uint8)
    base = grey[..., None] if channels < 3 else colour
    eight = base if channels in (1, 3) else np.concatenate([base, opaque], axis=2)
    photo = decode_photo(_png16(eight.astype(np.uint16) * 257), name="deep.png")
    assert _largest_difference(photo, grey if channels < 3 else colour) == 0
    assert photo.facts.notes == ()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_16_bit_grey_tiff(order: str, compression: str | None, portrait: Image.Image) -> None:
    grey = _grey(portrait)
    data = _tiff((grey.astype(np.uint16) * 257).astype(order + "u2"), byteorder=order, compression=compression)
    photo = decode_photo(data, name="deep.tif")
    assert _largest_difference(photo, grey) == 0
    assert photo.facts.notes == ()


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_colour_tiff(order: str, portrait: Image.Image) -> None:
    samples = (np.asarray(portrait).astype(np.uint16) * 257).astype(order + "u2")
    assert _largest_difference(decode_photo(_tiff(samples, byteorder=order), name="deep.tif"), portrait) == 0


def test_16_bit_tiff_where_white_is_zero(portrait: Image.Image) -> None:
    grey = _grey(portrait)
    data = _tiff(65535 - grey.astype(np.uint16) * 257, photometric="miniswhite")
    assert _largest_difference(decode_photo(data, name="deep.tif"), grey) == 0


def test_8_bit_tiff_where_white_is_zero(portrait: Image.Image) -> None:
    grey = _grey(portrait)
    assert _largest_difference(decode_photo(_tiff(255 - grey, photometric="miniswhite"), name="x.tif"), grey) == 0


def test_signed_16_bit_tiff(portrait: Image.Image) -> None:
    grey = _grey(portrait)
    photo = decode_photo(_tiff(np.rint(grey / 255 * 32767).astype(np.int16)), name="deep.tif")
    assert _largest_difference(photo, grey) <= 1


@pytest.mark.parametrize(
    ("kind", "white"),
    [("f4", 1.0), ("f4", 255.0), ("f4", 65535.0), ("i4", 255), ("i4", 65535), ("i4", 2147483647), ("u4", 65535)],
)
def test_32_bit_tiff_takes_the_smallest_usual_white(kind: str, white: float, portrait: Image.Image) -> None:
    grey = _grey(portrait).copy()
    grey[0, 0] = 255
    photo = decode_photo(_tiff((grey.astype(np.float64) / 255 * white).astype(kind)), name="deep.tif")
    assert _largest_difference(photo, grey) <= 1
    assert tuple(map(str, photo.facts.notes)) == (
        f"32-bit {'floats' if kind == 'f4' else 'integers'} name no white; {white:.0f} was taken for it",
    )


def test_floats_that_are_no_numbers_are_black(portrait: Image.Image) -> None:
    samples = _grey(portrait).astype(np.float32) / 255
    samples[:2] = np.nan
    samples[2:4] = -np.inf
    photo = decode_photo(_tiff(samples), name="deep.tif")
    assert photo.pixels[:4].max() == 0
    assert _largest_difference(Photo(photo.pixels[4:], photo.facts), _grey(portrait)[4:]) <= 1


def test_one_bit_palette_and_grey(portrait: Image.Image, encode: Encode) -> None:
    black_white = portrait.convert("1")
    assert _largest_difference(decode_photo(encode(black_white, "PNG"), name="x"), black_white.convert("L")) == 0
    fax = encode(black_white, "TIFF", compression="group4")
    assert _largest_difference(decode_photo(fax, name="x"), black_white.convert("L")) == 0
    palette = portrait.quantize(64)
    for photo_format in ("PNG", "GIF", "BMP", "TIFF"):
        photo = decode_photo(encode(palette, photo_format), name="x")
        assert _largest_difference(photo, palette.convert("RGB")) == 0
    for photo_format in ("PNG", "TIFF", "BMP", "JPEG2000"):
        photo = decode_photo(encode(portrait.convert("L"), photo_format), name="x")
        assert _largest_difference(photo, portrait.convert("L")) == 0
    assert (
        _largest_difference(
            decode_photo(encode(portrait.convert("L"), "JPEG", quality=95), name="x"), portrait.convert("L")
        )
        < 20
    )


def _with_hole(image: Image.Image) -> Image.Image:
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, 40, 40))
    alpha.paste(128, (40, 0, 80, 40))
    out = image.copy()
    out.putalpha(alpha)
    return out


@pytest.mark.parametrize("photo_format", ["PNG", "TIFF", "WEBP", "JPEG2000"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_transparent_parts_become_mid_grey(photo_format: str, mode: str, portrait: Image.Image, encode: Encode) -> None:
    flat = portrait.convert(mode)
    options = {"lossless": True, "exact": True} if photo_format == "WEBP" else {}
    photo = decode_photo(encode(_with_hole(flat), photo_format, **options), name="x")
    expected = np.asarray(flat.convert("RGB")).astype(float)
    expected[:40, :40] = 128
    expected[:40, 40:80] = expected[:40, 40:80] * 128 / 255 + 128 * 127 / 255
    assert _largest_difference(photo, np.rint(expected)) <= 1
    assert tuple(map(str, photo.facts.notes)) == ("transparent parts were filled with mid-grey",)


@pytest.mark.parametrize("photo_format", ["HEIF", "AVIF"])
def test_transparency_of_lossy_formats(photo_format: str, portrait: Image.Image, encode: Encode) -> None:
    photo = decode_photo(encode(_with_hole(portrait), photo_format), name="x")
    assert np.abs(photo.pixels[4:36, 4:36].astype(int) - 128).max() <= 3
    assert tuple(map(str, photo.facts.notes)) == ("transparent parts were filled with mid-grey",)


def test_transparent_colours_of_palette_and_grey(portrait: Image.Image, encode: Encode) -> None:
    palette = portrait.quantize(32)
    index = int(np.asarray(palette)[0, 0])
    for photo_format in ("PNG", "GIF"):
        photo = decode_photo(encode(palette, photo_format, transparency=index), name="x")
        assert photo.pixels[0, 0].tolist() == [128, 128, 128]
        assert tuple(map(str, photo.facts.notes)) == ("transparent parts were filled with mid-grey",)
    grey = Image.fromarray(np.array([[7, 200]], dtype=np.uint8))
    assert decode_photo(encode(grey, "PNG", transparency=7), name="x").pixels[0].tolist() == [[128] * 3, [200] * 3]
    deep = Image.fromarray(np.array([[1799, 51400]], dtype=np.uint16))
    assert decode_photo(encode(deep, "PNG", transparency=1799), name="x").pixels[0].tolist() == [[128] * 3, [200] * 3]


def test_an_alpha_channel_that_hides_nothing_leaves_no_note(portrait: Image.Image, encode: Encode) -> None:
    photo = decode_photo(encode(portrait.convert("RGBA"), "PNG"), name="x")
    assert photo.facts.notes == ()
    assert _largest_difference(photo, portrait) == 0


@pytest.mark.parametrize("photo_format", ["JPEG", "TIFF"])
def test_printing_colours_without_a_profile(photo_format: str, portrait: Image.Image, encode: Encode) -> None:
    """Pillow's JPEG is Adobe's kind: inverted, with the marker that says so."""
    options = {"quality": 95, "subsampling": 0} if photo_format == "JPEG" else {}
    data = encode(portrait.convert("CMYK"), photo_format, **options)
    assert (b"Adobe\x00" in data) == (photo_format == "JPEG")
    photo = decode_photo(data, name="x")
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 3
    assert tuple(map(str, photo.facts.notes)) == ("printing colours without a usable profile; they are approximate",)


def test_ycck_jpeg(portrait: Image.Image) -> None:
    """YCCK: the ink, as Adobe stores it, with its first three channels turned into YCbCr (Adobe's transform 2)."""
    ink = 255 - np.asarray(portrait)
    ycc = np.asarray(Image.fromarray(ink).convert("YCbCr"))
    four = np.concatenate([ycc, np.full((*ycc.shape[:2], 1), 255, dtype=np.uint8)], axis=2)
    buffer = io.BytesIO()
    # Pillow inverts what it writes; so the bytes go in inverted, and the marker is changed afterwards.
    Image.fromarray(255 - four, mode="CMYK").save(buffer, "JPEG", quality=98, subsampling=0)
    data = buffer.getvalue()
    place = data.index(b"Adobe\x00")
    assert data[place + 11] == 0
    data = data[: place + 11] + b"\x02" + data[place + 12 :]
    photo = decode_photo(data, name="x.jpg")
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 4


def test_lab_tiff(portrait: Image.Image, encode: Encode) -> None:
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = ImageCms.applyTransform(portrait, to_lab)
    assert lab is not None
    photo = decode_photo(encode(lab, "TIFF"), name="x.tif")
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 2


def _swapped_profile() -> bytes:
    """Return a profile whose red and green primaries are exchanged, so that obeying it cannot be overlooked."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_profiles_are_obeyed_in_every_format(photo_format: str, portrait: Image.Image, encode: Encode) -> None:
    red, green, blue = portrait.split()
    stored = Image.merge("RGB", (green, red, blue))
    options: dict[str, object] = {"quality": 95} if photo_format not in ("PNG", "TIFF") else {}
    if photo_format == "WEBP":
        options["lossless"] = True
    photo = decode_photo(encode(stored, photo_format, icc_profile=_swapped_profile(), **options), name="x")
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 5
    assert photo.facts.notes == ()


def test_profiles_are_obeyed_beneath_transparency_and_palettes(portrait: Image.Image, encode: Encode) -> None:
    red, green, blue = portrait.split()
    stored = Image.merge("RGB", (green, red, blue))
    photo = decode_photo(encode(_with_hole(stored), "PNG", icc_profile=_swapped_profile()), name="x")
    assert np.abs(photo.pixels[40:].astype(int) - np.asarray(portrait)[40:]).max() <= 3
    assert photo.pixels[0, 0].tolist() == [128, 128, 128]
    palette = stored.quantize(128)
    photo = decode_photo(encode(palette, "PNG", icc_profile=_swapped_profile()), name="x")
    swapped = np.asarray(palette.convert("RGB"))[..., [1, 0, 2]]
    assert np.abs(photo.pixels.astype(int) - swapped).max() <= 3


def test_srgb_itself_changes_nothing(portrait: Image.Image, encode: Encode) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = decode_photo(encode(portrait, "PNG", icc_profile=profile), name="x")
    assert _largest_difference(photo, portrait) == 0
    assert photo.facts.notes == ()


@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("kind", ["garbage", "cut", "zeros", "grey"])
def test_damaged_and_unfitting_profiles_are_ignored_with_a_note(
    photo_format: str, kind: str, portrait: Image.Image, encode: Encode
) -> None:
    whole = _swapped_profile()
    spoilt = {
        "garbage": b"this is no profile" * 20,
        "cut": whole[:140],
        "zeros": bytes(len(whole)),
        "grey": whole[:16] + b"GRAY" + whole[20:],
    }[kind]
    photo = decode_photo(encode(portrait, photo_format, icc_profile=spoilt), name="x")
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 6
    assert len(photo.facts.notes) == 1
    assert "profile" in str(photo.facts.notes[0])
    assert "ignored" in str(photo.facts.notes[0])


def test_a_jpeg_profile_with_missing_parts_is_ignored_with_a_note(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "JPEG", icc_profile=_swapped_profile(), quality=95, subsampling=0)
    place = data.index(b"ICC_PROFILE\x00") + 13
    photo = decode_photo(data[:place] + b"\x02" + data[place + 1 :], name="x")
    assert tuple(map(str, photo.facts.notes)) == ("the colour profile is damaged and was ignored",)
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 4
