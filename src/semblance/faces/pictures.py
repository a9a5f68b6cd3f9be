"""Pictures for a person to look at: upright JPEGs in sRGB, without any metadata of the original."""

import io
import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont, JpegImagePlugin

from semblance.faces.colour import BACKDROP, DEEP_MODES, render_srgb
from semblance.faces.decode import MAX_PIXELS, decode_photo
from semblance.faces.formats import PhotoFormat, recognise_format
from semblance.faces.light import shrink
from semblance.faces.opening import open_photo
from semblance.faces.orientation import find_orientation, turn_upright
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
    return encode_jpeg(image, quality=_QUALITY, optimize=True)


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
    return encode_jpeg(square, quality=_QUALITY, optimize=True)


def encode_jpeg(image: Image.Image, *, quality: int, **options: Any) -> bytes:
    """Return the picture as a JPEG; ``options`` as Pillow's encoder takes them."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, **options)
    return buffer.getvalue()


Region = tuple[int, int, int, int]
"""Left, top, width and height of a part of the upright photo in whole pixels; it lies inside the photo."""

_COMPARISON_QUALITY: Final = 92
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
    return _encode_comparison(part, longest)


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
        orientation = find_orientation(image.info)
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
    return _encode_comparison(Image.fromarray(np.ascontiguousarray(pixels)), longest)


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


def _encode_comparison(image: Image.Image, longest: int) -> bytes:
    if max(image.size) > longest:
        # averages areas: several times faster than a windowed filter, and rings at no edge
        image = Image.fromarray(shrink(np.asarray(image), longest / max(image.size)))
    # what an examiner measures must not be blurred by halved colour channels
    return encode_jpeg(image, quality=_COMPARISON_QUALITY, subsampling=0)


_REPORT_QUALITY: Final = 90
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
    return encode_jpeg(image, quality=_REPORT_QUALITY)
