"""All steps, one after the other, on a photo that stays as it is; quarter turns lose nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from semblance.errors import StepsInvalid
from semblance.faces.colour import BACKDROP
from semblance.faces.light import to_light, to_pixels
from semblance.faces.photo import Photo
from semblance.faces.preparation.placing import count_quarter_turns, place_step
from semblance.messages.message import Message
from semblance.terms.preparation import (
    Contrast,
    Crop,
    Deinterlace,
    Expose,
    Lines,
    Mirror,
    Rotate,
    Sharpen,
    Step,
    Straighten,
    describe_step,
    number_fault,
)


def apply_steps(photo: Photo, steps: Sequence[Step]) -> Photo:
    """Return the photo as the steps leave it, in their order; the same for the same photo and steps.

    The facts stay those of the original's bytes, with the new size in pixels and a note for each step. Raises
    StepsInvalid, which names the step at fault.
    """
    pixels = photo.pixels
    for number, step in enumerate(steps, start=1):
        try:
            pixels = _apply(pixels, step)
        except StepsInvalid as fault:
            raise number_fault(number, fault) from None
    if pixels is photo.pixels:
        return photo
    pixels.flags.writeable = False
    notes = (Message("photo.prepared", "prepared: {step}", step=describe_step(step)) for step in steps)
    height, width = pixels.shape[:2]
    facts = replace(photo.facts, width=width, height=height, notes=(*photo.facts.notes, *notes))
    return Photo(pixels=pixels, facts=facts)


def _apply(pixels: NDArray[np.uint8], step: Step) -> NDArray[np.uint8]:
    match step:
        case Crop():
            return crop(pixels, step)
        case Rotate() | Straighten():
            return turn(pixels, step)
        case Mirror():
            return mirror(pixels)
        case Expose():
            return expose(pixels, step)
        case Contrast():
            return stretch(pixels, step)
        case Sharpen():
            return sharpen(pixels, step)
        case Deinterlace():
            return deinterlace(pixels, step)


_HALF_PIXEL: Final = 0.5


def crop(pixels: NDArray[np.uint8], step: Crop) -> NDArray[np.uint8]:
    """Return the rectangle; raises StepsInvalid where it leaves the photo."""
    place_step(step, pixels.shape[1], pixels.shape[0])
    part = pixels[step.top : step.top + step.height, step.left : step.left + step.width]
    return np.ascontiguousarray(part)


def mirror(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the photo with left and right swapped."""
    return np.ascontiguousarray(pixels[:, ::-1])


def turn(pixels: NDArray[np.uint8], step: Rotate | Straighten) -> NDArray[np.uint8]:
    """Return the photo turned, whole, mid-grey where it opens; raises StepsInvalid where it would be too large."""
    placing = place_step(step, pixels.shape[1], pixels.shape[0])
    quarters = count_quarter_turns(step.degrees)
    if quarters is not None:
        return np.ascontiguousarray(np.rot90(pixels, -quarters))
    # OpenCV counts from the middle of the first pixel
    across = placing.c + _HALF_PIXEL * (placing.a + placing.b) - _HALF_PIXEL
    down = placing.f + _HALF_PIXEL * (placing.d + placing.e) - _HALF_PIXEL
    matrix = np.array([[placing.a, placing.b, across], [placing.d, placing.e, down]])
    turned = cv2.warpAffine(
        pixels,
        matrix,
        (placing.width, placing.height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BACKDROP,
    )
    return np.asarray(turned, dtype=np.uint8)


def expose(pixels: NDArray[np.uint8], step: Expose) -> NDArray[np.uint8]:
    """Return the photo with its light (linear, IEC 61966-2-1) doubled or halved by stops; what is too light clips."""
    levels = np.arange(256, dtype=np.uint8)
    return _look_up(pixels, to_pixels(to_light(levels) * np.float32(2.0**step.stops)))


def stretch(pixels: NDArray[np.uint8], step: Contrast) -> NDArray[np.uint8]:
    """Return the photo with the sRGB values stretched around the middle of the scale; what leaves it clips."""
    levels = (np.arange(256) - 127.5) * step.factor + 127.5
    return _look_up(pixels, np.rint(np.clip(levels, 0, 255)).astype(np.uint8))


def _look_up(pixels: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.LUT(pixels, table), dtype=np.uint8)


def sharpen(pixels: NDArray[np.uint8], step: Sharpen) -> NDArray[np.uint8]:
    """Return the photo with ``amount`` times its difference from a blurred copy added; what leaves the scale clips."""
    blurred = cv2.GaussianBlur(pixels, (0, 0), step.radius, borderType=cv2.BORDER_REPLICATE)
    sharper = cv2.addWeighted(pixels, 1 + step.amount, blurred, -step.amount, 0)
    return np.asarray(sharper, dtype=np.uint8)


def deinterlace(pixels: NDArray[np.uint8], step: Deinterlace) -> NDArray[np.uint8]:
    """Return the photo with the lines of one field, each line of the other the mean of the two around it.

    A line at the edge, and the one line of a photo of one, takes the value of its one neighbour, or stays.
    """
    filled = pixels.copy()
    height = len(pixels)
    missing = np.arange(1 if step.keep is Lines.UPPER else 0, height, 2)
    if height < 2:
        return filled
    above, below = missing - 1, missing + 1
    above = np.where(above < 0, below, above)
    below = np.where(below >= height, above, below)
    filled[missing] = (pixels[above].astype(np.uint16) + pixels[below] + 1) // 2
    return filled
