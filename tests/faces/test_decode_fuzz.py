"""Whatever is done to a photo's bytes, decoding ends in a photo or in an IntakeError that names the file."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from semblance.errors import IntakeError
from semblance.faces.decode import decode_photo

FORMATS = [
    "photo.jpg",
    "progressive.jpg",
    "photo.png",
    "photo.webp",
    "lossless.webp",
    "photo.tif",
    "deflated.tif",
    "jpeg-in.tif",
    "photo.bmp",
    "photo.gif",
    "photo.jp2",
    "photo.j2k",
    "photo.heic",
    "photo.avif",
]

# Pytest puts its own warning filters in the place of the product's.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def _try(data: bytes) -> bool:
    try:
        photo = decode_photo(data, name="fuzzed", max_pixels=1_000_000)
    except IntakeError as error:
        assert str(error).startswith("fuzzed ")  # noqa: PT017 - either way is right; this is the law for errors
        return False
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.ndim == 3
    assert photo.pixels.shape == (photo.facts.height, photo.facts.width, 3)
    return True


@pytest.fixture(scope="module")
def small(portrait: Image.Image, every_format: dict[str, bytes]) -> dict[str, bytes]:
    """Return each format's file, and fail where a format is left out."""
    assert set(FORMATS) == set(every_format)
    return every_format


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
    in_header=st.booleans(),
    keep=st.floats(0.05, 1),
)
def test_changed_bytes(
    name: str, small: dict[str, bytes], edits: list[tuple[float, int]], *, in_header: bool, keep: float
) -> None:
    data = bytearray(small[name])
    reach = min(len(data), 400) if in_header else len(data)
    for place, value in edits:
        data[min(int(place * reach), reach - 1)] = value
    _try(bytes(data[: int(len(data) * keep)] if keep < 0.5 else data))


@pytest.mark.parametrize("name", FORMATS)
def test_blocks_moved_doubled_and_dropped(name: str, small: dict[str, bytes]) -> None:
    randomness = random.Random(20_240_601)
    data = small[name]
    for _ in range(40):
        first, second = sorted(randomness.sample(range(len(data)), 2))
        length = randomness.choice([1, 4, 64, 1000])
        _try(data[:first] + data[second:])
        _try(data[:second] + data[first:])
        _try(data[:first] + randomness.randbytes(length) + data[first + length :])


@pytest.mark.parametrize("name", FORMATS)
def test_a_signature_followed_by_anything(name: str, small: dict[str, bytes]) -> None:
    randomness = random.Random(7)
    for length in (4, 8, 12, 16, 30, 64):
        _try(small[name][:length] + randomness.randbytes(500))
        _try(small[name][:length])
        _try(small[name][:length] + bytes(500))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert _try(data) is False or data[:2] == b"BM"
