"""A region cut out of a photo's bytes, in this process, with as little as possible made of the pixels around it."""

from typing import Final

import numpy as np
from PIL import Image, JpegImagePlugin

from semblance.faces.colour import DEEP_MODES, render_srgb
from semblance.faces.cutting import Region, find_region
from semblance.faces.decode import decode_photo
from semblance.faces.formats import PhotoFormat, recognise_format
from semblance.faces.opening import open_photo
from semblance.faces.orientation import find_orientation, turn_further, turn_upright
from semblance.faces.photo import MAX_PIXELS, turn_photo
from semblance.terms.samples import Box, QuarterTurn

_DRAFT_SCALES: Final = (8, 4, 2)


def cut_region(
    data: bytes, name: str, box: Box | None, turned: QuarterTurn, margin: float, longest: int
) -> Image.Image:
    """Return the part of the photo around the box, None for all of it, ``longest`` pixels at most on a side.

    Colours and orientation are those of decode_photo; nothing is enlarged. Raises what decode_photo raises, and
    ValueError where the box does not touch the photo.
    """
    part = _cut_jpeg(data, box, turned, margin, longest) if recognise_format(data) is PhotoFormat.JPEG else None
    if part is None:
        # every other format, and every JPEG with something unusual about it, takes the way that knows all of it
        photo = turn_photo(decode_photo(data, name=name), turned)
        left, top, width, height = _choose_region(photo.facts.width, photo.facts.height, box, margin)
        part = Image.fromarray(np.ascontiguousarray(photo.pixels[top : top + height, left : left + width]))
    if max(part.size) > longest:
        factor = longest / max(part.size)
        size = max(1, round(part.width * factor)), max(1, round(part.height * factor))
        # averages areas: several times faster than a windowed filter, and rings at no edge
        part = part.resize(size, Image.Resampling.BOX)
    return part


def _choose_region(width: int, height: int, box: Box | None, margin: float) -> Region:
    return (0, 0, width, height) if box is None else find_region(width, height, box, margin)


def _cut_jpeg(data: bytes, box: Box | None, turned: QuarterTurn, margin: float, longest: int) -> Image.Image | None:
    """Cut the part out before anything is made of the pixels around it; None: decode_photo has to look at the bytes.

    Colours are converted pixel by pixel, so that cutting first and converting then gives the same pixels.
    """
    try:
        image = open_photo(data, PhotoFormat.JPEG)
        if image.width * image.height > MAX_PIXELS or image.mode in DEEP_MODES:
            return None
        orientation = turn_further(find_orientation(image.info), turned)
        stored = image.size
        width, height = stored[::-1] if orientation >= 5 else stored
        region = _choose_region(width, height, box, margin)
        shrunk = _draft(image, max(region[2:]), longest)
        image.load()
        part = image.crop(_lay_down(region, orientation, stored, shrunk))
        part.info = dict(image.info)
        pixels = turn_upright(render_srgb(part)[0], orientation)
    except Exception:  # noqa: BLE001 - a decoder may raise anything; decode_photo says in words what is wrong
        return None
    return Image.fromarray(np.ascontiguousarray(pixels))


def _draft(image: Image.Image, length: int, longest: int) -> int:
    """Let libjpeg leave out the detail that would be averaged away anyhow; return by how much it shrinks.

    As many pixels stay as are wanted, give or take one in twenty.
    """
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return 1
    for scale in _DRAFT_SCALES:
        if length >= 0.95 * longest * scale:
            before = image.size
            image.draft(None, (before[0] // scale, before[1] // scale))
            return round(before[0] / image.width)
    return 1


def _lay_down(region: Region, orientation: int, stored: tuple[int, int], shrunk: int) -> tuple[int, int, int, int]:
    """Return the crop box, in pixels of the image as it is stored and shrunk, of a part of the upright photo."""
    left, top, width, height = region
    right, bottom = left + width, top + height
    across, down = stored[::-1] if orientation >= 5 else stored
    if orientation in (2, 3, 6, 7):
        left, right = across - right, across - left
    if orientation in (3, 4, 7, 8):
        top, bottom = down - bottom, down - top
    if orientation >= 5:
        left, top, right, bottom = top, left, bottom, right
    return left // shrunk, top // shrunk, -(-right // shrunk), -(-bottom // shrunk)
