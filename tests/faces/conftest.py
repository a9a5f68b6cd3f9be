"""Small real photos in every format, made from the portraits that installed packages bring; and the packs."""

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.model_fixtures import write_manifest  # noqa: F401 - fixtures are found by their names here
from tests.workflows.conftest import draw, extractor_type  # noqa: F401

from semblance.faces.decode import decode_photo
from semblance.faces.extraction import PackExtractor
from semblance.faces.packs.opening import open_extractor
from semblance.faces.photo import Photo
from semblance.faces.sandbox.photos import decode_safely
from semblance.terms.ids import digest_bytes
from semblance.terms.samples import PhotoFacts

Encode = Callable[..., bytes]

DECODING = frozenset(f"test_decode_{part}.py" for part in ("bad", "colour", "damage", "formats", "fuzz", "orientation"))
"""Whose tests run twice: with photos decoded in this process, and as the product decodes them."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let what is true of the decoders be true of the processes that they run in."""
    if Path(str(metafunc.module.__file__)).name in DECODING:
        metafunc.fixturenames.append("way")
        metafunc.parametrize("way", ["here", "apart"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Decode here, or in a process apart."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "apart":
            patch.setattr(request.module, "decode_photo", decode_safely)
        yield


@pytest.fixture(scope="session")
def portrait(astronaut_path: Path) -> Image.Image:
    """Return the astronaut's face, RGB, 160 wide and 200 high, so that turning it is seen in its shape."""
    with Image.open(astronaut_path) as image:
        part = np.asarray(image.convert("RGB").crop((144, 0, 304, 200)))
    # Made anew, so that no metadata of the packaged file comes along.
    return Image.fromarray(part)


@pytest.fixture(scope="session")
def encode() -> Encode:
    """Return a function that encodes an image: ``encode(image, "PNG", **options)``."""

    def encode_image(image: Image.Image, photo_format: str, **options: Any) -> bytes:
        buffer = io.BytesIO()
        if photo_format == "HEIF":
            pillow_heif.from_pillow(image).save(buffer, **options)
        else:
            image.save(buffer, photo_format, **options)
        return buffer.getvalue()

    return encode_image


@pytest.fixture(scope="session")
def every_format(portrait: Image.Image, encode: Encode) -> dict[str, bytes]:
    """Return the portrait in each format that is read, by a name with the usual ending."""
    return {
        "photo.jpg": encode(portrait, "JPEG", quality=95, subsampling=0),
        "progressive.jpg": encode(portrait, "JPEG", quality=95, subsampling=0, progressive=True),
        "photo.png": encode(portrait, "PNG"),
        "photo.webp": encode(portrait, "WEBP", quality=95),
        "lossless.webp": encode(portrait, "WEBP", lossless=True),
        "photo.tif": encode(portrait, "TIFF"),
        "deflated.tif": encode(portrait, "TIFF", compression="tiff_deflate"),
        "jpeg-in.tif": encode(portrait, "TIFF", compression="jpeg", quality=95),
        "photo.bmp": encode(portrait, "BMP"),
        "photo.gif": encode(portrait, "GIF"),
        "photo.jp2": encode(portrait, "JPEG2000"),
        "photo.j2k": encode(portrait, "JPEG2000", no_jp2=True),
        "photo.heic": encode(portrait, "HEIF", quality=90),
        "photo.avif": encode(portrait, "AVIF", quality=90),
    }


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one folder of model packs for all tests, so that the pack `embedded` is made ready once."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def embedded(models: Path) -> PackExtractor:
    """Return the extractor of the pack `embedded`."""
    return open_extractor("embedded", models=models)


@pytest.fixture(scope="session")
def filled_models(models: Path, model_files: Path) -> Path:
    """Return the folder of model packs with the files of the pack `open` in it, or skip."""
    (models / "open").mkdir()
    for name in ("yunet_n_dynamic.onnx", "face-reidentification-retail-0095.onnx"):
        shutil.copyfile(model_files / name, models / "open" / name)
    return models


@pytest.fixture(scope="session")
def published(filled_models: Path) -> PackExtractor:
    """Return the extractor of the pack `open`, or skip."""
    return open_extractor("open", models=filled_models)


@pytest.fixture(params=["embedded", "open"])
def extractor(request: pytest.FixtureRequest) -> PackExtractor:
    """Return the extractor of each pack in turn."""
    found: PackExtractor = request.getfixturevalue("embedded" if request.param == "embedded" else "published")
    return found


@pytest.fixture(scope="session")
def astronaut(astronaut_path: Path) -> Photo:
    """Return the astronaut's portrait, decoded."""
    return decode_photo(astronaut_path.read_bytes(), name="astronaut.png")


@pytest.fixture(scope="session")
def hopper(hopper_path: Path) -> Photo:
    """Return the admiral's portrait, decoded."""
    return decode_photo(hopper_path.read_bytes(), name="grace_hopper.jpg")


@pytest.fixture(scope="session")
def as_photo() -> Callable[[NDArray[np.uint8]], Photo]:
    """Return a function that makes a photo of pixels."""

    def make(pixels: NDArray[np.uint8]) -> Photo:
        own = np.ascontiguousarray(pixels)
        own.flags.writeable = False
        height, width = own.shape[:2]
        return Photo(own, PhotoFacts(digest_bytes(own.tobytes()), "image/png", width, height, own.size))

    return make


@pytest.fixture(scope="session")
def sheet(astronaut: Photo, hopper: Photo, as_photo: Callable[[NDArray[np.uint8]], Photo]) -> Photo:
    """Return a photo of twenty faces: five columns of four, the two portraits by turns."""
    heads = (Image.fromarray(astronaut.pixels).crop((130, 0, 330, 240)), Image.fromarray(hopper.pixels))
    tiles = [np.asarray(head.resize((200, 240))) for head in heads]
    rows = [np.concatenate([tiles[(row + column) % 2] for column in range(5)], axis=1) for row in range(4)]
    return as_photo(np.concatenate(rows, axis=0))
