"""A covered still: the picture of a photo or frame that leaves, without any metadata, its reference number below it."""

import io
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semblance.faces.extractor import Extractor
from semblance.faces.pictures import encode_jpeg
from semblance.faces.redaction.cover import cover_pixels, make_mask, measure_hidden
from semblance.faces.redaction.missed import FindFaces, cover_missed
from semblance.faces.redaction.outlines import Outline, outline_box, outline_head
from semblance.faces.redaction.reference import add_band, draw_band
from semblance.terms.samples import Box

StillFormat = Literal["png", "jpeg"]

_QUALITY: Final = 92
_LOOKED_AT: Final = 2_560
"""Pixels on the longer side at which a covered photo is looked at again."""


@dataclass(frozen=True, slots=True)
class StillPlan:
    """What of a picture is covered, in its pixels: the heads of all but the chosen face, and what somebody marked."""

    chosen: Box
    others: tuple[Box, ...]
    boxes: tuple[Box, ...]

    @property
    def outlines(self) -> list[Outline]:
        """Return what is covered; raises ValueError where a box is no place."""
        return [*map(outline_head, self.others), *map(outline_box, self.boxes)]


@dataclass(frozen=True, slots=True, eq=False)
class CoveredView:
    """A covered picture, reduced to be looked at again; ``scale`` = its pixels for one of the picture's."""

    pixels: NDArray[np.uint8]
    scale: float


@dataclass(frozen=True, slots=True)
class CoveredStill:
    """The bytes of a still that may leave, after a person saw it.

    ``width`` and ``height`` are those of the picture above the band. ``covered`` is the share of it that is covered,
    ``hidden`` that of the chosen face; both 0 to 1.
    """

    data: bytes
    width: int
    height: int
    covered: float
    hidden: float


def view_covered(pixels: NDArray[np.uint8], plan: StillPlan) -> CoveredView:
    """Return the picture, uint8 (height, width, 3), RGB, upright, covered first and reduced then.

    Raises ValueError where a box is no place.
    """
    covered = cover_pixels(pixels, make_mask(pixels.shape, plan.outlines))
    scale = min(1.0, _LOOKED_AT / max(covered.shape))
    if scale < 1:
        covered = np.asarray(cv2.resize(covered, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    return CoveredView(covered, scale)


def find_missed(view: CoveredView, plan: StillPlan, find: FindFaces) -> tuple[Box, ...]:
    """Return the faces that are still seen in a covered picture beside the chosen one, in the picture's own pixels.

    Raises StillSeen where a face is seen however much is covered.
    """
    chosen = _scale(plan.chosen, view.scale)
    _, missed = cover_missed(view.pixels, make_mask(view.pixels.shape, ()), chosen, find)
    return tuple(_scale(face, 1 / view.scale) for face in missed)


def look_with(extractor: Extractor) -> FindFaces:
    """Return what finds faces with an extractor; it makes no template."""

    def find(pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
        found = extractor.locate(_wrap(pixels), name="still", turned=0)
        return tuple(face.box for face in found.faces)

    return find


def cover_still(
    pixels: NDArray[np.uint8], plan: StillPlan, *, missed: tuple[Box, ...], reference: str, still_format: StillFormat
) -> CoveredStill:
    """Cover what the plan says and the missed faces' heads, add the reference number, and encode anew.

    ``pixels``: uint8 (height, width, 3), RGB, upright. The same picture, plan and reference give the same bytes.
    Raises ValueError where a box is no place.
    """
    height, width = pixels.shape[:2]
    mask = make_mask(pixels.shape, [*plan.outlines, *map(outline_head, missed)])
    whole = add_band(cover_pixels(pixels, mask), draw_band(width, height, reference))
    return CoveredStill(
        encode_still(whole, still_format), width, height, float(mask.mean()), measure_hidden(mask, plan.chosen)
    )


def encode_still(pixels: NDArray[np.uint8], still_format: StillFormat) -> bytes:
    """Return the pixels as a PNG, or as a JPEG with whole colour channels; nothing but pixels is in either."""
    image = Image.fromarray(pixels)
    if still_format == "jpeg":
        return encode_jpeg(image, quality=_QUALITY, subsampling=0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _wrap(pixels: NDArray[np.uint8]) -> bytes:
    """Return the pixels as a PNG that is made fast, for looking once."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _scale(box: Box, scale: float) -> Box:
    return Box(box.left * scale, box.top * scale, box.right * scale, box.bottom * scale)
