"""Pictures for a person to look at: upright JPEGs in sRGB, without any metadata of the original."""

import io
import math
from typing import Final

import numpy as np
from PIL import Image

from semblance.faces.colour import BACKDROP
from semblance.faces.decode import decode_photo
from semblance.faces.photo import Photo
from semblance.terms.samples import Box

_QUALITY: Final = 88
_LARGEST_ENLARGEMENT: Final = 8.0


def render_preview(data: bytes, *, name: str, longest_side: int = 1200) -> bytes:
    """Return the photo as a JPEG whose longer side is ``longest_side`` pixels at most; it is never enlarged.

    Raises the kinds of IntakeError that decode_photo raises.
    """
    return render_photo(decode_photo(data, name=name), longest_side=longest_side)


def render_face(data: bytes, *, name: str, box: Box, side: int = 240, margin: float = 0.35) -> bytes:
    """Return a square JPEG, ``side`` pixels wide, of the face in ``box`` (pixels of the upright photo).

    ``margin`` is added on each of the four sides, as a share of the box's longer side. What lies beyond the photo's
    edges is mid-grey. Raises the kinds of IntakeError that decode_photo raises, and ValueError where the box does not
    touch the photo.
    """
    return crop_face(decode_photo(data, name=name), box=box, side=side, margin=margin)


def render_photo(photo: Photo, *, longest_side: int = 1200) -> bytes:
    """Do what render_preview does for a photo that is already decoded."""
    image = Image.fromarray(photo.pixels)
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return _encode(image)


def crop_face(photo: Photo, *, box: Box, side: int = 240, margin: float = 0.35) -> bytes:
    """Do what render_face does for a photo that is already decoded."""
    height, width = photo.pixels.shape[:2]
    edge = max(box.width, box.height) * (1 + 2 * margin)
    left, top = box.centre.x - edge / 2, box.centre.y - edge / 2
    touches = left < width and top < height and left + edge > 0 and top + edge > 0
    if not (math.isfinite(edge) and edge > 0 and touches):
        raise ValueError(f"{box} holds nothing of a photo of {width} x {height} pixels")
    # The part of the square that the photo covers, in whole pixels.
    first_column, first_row = max(0, math.floor(left)), max(0, math.floor(top))
    last_column, last_row = min(width, math.ceil(left + edge)), min(height, math.ceil(top + edge))
    part = Image.fromarray(np.ascontiguousarray(photo.pixels[first_row:last_row, first_column:last_column]))
    scale = min(side / edge, _LARGEST_ENLARGEMENT)
    shown = part.resize(
        (max(1, round(part.width * scale)), max(1, round(part.height * scale))), Image.Resampling.LANCZOS
    )
    square = Image.new("RGB", (side, side), BACKDROP)
    inset = (side - edge * scale) / 2
    square.paste(shown, (round(inset + (first_column - left) * scale), round(inset + (first_row - top) * scale)))
    return _encode(square)


def _encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()
