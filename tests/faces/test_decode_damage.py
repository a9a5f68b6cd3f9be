"""What a decoder had to guess or ignore is told: ends that are missing, rows that never came, frames that were left."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import ExifTags, Image
from tests.faces.test_decode_bad import _chunk

from semblance.errors import DamagedImage
from semblance.faces.decode import decode_photo
from semblance.faces.jpeg_damage import find_damage
from semblance.faces.orientation import turn_box, turn_upright
from semblance.faces.pictures import render_region
from semblance.terms.samples import Box

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

Encode = Callable[..., bytes]

WAYS: dict[str, dict[str, object]] = {
    "4:4:4": {"subsampling": 0},
    "4:2:0": {"subsampling": 2},
    "with restarts": {"restart_marker_blocks": 3},
    "progressive": {"progressive": True},
    "grey": {"mode": "L"},
    "progressive grey": {"mode": "L", "progressive": True},
    "inks": {"mode": "CMYK"},
}


@pytest.fixture(params=WAYS)
def jpeg(request: pytest.FixtureRequest, portrait: Image.Image, encode: Encode) -> bytes:
    """Return the portrait, 320 x 400, as a JPEG of each way in turn."""
    options = dict(WAYS[request.param])
    mode = str(options.pop("mode", "RGB"))
    return encode(portrait.resize((320, 400)).convert(mode), "JPEG", quality=88, **options)


def said(data: bytes) -> list[str]:
    return [note.identifier for note in decode_photo(data, name="x").facts.notes]


def test_a_whole_jpeg_is_taken_without_a_note(jpeg: bytes) -> None:
    assert find_damage(jpeg) is None
    assert decode_photo(jpeg, name="x").facts.undecoded is None


@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_last_two_bytes_is_taken_with_a_note(jpeg: bytes, missing: int) -> None:
    photo = decode_photo(jpeg[:-missing], name="x")
    assert photo.facts.notes[0].identifier == "photo.end-missing"
    assert photo.facts.undecoded is None
    assert np.array_equal(photo.pixels, decode_photo(jpeg, name="x").pixels)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.97])
def test_rows_that_never_came_are_named(jpeg: bytes, share: float) -> None:
    whole, cut = decode_photo(jpeg, name="x").pixels, decode_photo(jpeg[: int(len(jpeg) * share)], name="x")
    assert cut.facts.notes[0].identifier == "photo.cut-short"
    undecoded = cut.facts.undecoded
    assert undecoded is not None
    assert (undecoded.left, undecoded.right, undecoded.bottom) == (0, 320, 400)
    first = int(undecoded.top)
    assert cut.facts.notes[0].values == {"row": first}
    # what lies above is as it should be, but for the smoothing across the border
    assert np.array_equal(cut.pixels[: max(0, first - 16)], whole[: max(0, first - 16)])
    if b"\xff\xc2" not in jpeg:
        assert abs(first - 400 * share) < 60
        assert not np.array_equal(cut.pixels[first : first + 17], whole[first : first + 17])


def test_rows_that_are_missing_are_turned_with_the_photo(portrait: Image.Image, encode: Encode) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = encode(portrait, "JPEG", exif=exif)
    facts = decode_photo(data[: int(len(data) * 0.7)], name="x").facts
    assert (facts.width, facts.height) == (200, 160)
    undecoded = facts.undecoded
    assert undecoded is not None
    # a quarter clockwise: what was below is at the left
    assert (undecoded.left, undecoded.top, undecoded.bottom) == (0, 0, 160)
    assert 0 < undecoded.right < 120


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_is_turned_as_the_pixels_are(orientation: int) -> None:
    pixels = np.zeros((5, 7, 3), dtype=np.uint8)
    pixels[3:5, 1:4] = 255
    turned = turn_upright(pixels, orientation)
    box = turn_box(Box(1, 3, 4, 5), (7, 5), orientation)
    rows, columns = np.nonzero(turned[..., 0])
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (box.left, box.top, box.right, box.bottom)


def test_a_jpeg_that_breaks_off_before_its_picture_is_damaged(jpeg: bytes) -> None:
    scan = jpeg.index(b"\xff\xda")
    for end in (scan // 2, scan, scan + 8, *(() if b"\xff\xc2" in jpeg else (scan + 14,))):
        with pytest.raises(DamagedImage):
            decode_photo(jpeg[:end], name="x")


def test_what_libjpeg_warns_of_is_told(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "JPEG", quality=88)
    junk = data[:-2] + bytes(40) + data[-2:]
    (note,) = decode_photo(junk, name="x").facts.notes
    assert note.identifier == "photo.jpeg-warning"
    assert "extraneous bytes before marker 0xd9" in str(note)


def test_a_part_of_a_jpeg_that_breaks_off_can_be_shown(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "JPEG", quality=88)
    picture = render_region(data[: int(len(data) * 0.8)], name="x", box=Box(40, 40, 120, 140))
    assert Image.open(io.BytesIO(picture)).size[0] > 80


def test_a_png_says_by_its_checksums_what_pillow_does_not_look_at(portrait: Image.Image, encode: Encode) -> None:
    data = encode(portrait, "PNG")
    assert said(data) == []
    assert said(data[:-12]) == ["photo.end-missing"]
    place = data.index(b"IDAT")
    (length,) = struct.unpack_from(">I", data, place - 4)
    wrong = bytearray(data)
    wrong[place + 4 + length] ^= 1
    assert said(bytes(wrong)) == ["photo.checksum"]


def make_apng(still: Image.Image, frames: list[Image.Image], encode: Encode) -> bytes:
    """Return an APNG whose still picture is none of its frames (no frame control comes before its pixels)."""

    def pixels(image: Image.Image) -> bytes:
        rows = np.asarray(image.convert("RGB"))
        return zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))

    width, height = still.size
    parts = [encode(still, "PNG")[:33], _chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    parts.append(_chunk(b"IDAT", pixels(still)))
    for number, frame in enumerate(frames):
        control = struct.pack(">IIIIIHHBB", 2 * number, width, height, 0, 0, 1, 10, 0, 0)
        parts.append(_chunk(b"fcTL", control))
        parts.append(_chunk(b"fdAT", struct.pack(">I", 2 * number + 1) + pixels(frame)))
    return b"".join([*parts, _chunk(b"IEND", b"")])


def test_an_apng_shows_its_animation_and_not_the_still_picture(portrait: Image.Image, encode: Encode) -> None:
    still = Image.new("RGB", portrait.size, "blue")
    data = make_apng(still, [portrait, still], encode)
    photo = decode_photo(data, name="x")
    assert np.array_equal(photo.pixels, np.asarray(portrait))
    (note,) = photo.facts.notes
    assert (note.identifier, note.values["n"]) == ("photo.not-the-still", 2)
    ordinary = encode(portrait, "PNG", save_all=True, append_images=[still])
    photo = decode_photo(ordinary, name="x")
    assert np.array_equal(photo.pixels, np.asarray(portrait))
    assert [note.identifier for note in photo.facts.notes] == ["photo.first-of-frames"]
