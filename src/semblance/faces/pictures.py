"""Pictures for a person to look at: upright JPEGs in sRGB, without any metadata of the original."""

import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from semblance.faces.cutting import cut_face, shrink_photo
from semblance.faces.photo import Photo
from semblance.faces.sandbox.photos import draw_face, draw_preview, draw_region
from semblance.faces.video.frame import VideoFrame
from semblance.terms.samples import Box, QuarterTurn

_QUALITY: Final = 88
_COMPARISON_QUALITY: Final = 92
_FRAME_QUALITY: Final = 85


def render_preview(data: bytes, *, name: str, turned: QuarterTurn = 0, longest_side: int = 1200) -> bytes:
    """Return the photo as a JPEG whose longer side is ``longest_side`` pixels at most; it is never enlarged.

    Raises the kinds of IntakeError that decode_safely raises.
    """
    return _encode_small(Image.fromarray(draw_preview(data, name=name, turned=turned, longest=longest_side)))


def render_face(
    data: bytes, *, name: str, box: Box, turned: QuarterTurn = 0, side: int = 240, margin: float = 0.35
) -> bytes:
    """Return a square JPEG, ``side`` pixels wide, of the face in ``box`` (pixels of the upright photo).

    ``margin`` is added on each of the four sides, as a share of the box's longer side. What lies beyond the photo's
    edges is mid-grey. Raises the kinds of IntakeError that decode_safely raises, and ValueError where the box does not
    touch the photo.
    """
    pixels = draw_face(data, name=name, box=box, turned=turned, side=side, margin=margin)
    return _encode_small(Image.fromarray(pixels))


def render_photo(photo: Photo, *, longest_side: int = 1200) -> bytes:
    """Do what render_preview does for a photo that is already decoded."""
    return _encode_small(shrink_photo(photo, longest_side))


def crop_face(photo: Photo, *, box: Box, side: int = 240, margin: float = 0.35) -> bytes:
    """Do what render_face does for a photo that is already decoded."""
    return _encode_small(cut_face(photo, box, side, margin))


def render_region(
    data: bytes, *, name: str, box: Box, turned: QuarterTurn = 0, margin: float = 0.6, longest: int = 2_000
) -> bytes:
    """Return a JPEG of the part of the photo around ``box`` that find_region tells for the upright photo's size.

    The picture has the photo's own pixels, or fewer where the part is longer than ``longest`` pixels; it is never
    enlarged, and colours and orientation are those of decode_safely. Raises what decode_safely raises, and ValueError
    where the box does not touch the photo.
    """
    pixels = draw_region(data, name=name, box=box, turned=turned, margin=margin, longest=longest)
    return _encode_comparison(pixels)


def render_whole(data: bytes, *, name: str, turned: QuarterTurn = 0, longest: int = 1_200) -> bytes:
    """Return the whole photo as a JPEG of at most ``longest`` pixels, faster than render_preview for large JPEGs.

    Raises what decode_safely raises.
    """
    return _encode_comparison(draw_region(data, name=name, box=None, turned=turned, margin=0, longest=longest))


def render_frame(frame: VideoFrame) -> bytes:
    """Return a frame of a video as a JPEG in the size that it has."""
    return encode_jpeg(Image.fromarray(frame.pixels), quality=_FRAME_QUALITY)


def encode_jpeg(image: Image.Image, *, quality: int, **options: Any) -> bytes:
    """Return the picture as a JPEG; ``options`` as Pillow's encoder takes them."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, **options)
    return buffer.getvalue()


def _encode_small(image: Image.Image) -> bytes:
    return encode_jpeg(image, quality=_QUALITY, optimize=True)


def _encode_comparison(pixels: NDArray[np.uint8]) -> bytes:
    # what an examiner measures must not be blurred by halved colour channels
    return encode_jpeg(Image.fromarray(pixels), quality=_COMPARISON_QUALITY, subsampling=0)


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
