"""A covered still: the picture of a photo or frame that leaves, without any metadata, its reference number below it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.pictures import encode_jpeg
from semblance.faces.redaction.cover import cover_pixels, make_mask, measure_hidden
from semblance.faces.redaction.missed import FindFaces, cover_missed
from semblance.faces.redaction.outlines import outline_box, outline_head
from semblance.faces.redaction.reference import add_band, draw_band
from semblance.terms.samples import Box

StillFormat = Literal["png", "jpeg"]

_QUALITY: Final = 92


@dataclass(frozen=True, slots=True)
class CoveredStill:
    """The bytes of a still that may leave, after a person saw it.

    ``width`` and ``height`` are those of the picture above the band. ``covered`` is the share of it that is covered,
    ``hidden`` that of the chosen face; both 0 to 1. ``missed`` are faces that only the last look found.
    """

    data: bytes
    width: int
    height: int
    covered: float
    hidden: float
    missed: tuple[Box, ...]


def cover_still(
    pixels: NDArray[np.uint8],
    *,
    chosen: Box,
    others: Sequence[Box],
    boxes: Sequence[Box],
    find: FindFaces,
    reference: str,
    still_format: StillFormat,
) -> CoveredStill:
    """Cover the heads of the other faces and the boxes, and whatever face is still seen, and encode anew.

    ``pixels``: uint8 (height, width, 3), RGB, upright. Raises StillSeen where a face is seen however much is covered,
    ValueError where a box is no place.
    """
    height, width = pixels.shape[:2]
    outlines = [*map(outline_head, others), *map(outline_box, boxes)]
    mask, missed = cover_missed(pixels, make_mask(pixels.shape, outlines), chosen, find)
    whole = add_band(cover_pixels(pixels, mask), draw_band(width, height, reference))
    data = encode_still(whole, still_format)
    return CoveredStill(data, width, height, float(mask.mean()), measure_hidden(mask, chosen), missed)


def encode_still(pixels: NDArray[np.uint8], still_format: StillFormat) -> bytes:
    """Return the pixels as a PNG, or as a JPEG with whole colour channels; nothing but pixels is in either."""
    image = Image.fromarray(pixels)
    if still_format == "jpeg":
        return encode_jpeg(image, quality=_QUALITY, subsampling=0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
