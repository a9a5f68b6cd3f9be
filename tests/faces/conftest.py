"""Small real photos in every format, made from the portraits that installed packages bring."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

Encode = Callable[..., bytes]


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
