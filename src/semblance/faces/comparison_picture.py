"""Pictures to compare faces by: the part of a photo around a face in as many pixels as the photo has there."""

import io
import math
from typing import Final

import cv2
import numpy as np
from PIL import Image, JpegImagePlugin

from semblance.faces.colour import render_srgb
from semblance.faces.decode import MAX_PIXELS, decode_photo
from semblance.faces.depth import DEEP_MODES
from semblance.faces.formats import PhotoFormat, recognise_format
from semblance.faces.opening import open_photo
from semblance.faces.orientation import read_orientation, read_xmp_orientation, turn_upright
from semblance.terms.samples import Box

Region = tuple[int, int, int, int]
"""Left, top, width and height of a part of the upright photo in whole pixels; it lies inside the photo."""

_QUALITY: Final = 92
_DRAFT_SCALES: Final = (8, 4, 2)


def find_region(width: int, height: int, box: Box, margin: float) -> Region:
    """Return the part of a photo of that size that lies around ``box``, cut off at the photo's edges.

    ``margin`` is added on each of the four sides, as a share of the box's longer side. Raises ValueError where the box
    does not touch the photo.
    """
    extra = max(box.width, box.height) * margin
    edges = (box.left - extra, box.top - extra, box.right + extra, box.bottom + extra)
    if not all(math.isfinite(edge) for edge in edges):
        raise ValueError(f"{box} is no place in a photo")
    left, top = max(0, math.floor(edges[0])), max(0, math.floor(edges[1]))
    right, bottom = min(width, math.ceil(edges[2])), min(height, math.ceil(edges[3]))
    if right <= left or bottom <= top:
        raise ValueError(f"{box} holds nothing of a photo of {width} x {height} pixels")
    return left, top, right - left, bottom - top


def render_region(data: bytes, *, name: str, box: Box, margin: float = 0.6, longest: int = 2_000) -> bytes:
    """Return a JPEG of the part of the photo around ``box`` that find_region tells for the upright photo's size.

    The picture has the photo's own pixels, or fewer where the part is longer than ``longest`` pixels; it is never
    enlarged, and colours and orientation are those of decode_photo. Raises what decode_photo raises, and ValueError
    where the box does not touch the photo.
    """
    return _render(data, name=name, box=box, margin=margin, longest=longest)


def render_whole(data: bytes, *, name: str, longest: int = 1_200) -> bytes:
    """Return the whole photo as a JPEG of at most ``longest`` pixels, faster than render_preview for large JPEGs.

    Raises what decode_photo raises.
    """
    return _render(data, name=name, box=None, margin=0, longest=longest)


def _render(data: bytes, *, name: str, box: Box | None, margin: float, longest: int) -> bytes:
    quick = _cut_jpeg(data, box, margin, longest) if recognise_format(data) is PhotoFormat.JPEG else None
    if quick is not None:
        return quick
    # every other format, and every JPEG with something unusual about it, takes the way that knows all of it
    photo = decode_photo(data, name=name)
    left, top, width, height = _choose_region(photo.facts.width, photo.facts.height, box, margin)
    part = Image.fromarray(np.ascontiguousarray(photo.pixels[top : top + height, left : left + width]))
    return _encode(part, longest)


def _choose_region(width: int, height: int, box: Box | None, margin: float) -> Region:
    return (0, 0, width, height) if box is None else find_region(width, height, box, margin)


def _cut_jpeg(data: bytes, box: Box | None, margin: float, longest: int) -> bytes | None:
    """Cut the part out before anything is made of the pixels around it; None: decode_photo has to look at the bytes.

    Colours are converted pixel by pixel, so that cutting first and converting then gives the same pixels.
    """
    try:
        image = open_photo(data, PhotoFormat.JPEG)
        if image.width * image.height > MAX_PIXELS or image.mode in DEEP_MODES:
            return None
        orientation = _read_orientation(image)
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
    return _encode(Image.fromarray(np.ascontiguousarray(pixels)), longest)


def _read_orientation(image: Image.Image) -> int:
    exif, xmp = image.info.get("exif"), image.info.get("xmp")
    orientation = read_orientation(exif) if isinstance(exif, bytes) and exif else None
    if orientation is None and isinstance(xmp, bytes):
        orientation = read_xmp_orientation(xmp)
    return orientation or 1


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


def _encode(image: Image.Image, longest: int) -> bytes:
    if max(image.size) > longest:
        share = longest / max(image.size)
        size = max(1, round(image.width * share)), max(1, round(image.height * share))
        # averages areas: several times faster than a windowed filter, and rings at no edge
        image = Image.fromarray(cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_AREA))
    buffer = io.BytesIO()
    # what an examiner measures must not be blurred by halved colour channels
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return buffer.getvalue()
