"""A reference number burnt into a picture that leaves: in a band of its own below it, where it covers nothing."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from semblance.faces.redaction.cover import FILL, GRID

_INK: Final = (255, 255, 255)
_SHARE: Final = 0.035
_SMALLEST: Final = 11
_LARGEST: Final = 64


def draw_band(width: int, height: int, text: str) -> NDArray[np.uint8]:
    """Return the band for pictures of that size: uint8, (rows, columns, 3), both even, as wide or wider than they."""
    size = min(_LARGEST, max(_SMALLEST, round(_SHARE * max(width, height))))
    font = ImageFont.load_default(size)
    while size > _SMALLEST and font.getlength(text) > width - size:
        size -= 1
        font = ImageFont.load_default(size)
    columns = max(width, round(font.getlength(text)) + size)
    band = Image.new("RGB", (_round_up(columns), _round_up(2 * size)), FILL)
    ImageDraw.Draw(band).text((size // 2, size // 3), text, font=font, fill=_INK)
    return np.asarray(band)


def add_band(pixels: NDArray[np.uint8], band: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with the band below it, filled up to the band's width and to even rows."""
    height, width = pixels.shape[:2]
    rows = _round_up(height)
    whole = np.full((rows + len(band), band.shape[1], 3), FILL, np.uint8)
    whole[:height, :width] = pixels
    whole[rows:] = band
    return whole


def _round_up(length: int) -> int:
    return -(-length // GRID) * GRID
