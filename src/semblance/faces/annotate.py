"""Numbered marks drawn on the picture of a part of a photo, as a report shows them."""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_QUALITY: Final = 90
_RADIUS: Final = 0.018


def draw_marks(
    picture: bytes, region: tuple[float, float, float, float], spots: Sequence[tuple[int, float, float]]
) -> bytes:
    """Return the JPEG with a numbered ring at each spot.

    ``region`` is the part of the photo that the picture shows (left, top, width, height), and ``spots`` are number, x
    and y, all in pixels of the upright photo. Spots outside the region are left out.
    """
    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB")
    draw = ImageDraw.Draw(image)
    left, top, width, height = region
    radius = max(6.0, _RADIUS * max(image.size))
    font = ImageFont.load_default(size=max(10, round(1.5 * radius)))
    for number, x, y in spots:
        if not (left <= x <= left + width and top <= y <= top + height):
            continue
        at_x, at_y = (x - left) * image.width / width, (y - top) * image.height / height
        ring = (at_x - radius, at_y - radius, at_x + radius, at_y + radius)
        draw.ellipse(ring, outline=(0, 0, 0), width=max(3, round(radius / 2.5)))
        draw.ellipse(ring, outline=(255, 225, 60), width=max(1, round(radius / 5)))
        place = (at_x + radius * 1.2, at_y - radius * 1.6)
        draw.text(place, str(number), font=font, fill=(255, 225, 60), stroke_width=2, stroke_fill=(0, 0, 0))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
