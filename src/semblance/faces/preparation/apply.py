"""All steps, one after the other, on a photo that stays as it is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from semblance.errors import StepsInvalid
from semblance.faces.photo import Photo
from semblance.faces.preparation.deinterlace import deinterlace
from semblance.faces.preparation.shape import crop, mirror, turn
from semblance.faces.preparation.sharpen import sharpen
from semblance.faces.preparation.tone import expose, stretch
from semblance.messages.message import Message
from semblance.terms.preparation import (
    Contrast,
    Crop,
    Deinterlace,
    Expose,
    Mirror,
    Rotate,
    Sharpen,
    Step,
    Straighten,
    say_step,
)
from semblance.terms.samples import PhotoFacts


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
            raise StepsInvalid("step.fault", "Step {n}: {fault}", n=number, fault=fault.message) from None
    if pixels is photo.pixels:
        return photo
    pixels.flags.writeable = False
    facts = PhotoFacts(
        sha256=photo.facts.sha256,
        media_type=photo.facts.media_type,
        width=pixels.shape[1],
        height=pixels.shape[0],
        size=photo.facts.size,
        notes=(
            *photo.facts.notes,
            *(Message("photo.prepared", "prepared: {step}", step=say_step(step)) for step in steps),
        ),
    )
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
