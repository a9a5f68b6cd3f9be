"""Every format that is read gives the same photo, and says what it was."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from semblance.faces.decode import decode_photo

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jp2": "image/jp2",
    ".j2k": "image/j2c",
    ".heic": "image/heic",
    ".avif": "image/avif",
}
LOSSLESS = {"photo.png", "lossless.webp", "photo.tif", "deflated.tif", "photo.bmp", "photo.jp2", "photo.j2k"}
NAMES = (
    *("photo.jpg", "progressive.jpg", "photo.png", "photo.webp", "lossless.webp", "photo.tif", "deflated.tif"),
    *("jpeg-in.tif", "photo.bmp", "photo.gif", "photo.jp2", "photo.j2k", "photo.heic", "photo.avif"),
)


@pytest.mark.parametrize("name", NAMES)
def test_every_format_gives_the_photo(name: str, every_format: dict[str, bytes], portrait: Image.Image) -> None:
    data = every_format[name]
    photo = decode_photo(data, name=name)
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.shape == (200, 160, 3)
    assert photo.pixels.flags.c_contiguous
    assert not photo.pixels.flags.writeable
    facts = photo.facts
    assert (facts.width, facts.height, facts.size) == (160, 200, len(data))
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    assert facts.media_type == MEDIA_TYPES[Path(name).suffix]
    assert facts.notes == ()
    difference = np.abs(photo.pixels.astype(int) - np.asarray(portrait))
    if name in LOSSLESS:
        assert difference.max() == 0
    else:
        assert difference.mean() < 6


def test_every_name_is_tried(every_format: dict[str, bytes]) -> None:
    assert set(every_format) == set(NAMES)


def test_the_content_counts_and_not_the_name(every_format: dict[str, bytes]) -> None:
    photo = decode_photo(every_format["photo.png"], name="holiday.JPG")
    assert photo.facts.media_type == "image/png"
    assert tuple(map(str, photo.facts.notes)) == ("the name ends in .jpg, but the content is PNG",)
    assert decode_photo(every_format["photo.png"], name="upload").facts.notes == ()
    assert decode_photo(every_format["photo.png"], name="record.2024").facts.notes == ()


def test_a_heif_container_may_be_named_in_either_way(every_format: dict[str, bytes]) -> None:
    assert decode_photo(every_format["photo.heic"], name="a.heif").facts.notes == ()
    assert decode_photo(every_format["photo.avif"], name="a.heif").facts.notes == ()


@pytest.mark.parametrize(
    ("name", "photo_format", "note"),
    [
        ("moving.gif", "GIF", "animated; its first frame is used"),
        ("moving.png", "PNG", "animated; the first of its 3 frames is used"),
        ("moving.webp", "WEBP", "animated; the first of its 3 frames is used"),
        ("moving.avif", "AVIF", "animated; the first of its 3 frames is used"),
        ("scan.tif", "TIFF", "its first page is used"),
    ],
)
def test_the_first_of_several_images_is_used_and_said(
    name: str, photo_format: str, note: str, portrait: Image.Image, encode: Callable[..., bytes]
) -> None:
    others = [Image.new("RGB", portrait.size, colour) for colour in ("red", "blue")]
    options = {"lossless": True} if photo_format == "WEBP" else {}
    data = encode(portrait, photo_format, save_all=True, append_images=others, **options)
    photo = decode_photo(data, name=name)
    assert tuple(map(str, photo.facts.notes)) == (note,)
    assert np.abs(photo.pixels.astype(int) - np.asarray(portrait)).mean() < 6


def test_the_primary_image_of_a_heic_is_used_and_said(portrait: Image.Image) -> None:
    several = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]
    several.add_from_pillow(Image.new("RGB", (64, 64), "red"))
    several.add_from_pillow(portrait)
    several.primary_index = 1
    buffer = io.BytesIO()
    several.save(buffer, quality=90, primary_index=1)
    photo = decode_photo(buffer.getvalue(), name="burst.heic")
    assert tuple(map(str, photo.facts.notes)) == ("holds 2 images; the one marked as primary is used",)
    assert photo.pixels.shape == (200, 160, 3)


def test_real_photos_are_read_without_a_note(hopper_path: Path, test_data: Path) -> None:
    paths = [hopper_path, *sorted((test_data / "fixtures").glob("*.jpg"))]
    assert len(paths) == 9
    for path in paths:
        photo = decode_photo(path.read_bytes(), name=path.name)
        with Image.open(path) as image:
            assert np.array_equal(photo.pixels, np.asarray(image.convert("RGB")))
        assert photo.facts.notes == ()


def test_many_threads_give_what_one_gives(every_format: dict[str, bytes]) -> None:
    alone = {name: decode_photo(data, name=name) for name, data in every_format.items()}
    with ThreadPoolExecutor(8) as pool:
        for name, photo in zip(
            [*every_format] * 8,
            pool.map(lambda name: decode_photo(every_format[name], name=name), [*every_format] * 8),
            strict=True,
        ):
            assert photo.facts == alone[name].facts
            assert np.array_equal(photo.pixels, alone[name].pixels)


def test_nothing_is_written_to_the_terminal(tmp_path: Path, every_format: dict[str, bytes]) -> None:
    """Libraries warn in Python and in C; both would reach the terminal of a bulk enrolment."""
    for name, data in every_format.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / f"cut-{name}").write_bytes(data[: len(data) // 2])
        flipped = bytearray(data)
        for place in range(len(data) // 3, len(data), max(1, len(data) // 40)):
            flipped[place] ^= 0x55
        (tmp_path / f"spoilt-{name}").write_bytes(bytes(flipped))
    script = (
        "import sys, pathlib\n"
        "from semblance.errors import IntakeError\n"
        "from semblance.faces.decode import decode_photo\n"
        "for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    try:\n"
        "        decode_photo(path.read_bytes(), name=path.name)\n"
        "    except IntakeError:\n"
        "        pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
