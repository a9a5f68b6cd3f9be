"""How many bytes a decoder will hold for a photo, told from its header before anything is decoded."""

from collections.abc import Mapping
from typing import Final

from PIL import Image

from semblance.faces.formats import PhotoFormat

MAX_DECODED_BYTES: Final = 512 * 1024 * 1024
"""Twice what the largest photo of four 8-bit channels takes."""

_SAMPLE_BYTES: Final[Mapping[str, int]] = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_PIXEL_BYTES: Final = 4
"""Of every other mode: Pillow keeps two and three channels in the room of four."""

_TILE_WIDTH, _TILE_HEIGHT, _ROWS, _SAMPLES, _BITS = 322, 323, 278, 277, 258


def count_decoded_bytes(image: Image.Image, photo_format: PhotoFormat) -> int:
    """Return the bytes that decoding takes for the one page or frame that is used, whose header was read.

    Width times height times channels times bytes of a sample, as the decoder at hand holds them: OpenJPEG makes 32-bit
    integers of every channel, an animated WebP has two canvases of four channels, and libtiff unpacks a whole strip or
    tile beside the image.
    """
    pixels = image.width * image.height
    match photo_format:
        case PhotoFormat.JPEG_2000:
            return pixels * 4 * len(image.getbands())
        case PhotoFormat.WEBP:
            return pixels * 2 * _PIXEL_BYTES
        case PhotoFormat.TIFF:
            return pixels * _SAMPLE_BYTES.get(image.mode, _PIXEL_BYTES) + _count_strip(image)
        case _:
            return pixels * _SAMPLE_BYTES.get(image.mode, _PIXEL_BYTES)


def _count_strip(image: Image.Image) -> int:
    tags = getattr(image, "tag_v2", {})

    def read(tag: int, otherwise: int) -> int:
        value = tags.get(tag, otherwise)
        numbers = [number for number in (value if isinstance(value, tuple) else (value,)) if isinstance(number, int)]
        return max(numbers, default=otherwise)

    width = read(_TILE_WIDTH, image.width)
    rows = read(_TILE_HEIGHT, min(read(_ROWS, image.height), image.height))
    return width * rows * read(_SAMPLES, 1) * read(_BITS, 1) // 8
