"""Parts of a photo for a person to look at, as pixels: the whole made smaller, a square around a face, a region."""

import math
from typing import Final

import numpy as np
from PIL import Image

from semblance.faces.colour import BACKDROP
from semblance.faces.photo import Photo
from semblance.terms.samples import Box

_LARGEST_ENLARGEMENT: Final = 8.0

Region = tuple[int, int, int, int]
"""Left, top, width and height of a part of the upright photo in whole pixels; it lies inside the photo."""


class OutsidePhoto(ValueError):
    """The box holds nothing of the photo."""

    def __init__(self, box: Box, width: int, height: int) -> None:
        super().__init__(f"{box} holds nothing of a photo of {width} x {height} pixels")


def shrink_photo(photo: Photo, longest_side: int) -> Image.Image:
    """Return the photo with ``longest_side`` pixels at most on its longer side; it is never enlarged."""
    image = Image.fromarray(photo.pixels)
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image


def cut_face(photo: Photo, box: Box, side: int, margin: float) -> Image.Image:
    """Return the square, ``side`` pixels wide, of the face in ``box`` (pixels of the upright photo).

    ``margin`` is added on each of the four sides, as a share of the box's longer side. What lies beyond the photo's
    edges is mid-grey. Raises OutsidePhoto where the box does not touch the photo.
    """
    height, width = photo.pixels.shape[:2]
    edge = max(box.width, box.height) * (1 + 2 * margin)
    left, top = box.centre.x - edge / 2, box.centre.y - edge / 2
    touches = left < width and top < height and left + edge > 0 and top + edge > 0
    if not (math.isfinite(edge) and edge > 0 and touches):
        raise OutsidePhoto(box, width, height)
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
    return square


def find_region(width: int, height: int, box: Box, margin: float) -> Region:
    """Return the part of a photo of that size that lies around ``box``, cut off at the photo's edges.

    ``margin`` is added on each of the four sides, as a share of the box's longer side. Raises OutsidePhoto where the
    box does not touch the photo, ValueError where it is no place.
    """
    extra = max(box.width, box.height) * margin
    edges = (box.left - extra, box.top - extra, box.right + extra, box.bottom + extra)
    if not all(math.isfinite(edge) for edge in edges):
        raise ValueError(f"{box} is no place in a photo")
    left, top = max(0, math.floor(edges[0])), max(0, math.floor(edges[1]))
    right, bottom = min(width, math.ceil(edges[2])), min(height, math.ceil(edges[3]))
    if right <= left or bottom <= top:
        raise OutsidePhoto(box, width, height)
    return left, top, right - left, bottom - top
